"""Overview: the whole story on one page, and the lectures."""
