"""The mathematics: numpy arrays in, frozen dataclasses out. No files, no clock, no global random state."""
