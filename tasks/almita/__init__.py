"""Reads ALMITA's tables (arXiv 2409.15934): procedures, APIs, conversations, expected turns.

We do not know their header. So the user says which column holds what, or the reader infers it from
names and contents, and says what it understood: `python -m tasks.almita --describe FILE`.
"""
