"""Inductive bias: what a smoothed network assumes, what varies between seeds, whether it generalises."""
