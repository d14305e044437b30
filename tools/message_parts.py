"""Where thoughts and calls stand in an assistant message; `tools.protocol` reads what they say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum

from tools.jsontext import end_of_json, open_string
from tools.tags import CALL, END_CALL, END_THINK, MAX_CALLS, THINK

_THINK_TAG = re.compile(r"</?think>")


class ThinkForm(StrEnum):
    """How a message's thought is written."""

    ABSENT = "absent"
    WELL_FORMED = "well_formed"
    """One closed block, before everything else; a chat template may have opened it."""
    BROKEN = "broken"
    """Unclosed, repeated, closed twice, or not first."""


def split_thoughts(message: str) -> tuple[list[str], ThinkForm, str]:
    """Cuts the thoughts out: their texts, their form, and what is left."""
    if THINK not in message and END_THINK not in message:
        return [], ThinkForm.ABSENT, message
    thoughts: list[str] = []
    kept: list[str] = []
    position, broken = 0, False
    for start, end in think_blocks(message):
        kept.append(message[position:start])
        position = end
        block = message[start:end]
        if block == END_THINK and thoughts:  # closed twice
            broken = True
            continue
        inner = block.removeprefix(THINK).removesuffix(END_THINK)
        closed = len(inner) < len(block.removeprefix(THINK))
        broken = broken or not closed or THINK in inner or bool(kept[0].strip())
        thoughts.append(inner.strip())
    kept.append(message[position:])
    if broken or len(thoughts) > 1:
        return thoughts, ThinkForm.BROKEN, "".join(kept)
    return thoughts, ThinkForm.WELL_FORMED if thoughts else ThinkForm.ABSENT, "".join(kept)


def think_blocks(message: str) -> Iterator[tuple[int, int]]:
    """Where each thought starts and ends, tags included; tags inside a call's JSON are text.

    A thought that the chat template has opened starts with the message, and its closing tag ends
    it wherever no string is open. An unclosed one reaches to the end. A closing tag more is a
    block of its own.
    """
    position, calls, thoughts = 0, 0, 0
    last_close = max(0, message.rfind(END_CALL))
    tag = _THINK_TAG.search(message)
    while tag:
        closes_first = not thoughts and tag[0] == END_THINK
        call = message.find(CALL, position, min(tag.start(), last_close))
        end = _end_of_block(message, call + len(CALL), calls) or last_close if call >= 0 else 0
        cut = closes_first and end > tag.start()
        if call >= 0 and not (cut and not open_string(message[call + len(CALL) : tag.start()])):
            position = end
            calls += 1
        else:
            end = message.find(END_THINK, tag.start())
            position = len(message) if end < 0 else end + len(END_THINK)
            thoughts += 1
            yield 0 if closes_first else tag.start(), position
        if tag.start() < position:
            tag = _THINK_TAG.search(message, position)


def blocks(rest: str) -> Iterator[tuple[int, int | None]]:
    """Where the inside of each call block starts and ends; an unclosed one is the last."""
    position, count = 0, 0
    while (start := rest.find(CALL, position)) >= 0:
        body = start + len(CALL)
        end = _end_of_block(rest, body, count)
        yield body, end
        if end is None:
            return
        position, count = end + len(END_CALL), count + 1


def _end_of_block(text: str, body: int, before: int) -> int | None:
    """Where the closing tag of a call block stands, or None if it is not closed.

    That is the first closing tag behind the JSON of the call; without JSON, the first of all.

    Args:
        text: A message, or what is left of one.
        body: Where the inside of the block starts.
        before: How many blocks come before it. Only the first `MAX_CALLS` are carried out, and only
            their strings are looked at: each look may take as long as the text.
    """
    end = text.find(END_CALL, body)
    if end < 0:
        return None
    if before >= MAX_CALLS or not open_string(text[body:end]):
        return end
    behind = end_of_json(text, body)
    end = end if behind is None else text.find(END_CALL, behind)
    return None if end < 0 else end
