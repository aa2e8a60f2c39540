"""The registry: the available rulesets, and the version that is effective on a date."""
