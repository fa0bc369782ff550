"""Lectures: TOML files beside this module, their translations in a folder a language, and their typed reader."""

from lsviz.lectures.reader import (
    Lecture,
    Step,
    find_lecture,
    lecture_text,
    packed,
    read_lecture,
    read_unfinished,
    shipped,
    unpacked,
)

__all__ = ["Lecture", "Step", "find_lecture", "lecture_text", "packed", "read_lecture", "read_unfinished", "shipped", "unpacked"]
