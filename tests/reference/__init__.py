"""Independent references: straight code written from the documents, sharing nothing with kpirules."""
