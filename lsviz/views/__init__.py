"""One page a file: read the state, load, compute, draw. No formulas, no sentences."""
