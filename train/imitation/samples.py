"""Dialogues as rows for imitation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from transformers import PreTrainedTokenizerBase

from agents.chat import Chat
from tasks.types import Task
from tools.types import Message, Role, ToolSpec


@dataclass(frozen=True, slots=True)
class Example:
    """A dialogue, or its beginning, and what of it is imitated."""

    tools: tuple[ToolSpec, ...]
    """The tools on offer."""
    messages: tuple[Message, ...]
    """The rules first; empty if there is nothing to imitate."""
    learned: tuple[int, ...] | None = None
    """Places of the messages that carry loss; None for all that an assistant said."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What SFT imitates, and what it does not."""

    token_ids: list[list[int]]
    """A dialogue's tokens, rules and schemas first."""
    masks: list[list[int]]
    """1 for the tokens that carry loss: what an assistant said; 0 for all others."""
    cut: int
    """Dialogues that end at the last assistant message within the length limit."""
    too_long: int
    """Dialogues in which no assistant message ends within it."""
    empty: int
    """Dialogues in which no assistant message can be imitated."""

    @property
    def tokens(self) -> int:
        """All tokens of all rows."""
        return sum(map(len, self.token_ids))


def imitable(task: Task) -> tuple[Message, ...]:
    """The dialogue up to its last message that can be imitated.

    A recorded message whose call breaks its own schema is no decision and must not be learned. The
    dialogue ends before the first of these: what follows one would lack its history.
    """
    bad = [turn.index for turn in task.turns if not turn.is_decision]
    end = min(bad, default=len(task.messages))
    good = [turn.index for turn in task.turns if turn.index < end]
    if not good:
        return ()
    return task.messages[: good[-1] + 1]


def dialogues(tasks: Iterable[Task]) -> Iterator[Example]:
    """What can be imitated of the tasks."""
    return (Example(task.tools, imitable(task)) for task in tasks)


def rows_of(
    examples: Iterable[Example], tokenizer: PreTrainedTokenizerBase, max_length: int
) -> Rows:
    """Encodes dialogues with the template in which they will be played.

    Args:
        examples: What to imitate.
        tokenizer: With a template that marks what the assistant says.
        max_length: Tokens of a row at most; a longer dialogue is cut after its last assistant
            message that fits.
    """
    chat = Chat(tokenizer)
    token_ids, masks, cut, too_long, empty = [], [], 0, 0, 0
    for example in examples:
        if not example.messages:
            empty += 1
            continue
        ids, mask = _encode(example, chat)
        length = _whole_messages(ids, mask, max_length, chat.end_id)
        if not length:
            too_long += 1
            continue
        cut += length < len(ids)
        token_ids.append(ids[:length])
        masks.append(mask[:length])
    return Rows(token_ids, masks, cut, too_long, empty)


def _whole_messages(ids: Sequence[int], mask: Sequence[int], limit: int, end: int) -> int:
    """How many tokens fit and end with an assistant's message; all of them, if all fit."""
    if len(ids) <= limit:
        return len(ids)
    # The mask tells an assistant's end token from a user's. A row that ended inside a message would
    # teach half of it.
    ends = (i for i in range(limit - 1, -1, -1) if mask[i] and ids[i] == end)
    return next(ends, -1) + 1


def _encode(example: Example, chat: Chat) -> tuple[list[int], list[int]]:
    ids, mask = chat.row(
        [message.as_dict() for message in example.messages],
        [spec.as_dict() for spec in example.tools],
    )
    return ids, mask if example.learned is None else _of_places(mask, example)


def _of_places(mask: Sequence[int], example: Example) -> list[int]:
    """The mask with the learned messages alone.

    The n-th run of 1s is the assistant's n-th message, since the template's own text, which carries
    no loss, stands between any two.
    """
    spoken = (i for i, message in enumerate(example.messages) if message.role is Role.ASSISTANT)
    kept: list[int] = []
    for said, run in groupby(mask):
        keep = bool(said) and next(spoken) in (example.learned or ())
        kept += [int(keep)] * len(list(run))
    return kept
