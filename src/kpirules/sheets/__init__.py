"""Score sheets: the form of a rubric, blank or filled, to print, sign, read and fill in."""
