"""Checks of a rubric: they return findings."""
