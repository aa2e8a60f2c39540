"""A sample HR application on kpirules: appraisals from the draft to the signed month."""
