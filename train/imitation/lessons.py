"""Samples of a cold start: which thoughts are learned, and the dialogues around them.

A sample's history is what play shows, token for token. In a dialogue the policy's own thoughts stay
where it thought them: so a sample that is a dialogue has all its thoughts in it. In turn mode the
history is the record's, whose messages have no thoughts and get empty ones: so a sample that is a
decision has one thought, its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from msgspec import structs

from reasonact_env.episode import Mode
from reasonact_env.reward import History
from tasks.types import Task
from tools.protocol import with_thought
from tools.types import Message, MessageKind, Role
from train.imitation.samples import Example, imitable
from train.imitation.thoughts import Thought, from_traces, thought_of

DECISION, DIALOGUE = "decision", "dialogue"
"""What one sample is: a single decision, or all decisions of a dialogue."""
LEAST = 2
"""Samples of a kind of decision at least, as far as there are so many. Chosen by hand."""
MODES: Mapping[str, str] = {DIALOGUE: Mode.DIALOGUE.value, DECISION: Mode.TURN.value}
"""What a sample is -> the mode of play that looks like it."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One sample of a cold start."""

    task: Task
    """The dialogue."""
    thoughts: tuple[Thought, ...]
    """The thoughts that are known, in order: those that are learned and those before them."""

    @property
    def learned(self) -> tuple[int, ...]:
        """The numbers of the decisions that carry loss."""
        return tuple(thought.decision for thought in self.thoughts if thought.learned)

    @property
    def kinds(self) -> tuple[str, ...]:
        """What these decisions are."""
        return tuple(kind_of(self.task, number) for number in self.learned)

    @property
    def example(self) -> Example:
        """The dialogue up to the last of them, with its thoughts."""
        decisions = self.task.decisions
        texts = {decisions[one.decision].index: one.text for one in self.thoughts}
        learned = {decisions[number].index for number in self.learned}
        # A thought that stands in <think> must not stand in a think call as well: the policy would
        # learn to think everything twice.
        said_twice = set(_absorbed(self.task, texts))
        messages: list[Message] = []
        places: list[int] = []
        for place, message in enumerate(self.task.messages[: max(learned) + 1]):
            if place in said_twice:
                continue
            if place in learned:  # its place among those kept, since some were left out above
                places.append(len(messages))
            messages.append(_thoughtful(message, texts.get(place)))
        return Example(self.task.tools, tuple(messages), tuple(places))


def _thoughtful(message: Message, thought: str | None) -> Message:
    if thought is None:
        return message
    return structs.replace(message, content=with_thought(message.content, thought))


def _absorbed(task: Task, texts: Mapping[int, str]) -> Iterator[int]:
    """The think calls, and their answers, just before a decision that has their thought."""
    waiting: list[int] = []
    for turn in task.turns:
        if thought_of(turn) is not None:
            waiting.append(turn.index)
            continue
        if turn.index in texts and waiting:
            between = range(waiting[0], turn.index)
            yield from (i for i in between if task.messages[i].role is not Role.USER)
        waiting = []


def kind_of(task: Task, decision: int) -> str:
    """What a decision is: which tool it calls, or whether its reply tells, asks or does neither."""
    turn = task.decisions[decision]
    if turn.kind is MessageKind.CALL:
        return f"call {' + '.join(call.name for call in turn.calls)}"
    if History.of(task.messages[: turn.index]).facts(turn.text):
        return "reply: tells"
    return "reply: asks" if turn.text.rstrip().endswith("?") else "reply: other"


def lessons(tasks: Iterable[Task], thoughts: Iterable[Thought], unit: str) -> list[Lesson]:
    """All samples that thoughts allow.

    Args:
        tasks: Those that the thoughts are about.
        thoughts: In any order.
        unit: `decision`: each learned thought is a sample of its own; `dialogue`: all learned
            thoughts of a task are one, and those that are not learned lend their text.
    """
    by_task: dict[str, list[Thought]] = {}
    for thought in merged(thoughts):
        by_task.setdefault(thought.task, []).append(thought)
    found: list[Lesson] = []
    for task in tasks:
        known = by_task.get(task.id, [])
        if unit == DIALOGUE:
            found += [Lesson(task, tuple(known))] if any(one.learned for one in known) else []
        else:
            found += [Lesson(task, (one,)) for one in known if one.learned]
    return found


def half_aloud(tasks: Iterable[Task]) -> Iterator[Example]:
    """What can be imitated of the tasks; in every second one the agent thinks aloud.

    Both ways are rehearsed, so that the policy forgets neither.
    """
    for number, task in enumerate(tasks):
        thoughts = from_traces(task) if number % 2 else []
        aloud = Lesson(task, tuple(thoughts)).example if thoughts else None
        yield aloud or Example(task.tools, imitable(task))


def merged(thoughts: Iterable[Thought]) -> list[Thought]:
    """Each decision's thought once, in order; it is learned if it is learned in any sample."""
    found: dict[tuple[str, int], Thought] = {}
    for thought in thoughts:
        before = found.setdefault((thought.task, thought.decision), thought)
        if thought.learned and not before.learned:
            found[thought.task, thought.decision] = thought
    return [found[key] for key in sorted(found)]


def chosen(candidates: Sequence[Lesson], count: int, seed: int) -> list[Lesson]:
    """Samples at random, with each kind of decision among them a few times.

    First come `LEAST` of each kind, once each before any of them twice, as far as there are so
    many; the others come as often as the candidates have them. Kinds that were all learned alike
    would be acted alike, too: look-ups are the desk's most common decisions, and a policy that
    learned to think before no more of them than before any write wrote where it had to look.
    """
    order = np.random.default_rng(seed).permutation(len(candidates)).tolist()
    taken: dict[int, Lesson] = {}
    covered: Counter[str] = Counter()
    for least in (*range(1, LEAST + 1), None):
        for i in order:
            kinds = candidates[i].kinds
            wanted = least is None or any(covered[kind] < least for kind in kinds)
            if wanted and i not in taken and len(taken) < count:
                taken[i] = candidates[i]
                covered.update(kinds)
    return list(taken.values())
