"""A run's folder, its journal, its live view, and the failures that are named in it."""
