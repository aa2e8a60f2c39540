"""A whole dataframe through the plan: the quantities as expressions over columns, exact."""
