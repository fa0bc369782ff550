"""Soft targets: what the network is told, and what libraries mean by alpha."""
