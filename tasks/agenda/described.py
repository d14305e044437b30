"""An agenda in words, for a model that plays the customer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tasks.agenda.agenda import Agenda, Fact, Request
from tasks.agenda.slots import Slot


def described(agenda: Agenda) -> str:
    """An agenda in words."""
    names = {slot: words.partition("|")[0] for slot, words in reversed(agenda.names)}
    lines = ["Who you are:", *(_fact(fact, names) for fact in agenda.identity)]
    lines.append("What you want, one after the other:")
    for number, request in enumerate(agenda.requests, 1):
        wish = request.short if agenda.has_record else request.wish
        lines += [f"{number}. {wish}", *_request(request, names)]
    return "\n".join(lines)


def _request(request: Request, names: Mapping[Slot, str]) -> Iterator[str]:
    yield from (_fact(fact, names) for fact in request.facts)
    for fact in request.change:
        yield f"- When the desk has read it back to you, change your mind: {_words(fact, names)}."
    if request.withdrawn:
        yield "- When you are asked to confirm it, call it off instead."
    if request.insists:
        yield f"- If it is refused, ask again, {request.insists} times in all."
    if request.otherwise is not None:
        yield f"- If it is refused for good: {request.otherwise.wish}"
        yield from _request(request.otherwise, names)


def _fact(fact: Fact, names: Mapping[Slot, str]) -> str:
    slip = f" (say {fact.slip} at first, by mistake; put it right later)" if fact.slip else ""
    return f"- {_words(fact, names)}{slip}"


def _words(fact: Fact, names: Mapping[Slot, str]) -> str:
    return f"{names.get(fact.slot, fact.slot.value.replace('_', ' '))}: {fact.says}"
