"""Inductive bias: what a smoothed network assumes, seeds, wrong labels."""
