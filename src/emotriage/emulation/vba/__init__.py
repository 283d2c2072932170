"""What VBA would do: reading its source, without ever running it."""
