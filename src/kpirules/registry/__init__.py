"""Which rulesets there are, and which is effective on a date."""
