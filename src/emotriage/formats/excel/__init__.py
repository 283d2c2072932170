"""Workbooks: BIFF, BIFF12, SpreadsheetML and SYLK as sheets, cells, names and formulas."""
