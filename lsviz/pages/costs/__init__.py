"""Costs: what smoothing takes away."""
