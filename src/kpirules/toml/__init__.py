"""Ruleset files: TOML text to model and back, positions, fingerprint."""
