"""Lectures: TOML files beside this module, and their typed reader."""

from lsviz.scenes.reader import FOLDER, Lecture, Step, find_lecture, packed, read_lecture, shipped, unpacked

__all__ = ["FOLDER", "Lecture", "Step", "find_lecture", "packed", "read_lecture", "shipped", "unpacked"]
