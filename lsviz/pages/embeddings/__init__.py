"""Embeddings: the last layer's features as pictures, and the numbers behind them."""
