"""Reads ALMITA's tables (arXiv 2409.15934): procedures, APIs, conversations, what comes next.

Their header was unknown to us, so the reader is told which column holds what, or finds out by names
and contents, and says what it understood: `python -m tasks.almita --describe FILE`.
"""
