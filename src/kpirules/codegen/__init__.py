"""A compiled rubric as expressions over columns or cells."""
