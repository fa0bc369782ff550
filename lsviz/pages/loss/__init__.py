"""Loss: what the smoothed loss asks for, where it is least, and where real networks land."""
