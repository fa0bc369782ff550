"""Somebody's own training curves: written while a network trains, read from a file, reported. No streamlit."""
