"""Score sheets as workbooks."""
