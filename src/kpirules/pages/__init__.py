"""Pages about rulesets, for a documentation site: written from the data, a page a version."""
