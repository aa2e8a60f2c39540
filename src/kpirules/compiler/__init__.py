"""A rubric compiled: tables, formulas, weights and totals."""
