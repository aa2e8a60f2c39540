"""Tests of the layer cohort."""
