"""What Excel 4.0 formulas would do: reading their texts, without ever running them."""
