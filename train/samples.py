"""Dialogues as rows for imitation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from transformers import PreTrainedTokenizerBase

from tasks.types import Task
from tools.types import Message


@dataclass(frozen=True, slots=True)
class Rows:
    """What SFT imitates, and what it does not."""

    token_ids: list[list[int]]
    """A dialogue's tokens, rules and schemas first."""
    masks: list[list[int]]
    """1 for the tokens that an assistant said, which alone carry loss."""
    too_long: int
    """Dialogues beyond the length limit."""
    empty: int
    """Dialogues in which no assistant message can be imitated."""

    @property
    def tokens(self) -> int:
        """All tokens of all rows."""
        return sum(map(len, self.token_ids))


def imitable(task: Task) -> tuple[Message, ...]:
    """The dialogue up to its last message that can be imitated.

    A recorded message that is no decision (its call breaks its own schema) must not be learned, so
    the dialogue ends before the first of them; what follows it would lack its history.
    """
    bad = [turn.index for turn in task.turns if not turn.is_decision]
    end = min(bad, default=len(task.messages))
    good = [turn.index for turn in task.turns if turn.index < end]
    if not good:
        return ()
    return task.messages[: good[-1] + 1]


def rows_of(tasks: Iterable[Task], tokenizer: PreTrainedTokenizerBase, max_length: int) -> Rows:
    """Encodes dialogues with the template in which they will be played.

    Args:
        tasks: The dialogues.
        tokenizer: With a template that marks what the assistant says.
        max_length: Tokens of a row at most.
    """
    rows = Rows([], [], 0, 0)
    too_long = empty = 0
    for task in tasks:
        messages = imitable(task)
        if not messages:
            empty += 1
            continue
        ids, mask = _encode(task, messages, tokenizer)
        if len(ids) > max_length:
            too_long += 1
            continue
        rows.token_ids.append(ids)
        rows.masks.append(mask)
    return Rows(rows.token_ids, rows.masks, too_long, empty)


def _encode(
    task: Task, messages: Sequence[Message], tokenizer: PreTrainedTokenizerBase
) -> tuple[list[int], list[int]]:
    encoded = tokenizer.apply_chat_template(
        [message.as_dict() for message in messages],
        tools=[spec.as_dict() for spec in task.tools] or None,
        tokenize=True,
        return_dict=True,
        return_assistant_tokens_mask=True,
    )
    return list(encoded["input_ids"]), list(encoded["assistant_masks"])
