"""Label smoothing, seen: what it does to targets, loss, confidence and geometry."""
