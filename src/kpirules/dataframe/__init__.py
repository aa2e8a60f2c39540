"""Score whole dataframes: the compiled rubric as exact expressions over columns."""
