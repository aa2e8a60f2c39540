"""Files of records and results: reading, writing, replacing."""
