"""Networks: what is stored, how it compares with the literature, how to train more."""
