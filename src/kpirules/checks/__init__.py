"""The checks: rubric to findings."""
