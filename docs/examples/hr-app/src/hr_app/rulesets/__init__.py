"""The rules of the demonstration."""
