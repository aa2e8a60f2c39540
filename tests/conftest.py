"""What all tests share: the Hypothesis profiles and the rule for missing programs."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings


#: read by type checkers, or run by hand
collect_ignore = ["typing", "benchmarks", "run.py"]

# The same examples each time, so that a change alone decides whether the tests pass; the nightly
# profile looks for new ones.
settings.register_profile(
    "default",
    max_examples=300,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "nightly", settings.get_profile("default"), max_examples=10_000, derandomize=False
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
