"""The functions that ``kpirules`` offers for one ruleset."""
