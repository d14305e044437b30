"""Which endpoints this process has reached: at one where nobody listens, nobody is kept waiting.

A server that was there and is gone may come back, and is worth all attempts. At an address that
has refused every connection so far something is wrong, most often the address.
"""

from __future__ import annotations

import sys
from threading import Lock

AT_FIRST = 3
"""Attempts at an address that has never answered, and refuses the connection."""

_lock = Lock()
_reached: set[str] = set()
_waited_for: set[str] = set()
"""Addresses of which it was said that they are waited for."""
_given_up: set[str] = set()


def reached(url: str) -> None:
    """Notes that somebody listens there."""
    if url not in _reached:
        with _lock:
            _reached.add(url)
            _given_up.discard(url)


def attempts(url: str, usual: int) -> int:
    """How many attempts a refused connection is worth; a single one after all have failed.

    Args:
        url: The endpoint's address.
        usual: Attempts at an endpoint that has answered before.
    """
    if url in _reached:
        return usual
    return 1 if url in _given_up else min(usual, AT_FIRST)


def waiting(model: str, url: str, number: int, tries: int) -> None:
    """Says once for an address that has never answered that it is waited for."""
    with _lock:
        if url in _reached or url in _waited_for:
            return
        _waited_for.add(url)
    words = f"waiting for {model} at {url}, which refuses the connection: {number} of {tries} tries"
    print(words, file=sys.stderr, flush=True)


def give_up(url: str) -> None:
    """Notes that all attempts there have failed; whoever asks next tries once."""
    if url not in _reached:
        with _lock:
            _given_up.add(url)
