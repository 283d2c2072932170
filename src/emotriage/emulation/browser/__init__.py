"""What scripts of a page would do in a browser: its objects, as data and as effects; nothing is ever executed."""
