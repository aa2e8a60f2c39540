"""Findings: the problems of a ruleset and their locations."""
