"""Where it is used: thin, on the public names alone."""
