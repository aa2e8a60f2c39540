"""Documentation pages about rulesets, written from the data: one page for each version."""
