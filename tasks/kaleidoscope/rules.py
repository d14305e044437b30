"""A domain's rules in words; the agent follows no others."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.kaleidoscope.domain import Deed, Domain

_INTRODUCTIONS = (
    "You help every {owner} with a {thing}.",
    "You look after {thing}s for any {owner} who writes.",
    "You answer each {owner} who has a {thing}.",
    "Your work is all about {thing}s and the {owner} behind each.",
)
_BY_ID = (
    "If the {id} is missing, ask for it.",
    "Without a {id} you must ask for one.",
    "Always get the {id} first.",
)
_BY_OWNER = (
    "If the {id} is missing, ask for the {owner_id} and use {find}.",
    "Who gives no {id} is asked for the {owner_id}; {find} does the rest.",
    "No {id}? Then {find} needs the {owner_id}.",
)
_LOOK = (
    "Use {get} before any answer about a {thing}.",
    "Check a {thing} with {get} before you judge it.",
    "What you say about a {thing} comes from {get}.",
)
_STATE = (
    "To {verb} a {thing}, its {state_name} must be {state}.",
    "You {verb} a {thing} only while it is {state}.",
    "A {thing} that is not {state} is never {done}.",
)
_LIMIT = (
    "To {verb} a {thing}, it may have {limit} {count} at most.",
    "Never {verb} a {thing} of more than {limit} {count}.",
    "Above {limit} {count} a {thing} is never {done}.",
)
_FREE = (
    "Any {thing} may be {done} at once.",
    "You {verb} any {thing} without looking.",
    "No look is needed to {verb} a {thing}.",
)
_CONFIRM = (
    "Wait for a yes before you act.",
    "Act only after the {owner} has said yes.",
    "Repeat what you will do, and wait for a yes.",
)
_TELLS = (
    "Afterwards tell the {tells}.",
    "Then say the {tells}.",
    "When it is {done}, name the {tells}.",
)
_REFUSAL = (
    "A refusal names the {count}.",
    "Who is refused hears the {count}.",
    "When you say no, give the {count}.",
)
_HELPER = (
    "All else goes to {helper}.",
    "For other matters there is {helper}.",
    "What is not about a {thing} needs {helper}.",
)


def rules(domain: Domain) -> str:
    """The rules text."""
    return " ".join(_sentences(domain))


def _sentences(domain: Domain) -> Iterator[str]:
    names = {
        "thing": domain.thing,
        "owner": domain.owner,
        "id": domain.ids.words,
        "owner_id": domain.owner_ids.words,
        "find": str(domain.find),
        "get": domain.get,
        "count": domain.count.name,
        "state_name": domain.state.name,
        "helper": str(domain.helper),
    }

    def say(options: tuple[str, ...], **more: str) -> str:
        return options[domain.voice % len(options)].format(**names, **more)

    yield say(_INTRODUCTIONS)
    yield say(_BY_OWNER if domain.find else _BY_ID)
    yield say(_LOOK)
    for deed in domain.deeds:
        told = _named(deed)
        yield say(_STATE if deed.state else _LIMIT if deed.limit else _FREE, **told)
        yield say(_TELLS, **told)
    if domain.deeds and domain.confirms:
        yield say(_CONFIRM)
    if domain.refusal_tells and any(deed.is_bound for deed in domain.deeds):
        yield say(_REFUSAL)
    if domain.helper:
        yield say(_HELPER)


def _named(deed: Deed) -> dict[str, str]:
    return {
        "verb": deed.verb,
        "done": deed.done,
        "state": str(deed.state),
        "limit": str(deed.limit),
        "tells": deed.tells.name,
    }
