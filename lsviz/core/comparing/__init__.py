"""Networks compared: by seeds, in pairs, by what they answer when they may decline."""
