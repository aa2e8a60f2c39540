"""Properties of the whole: what `check` reports against what records show."""
