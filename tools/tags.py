"""The tags in assistant messages, and how much a message may hold.

`tools.protocol` alone reads and writes them.
"""

MAX_CHARS = 100_000
"""The most characters of a message; a longer one is read as a single `too_large` problem."""
MAX_CALLS = 32
"""The most calls of a message; all further ones together are one `too_large` problem."""

THINK, END_THINK = "<think>", "</think>"
CALL, END_CALL = "<tool_call>", "</tool_call>"
EMPTY_THOUGHT = f"{THINK}\n\n{END_THINK}\n\n"
"""What Qwen3's template puts before a message without a thought."""
