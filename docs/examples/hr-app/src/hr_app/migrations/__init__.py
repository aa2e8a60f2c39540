"""Changes of the tables, and the groups."""
