"""JScript: read, compiled to stack code and evaluated with unknowns; nothing is ever executed."""
