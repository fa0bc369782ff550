"""Your model: somebody's own predictions."""
