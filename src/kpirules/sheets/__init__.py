"""Score sheets: the form of a rubric, blank or filled, to print, to sign, to read, to fill in."""
