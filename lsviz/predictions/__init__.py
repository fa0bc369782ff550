"""Somebody's own network: recorded while it runs, read from a file, reported. No streamlit."""
