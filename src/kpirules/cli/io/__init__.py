"""Read files of records, write files of results."""
