"""What is inside: things made to hold things yield children."""
