"""Around every page: the lecture's bar, the Share menu, the warm-up round."""
