"""The words of forms and sheets, in each language."""
