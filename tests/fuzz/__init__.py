"""Fuzzing: whatever text comes in, only errors of kpirules come out, and within bounds."""
