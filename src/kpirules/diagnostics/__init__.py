"""Findings: what is wrong with a ruleset, and where."""
