"""One record evaluated, and its result."""
