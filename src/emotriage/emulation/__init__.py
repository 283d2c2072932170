"""What it would do: static interpreters and unfolding; nothing is ever executed."""
