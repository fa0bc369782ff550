"""Lab: networks trained live."""
