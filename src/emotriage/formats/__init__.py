"""How to read it: bounded parsers without opinions, and the only home of third-party parsers."""
