"""Agents of all kinds, and the loop that lets them play."""
