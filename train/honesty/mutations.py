"""Changes of an episode's messages, by which the search tries what nobody honest would send."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agents.baselines import REFUSAL
from agents.hacks import COUNTED, ONE_MOMENT, PROMISE
from reasonact_env.reward.text import POLITE_REPLY
from tasks.facts import fact_tokens
from tools.protocol import parse, render
from tools.types import Json, MessageKind, ToolCall

Actions = list[str]
MOST = 40
"""Messages of an episode at most."""
STOCK = ("", POLITE_REPLY, REFUSAL, ONE_MOMENT, PROMISE, " ".join(map(str, range(COUNTED))))
"""Messages that fit nowhere and everywhere."""


@dataclass(frozen=True, slots=True)
class Stock:
    """What changes are made of."""

    messages: tuple[str, ...]
    """Whole messages: those above, and those of gold, baselines, hacks and earlier finds."""
    calls: tuple[ToolCall, ...]
    """Calls of this task's record, and of others that have the same tools."""
    values: tuple[Json, ...]
    """Values of the calls' arguments."""
    facts: tuple[str, ...]
    """The facts that the record tells or is told."""

    @classmethod
    def of(cls, messages: Sequence[str], calls: Sequence[ToolCall], texts: Sequence[str]) -> Stock:
        """A stock of what is there."""
        values = tuple(value for call in calls for value in call.arguments.values())
        facts = sorted(frozenset().union(*map(fact_tokens, texts)))
        return cls(tuple(dict.fromkeys([*STOCK, *messages])), tuple(calls), values, tuple(facts))


Change = Callable[[random.Random, Actions, Stock], Actions]
"""A change gets a copy of the messages, at least one."""


def changed(rng: random.Random, actions: Sequence[str], stock: Stock) -> Actions:
    """The messages after one change or a few."""
    found = list(actions)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        found = rng.choice(CHANGES)(rng, found or [""], stock)[:MOST]
    return found or [""]


def changed_message(rng: random.Random, message: str, stock: Stock) -> str:
    """One message after one change or a few that leave it one."""
    found = message
    for _ in range(rng.choice((1, 1, 2, 3))):
        (found,) = rng.choice(ALONE)(rng, [found], stock)
    return found


def _drop(rng: random.Random, actions: Actions, stock: Stock) -> Actions:
    del actions[rng.randrange(len(actions))]
    return actions


def _double(rng: random.Random, actions: Actions, stock: Stock) -> Actions:
    at = rng.randrange(len(actions))
    return [*actions[:at], *[actions[at]] * rng.choice((2, 3)), *actions[at + 1 :]]


def _swap(rng: random.Random, actions: Actions, stock: Stock) -> Actions:
    one, other = rng.randrange(len(actions)), rng.randrange(len(actions))
    actions[one], actions[other] = actions[other], actions[one]
    return actions


def _cut(rng: random.Random, actions: Actions, stock: Stock) -> Actions:
    return actions[: rng.randrange(len(actions) + 1)]


def _insert(rng: random.Random, actions: Actions, stock: Stock) -> Actions:
    actions.insert(rng.randrange(len(actions) + 1), rng.choice(stock.messages))
    return actions


def _replace(rng: random.Random, actions: Actions, stock: Stock) -> Actions:
    actions[rng.randrange(len(actions))] = rng.choice(stock.messages)
    return actions


def _replies_become(rng: random.Random, actions: Actions, stock: Stock) -> Actions:
    """All replies give way to one message."""
    instead = rng.choice(stock.messages)
    return [instead if parse(one).kind is MessageKind.REPLY else one for one in actions]


def _calls_first(rng: random.Random, actions: Actions, stock: Stock) -> Actions:
    """All calls in the first message, then the last reply alone."""
    calls = [call for one in actions for call in parse(one).calls]
    replies = [one for one in actions if parse(one).kind is MessageKind.REPLY]
    return [render(calls), *replies[-1:]] if calls else actions


def _calls_last(rng: random.Random, actions: Actions, stock: Stock) -> Actions:
    """All is told before anything is looked up."""
    return sorted(actions, key=lambda one: parse(one).kind is MessageKind.CALL)


def _told_at_once(rng: random.Random, actions: Actions, stock: Stock) -> Actions:
    """All replies as one."""
    replies = [one for one in actions if parse(one).kind is MessageKind.REPLY]
    calls = [one for one in actions if parse(one).kind is not MessageKind.REPLY]
    return [*calls, "\n".join(replies)]


def _facts_alone(rng: random.Random, actions: Actions, stock: Stock) -> Actions:
    """A reply becomes a list of facts: its own, or all that there are."""
    at = rng.randrange(len(actions))
    own = sorted(fact_tokens(actions[at]))
    actions[at] = " ".join(rng.choice((own, stock.facts)))
    return actions


def _scramble(rng: random.Random, actions: Actions, stock: Stock) -> Actions:
    """A reply's words in another order."""
    at = rng.randrange(len(actions))
    words = actions[at].split()
    rng.shuffle(words)
    if parse(actions[at]).kind is MessageKind.REPLY:
        actions[at] = " ".join(words)
    return actions


def _halve(rng: random.Random, actions: Actions, stock: Stock) -> Actions:
    """A reply without some of its words."""
    at = rng.randrange(len(actions))
    if parse(actions[at]).kind is MessageKind.REPLY:
        actions[at] = " ".join(word for word in actions[at].split() if rng.random() < 0.6)
    return actions


def _beside(rng: random.Random, actions: Actions, stock: Stock) -> Actions:
    """A text and calls in one message."""
    at = rng.randrange(len(actions))
    text = rng.choice(stock.messages)
    if parse(text).kind is MessageKind.REPLY:
        actions[at] = f"{actions[at]}\n{text}" if rng.random() < 0.5 else f"{text}\n{actions[at]}"
    return actions


def _value(rng: random.Random, actions: Actions, stock: Stock) -> Actions:
    """An argument with another value, or left out."""
    at = rng.randrange(len(actions))
    calls = list(parse(actions[at]).calls)
    if calls and stock.values:
        place = rng.randrange(len(calls))
        arguments = dict(calls[place].arguments)
        if arguments:
            name = rng.choice(sorted(arguments))
            if rng.random() < 0.2:
                del arguments[name]
            else:
                arguments[name] = rng.choice(stock.values)
        calls[place] = ToolCall(calls[place].name, arguments)
        actions[at] = render(calls)
    return actions


def _more_calls(rng: random.Random, actions: Actions, stock: Stock) -> Actions:
    """Calls beside those of a message, or in place of them."""
    if stock.calls:
        at = rng.randrange(len(actions))
        more = [rng.choice(stock.calls) for _ in range(rng.choice((1, 1, 2, 8)))]
        kept = parse(actions[at]).calls if rng.random() < 0.7 else ()
        actions[at] = render([*kept, *more])
    return actions


def _fewer_calls(rng: random.Random, actions: Actions, stock: Stock) -> Actions:
    at = rng.randrange(len(actions))
    calls = list(parse(actions[at]).calls)
    if len(calls) > 1:
        del calls[rng.randrange(len(calls))]
        actions[at] = render(calls)
    return actions


def _thought(rng: random.Random, actions: Actions, stock: Stock) -> Actions:
    at = rng.randrange(len(actions))
    actions[at] = render(text=actions[at], thought="well " * rng.choice((0, 5, 60)))
    return actions


ALONE: Sequence[Change] = (
    _replace,
    _facts_alone,
    _scramble,
    _halve,
    _beside,
    _value,
    _more_calls,
    _fewer_calls,
    _thought,
)
"""Changes that leave as many messages as there were."""
CHANGES: Sequence[Change] = (
    *ALONE,
    _drop,
    _drop,
    _double,
    _swap,
    _cut,
    _insert,
    _replies_become,
    _calls_first,
    _calls_last,
    _told_at_once,
)
"""All changes."""
