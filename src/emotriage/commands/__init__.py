"""What the command line can do: one module a command, imported when it is called."""
