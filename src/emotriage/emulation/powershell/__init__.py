"""PowerShell: read and evaluated with unknowns; nothing is ever executed."""
