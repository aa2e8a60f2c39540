"""JSON Schema of the records of a rubric."""
