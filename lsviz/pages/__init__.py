"""One folder a page: its page.py, its parts and its figures. No page imports another."""
