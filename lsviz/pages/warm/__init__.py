"""Warm-up: every page opened once before class."""
