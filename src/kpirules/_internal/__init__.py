"""Helpers without words of the domain."""
