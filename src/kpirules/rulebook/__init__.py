"""Rules in a workbook: a ruleset as sheets that people fill in, in both directions."""
