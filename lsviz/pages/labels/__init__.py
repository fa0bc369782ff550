"""Wrong labels: noise and smoothing as one thing, what smoothing buys there, what it erases of how classes are alike."""
