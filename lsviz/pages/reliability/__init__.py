"""Reliability: confidence against accuracy, and what repairs it."""
