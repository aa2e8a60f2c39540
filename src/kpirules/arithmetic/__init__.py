"""Exact numbers, ranges, intervals and decision tables."""
