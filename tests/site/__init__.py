def settled(page):
    """Wait until what is shown is about what is written."""
    page.wait_for_selector('html[data-state="done"]', state="attached", timeout=120_000)
