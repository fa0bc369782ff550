"""What the stored networks come to: worked out once, kept for all sessions. Draws nothing."""
