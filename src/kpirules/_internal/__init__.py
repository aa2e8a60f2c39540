"""General helpers that know nothing about rulesets."""
