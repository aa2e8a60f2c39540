"""A sample HR application on kpirules."""
