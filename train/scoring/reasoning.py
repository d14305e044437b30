"""How well a thought fits its act: by facts, rule, truth to the conversation, and agreement.

All four are shares between 0 and 1, counted on words and strings with digits, without a model. They
do not say whether a thought is good; they say whether it is about this decision. The same thoughts,
dealt out to other decisions, score far lower (`tests/train/scoring/test_reasoning.py`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from reasonact_env.episode import Episode, Mode
from tasks.facts import fact_tokens, facts
from tasks.types import Task
from tools.protocol import Parsed, ThinkForm
from tools.types import Json, Message, Role, ToolCall
from train.scoring.stats import Ratio

STEM = 5
"""Words are compared by their first letters, this many, so that `cancelled` meets `cancellation`.

Chosen by hand: fewer letters join unrelated words, more part the forms of one.
"""

_WORD = re.compile(r"[a-z]{4,}")
_SENTENCE = re.compile(r"(?<=[.:;!?])\s+|\n+")


@dataclass(frozen=True, slots=True)
class ActionTaken:
    """What an assistant does in one message."""

    calls: tuple[ToolCall, ...]
    """Its calls."""
    reply: str
    """What it tells the user; empty if it makes calls."""

    @property
    def text(self) -> str:
        """Everything that a thought could have announced."""
        return " ".join(
            [*(f"{call.name} {_flat(call.arguments)}" for call in self.calls), self.reply]
        )

    def facts(self, before: Iterable[Message]) -> frozenset[str]:
        """The facts it rests on: those of its arguments, and those that its reply passes on."""
        given = frozenset[str]().union(*(fact_tokens(_flat(call.arguments)) for call in self.calls))
        said = [message for message in before if message.role in (Role.TOOL, Role.USER)]
        tools = [message.content for message in said if message.role is Role.TOOL]
        users = [message.content for message in said if message.role is Role.USER]
        return given | facts(self.reply, tools, users)


def worth(
    thought: str, act: ActionTaken, needed: ActionTaken, before: Sequence[Message]
) -> dict[str, float]:
    """Compares a thought with its act and with what came before.

    Args:
        thought: The thought's text.
        act: What was done after it.
        needed: What the decision asks for: the recorded act where there is one, else `act`.
        before: The messages before it, the rules first.

    Returns:
        `facts`: of the facts that the needed act rests on, the share that the thought names.
        `rule`: how far the thought and the needed act point at the same sentences of the rules.
        `grounded`: of the thought's own facts, the share that rules, user, tools or the act have.
        `agreement`: of the thought's words, by weight, the share that comes back in the act.
        A name is missing where its share would be of nothing.
    """
    rules, own = _rules(before[0].content), fact_tokens(thought)
    wanted, words = needed.facts(before), terms(thought)
    heard = [message.content for message in before if message.role is not Role.ASSISTANT]
    known = fact_tokens(act.text).union(*map(fact_tokens, heard))
    asked = before[-1].content if before[-1].role is Role.USER else ""
    found = {
        "facts": _share(own, wanted),
        "grounded": _share(known, own),
        "rule": rules.likeness(words, terms(f"{needed.text} {asked}")),
        "agreement": rules.overlap(words, terms(act.text)),
    }
    return {name: value for name, value in found.items() if value is not None}


def thought_parts(task: Task, episode: Episode, messages: Sequence[Parsed]) -> dict[str, Ratio]:
    """What an episode's thoughts add to the numerators and denominators of `train.scoring.metrics`.

    Args:
        task: Its task.
        episode: What happened.
        messages: Its steps' messages, read.
    """
    formed = sum(message.thinking is ThinkForm.WELL_FORMED for message in messages)
    found: dict[str, list[float]] = {}
    for number, message in enumerate(messages):
        if message.thought:
            act = ActionTaken(message.calls, message.reply.text if message.reply else "")
            before, needed = _situation(task, episode, number, act)
            for name, value in worth(message.thought, act, needed, before).items():
                found.setdefault(f"thought_{name}", []).append(value)
    parts = {name: (sum(values), float(len(values))) for name, values in found.items()}
    return {"thoughts": (formed, len(messages)), **parts}


def _situation(
    task: Task, episode: Episode, number: int, act: ActionTaken
) -> tuple[Sequence[Message], ActionTaken]:
    """The messages before a step's own, and the act that is asked for: the recorded one if any."""
    if episode.mode is Mode.TURN:
        gold = task.decisions[episode.steps[number].turn]
        return task.messages[: gold.index], ActionTaken(gold.calls, gold.text)
    said = [
        message
        for step in episode.steps[:number]
        for message in (Message(Role.ASSISTANT, step.action), *step.answers)
    ]
    return (*episode.opening, *said), act


@lru_cache(maxsize=4096)
def terms(text: str) -> frozenset[str]:
    """What can come back elsewhere: the beginnings of longer words, and facts.

    >>> sorted(terms("Order 181 is pending: it can be cancelled."))
    ['181', 'cance', 'order', 'pendi']
    """
    stems = (word[:STEM] for word in _WORD.findall(text.lower().replace("_", " ")))
    return frozenset(stems) | fact_tokens(text)


@dataclass(frozen=True, slots=True)
class RuleSentences:
    """The sentences of a business's rules, and how much each word tells them apart."""

    sizes: tuple[int, ...]
    """Terms of each sentence."""
    places: Mapping[str, tuple[int, ...]]
    """Term -> the sentences that have it."""

    @classmethod
    def of(cls, text: str) -> RuleSentences:
        """Reads the rules."""
        sentences = [found for part in _SENTENCE.split(text) if (found := terms(part))]
        places: dict[str, tuple[int, ...]] = {}
        for number, sentence in enumerate(sentences):
            for term in sorted(sentence):
                places[term] = (*places.get(term, ()), number)
        return cls(tuple(map(len, sentences)), places)

    def weight(self, term: str) -> float:
        """Inverse frequency: rare terms weigh more, and terms that the rules lack weigh most."""
        return math.log((len(self.sizes) + 1) / (len(self.places.get(term, ())) + 0.5))

    def overlap(self, said: frozenset[str], other: frozenset[str]) -> float | None:
        """Of the terms that are said, the share, by weight, that the other text has, too."""
        whole = math.fsum(map(self.weight, said))
        return math.fsum(map(self.weight, said & other)) / whole if whole else None

    def likeness(self, one: frozenset[str], other: frozenset[str]) -> float | None:
        """The correlation of two texts' pulls towards each sentence, at least 0."""
        if not self.sizes:
            return None
        x, y = self._pulls(one), self._pulls(other)
        spread = math.sqrt(math.fsum(a * a for a in x) * math.fsum(b * b for b in y))
        shared = math.fsum(a * b for a, b in zip(x, y, strict=True))
        return max(0.0, shared / spread) if spread else 0.0

    def _pulls(self, said: frozenset[str]) -> list[float]:
        """How much each sentence shares with a text, less the mean over all sentences."""
        pulls = [0.0] * len(self.sizes)
        for term in sorted(said & self.places.keys()):  # sorted: sums must not depend on hashes
            for number in self.places[term]:
                pulls[number] += self.weight(term) / math.sqrt(1 + self.sizes[number])
        mean = math.fsum(pulls) / len(pulls)
        return [pull - mean for pull in pulls]


_rules = lru_cache(maxsize=64)(RuleSentences.of)


def _share(found: frozenset[str], wanted: frozenset[str]) -> float | None:
    return len(found & wanted) / len(wanted) if wanted else None


def _flat(value: Json | Mapping[str, Json]) -> str:
    """All values of a JSON value as words."""
    if isinstance(value, Mapping):
        return " ".join(map(_flat, value.values()))
    if isinstance(value, list):
        return " ".join(map(_flat, value))
    return str(value)
