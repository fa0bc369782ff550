"""Heavy work behind the pages: one queue, one training process, and whether memory allows either."""
