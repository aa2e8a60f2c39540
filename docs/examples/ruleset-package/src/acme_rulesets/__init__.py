"""Acme's appraisal schemes; kpirules finds the files by the package's entry point."""
