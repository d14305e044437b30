"""Which tools hand a conversation over to a human, told from names and descriptions.

Words decide, not one of them alone: `transfer_to_human_agents`, `human_handoff`, `talk_to_human`
and `escalate_issue` hand over. `transfer_money_to_person` moves money, `get_agent_details` looks
something up, and `notify_staff` ends nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from tools.verbs import QUESTIONS, READS


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_PEOPLE = _set(
    "human humans agent agents representative representatives rep operator operators supervisor "
    "supervisors staff specialist specialists advisor adviser associate attendant manager person "
    "personnel people someone somebody colleague expert"
)
_DESKS = _set("support service care helpdesk desk department team center centre")
"""Where people sit: they count behind `to` or `with`."""
_TRANSFERS = _set(
    "transfer transferring connect connecting forward route redirect reroute refer pass switch hand"
)
_TALKS = _set("talk speak chat")
_CALLS = _set("contact call summon request page assign reach get need bring involve")
"""Verbs that call a human; with an agent they may call a program."""
_HANDOVERS = _set("handover handoff handoffs handovers")
_TALKED = _set("chat conversation dialog dialogue")
"""What is transferred without a word of people: `transfer_conversation`; a call may be any."""
_ESCALATES = _set("escalate escalation escalates")
_STARTS = _set("initiate start trigger create perform begin make do send submit execute")
_FILLERS = _set(
    "a an the to with over off up or for of in on call calls chat chats conversation conversations "
    "customer customers user users client caller member session dialog dialogue inquiry query me "
    "them us live real actual next available senior tier level first second third 1 2 3 l1 l2 l3 "
    "sales billing technical tech help phone line immediate assistance takeover intervention "
    "transfer request connect tool function action"
)
"""Words that leave a hand-over what it is; any other names something else that is handed over."""
_KEPT = _set("ticket tickets case cases issue issues incident incidents complaint order request")
"""Things that are kept, which can be escalated."""
_NOT_ESCALATED = _set(
    "priority priorities privilege privileges permission permissions price prices"
)

_DESCRIBED = re.compile(
    r"""\W*
    (?: (?:use|call|invoke)s?\ this\ (?:tool\ |function\ )?to\ 
    | (?:this\ )?(?:tool|function)\ (?:to\ |that\ |which\ )? | allows\ \w+\ to\  )?
    (?:transfer|hand|escalate|connect|forward|route|redirect|pass|switch)(?:s|es|ring|ing)?\b
    (?: (?!money|fund|payment|amount|balance|ticket\ to|package|ownership)[^.] ){0,60}?
    \b(?:to|with)\b [^.]{0,30}?
    \b(?: humans? | (?:live|real)\ (?:agent|person|representative|operator)
    | (?:customer|support|service)\ (?:\w+\ )?(?:agent|representative|specialist)s?
    | supervisor | representative )\b
    | \W*lets?\ an?\ (?:human|person|agent)\ (?:\w+\ )?take""",
    re.IGNORECASE | re.VERBOSE,
)
_MONEY = re.compile(
    r"[^.]{0,40}\b(?:money|funds|cash|payments?|balances?|tokens|ownership)\b", re.IGNORECASE
)
"""A description that begins so tells of something else than a conversation."""
_PATH = re.compile(r"[./:]+|__+")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def words_of(text: str) -> tuple[str, ...]:
    """The words of a name or of the beginning of a description, in lower case."""
    return tuple(word.lower() for word in _WORD.findall(text[:200]))


def parts_of(name: str) -> tuple[str, ...]:
    """The parts of a name with what it belongs to: `store.find`, `mcp__git__git_log`."""
    return tuple(part for part in _PATH.split(name[:200]) if part) or ("",)


@lru_cache(maxsize=4096)
def is_handover(name: str, description: str = "") -> bool:
    """Whether a tool hands the conversation over to a human, as `transfer_to_human_agents` does.

    Args:
        name: The tool's name.
        description: Its description; what it begins with counts where the name leaves it open.
    """
    parts = parts_of(name)
    words = words_of(parts[-1])
    if not words or words[0] in READS - {"speak", "get"} or words[0] in QUESTIONS:
        return False
    if _is_named(words) or (len(parts) > 1 and _is_named(words_of(name))):
        return _MONEY.match(description) is None
    return _DESCRIBED.match(description) is not None


def escalates_a_thing(words: Sequence[str]) -> bool:
    """Whether something is escalated that is kept, such as a ticket, and so is changed."""
    return not _ESCALATES.isdisjoint(words) and not _KEPT.isdisjoint(words)


def _is_named(words: tuple[str, ...]) -> bool:
    said = frozenset(words)
    people = said & _PEOPLE
    rest = said - _PEOPLE - _FILLERS - _DESKS
    if "hand" in said and said & {"over", "off"}:
        rest -= {"hand"}
        return rest <= _STARTS
    if said & _HANDOVERS:
        return rest - _HANDOVERS <= _STARTS
    if "takeover" in said and people:
        return rest <= _STARTS
    if words[0] == "transfer" and words[1:] and said <= _TALKED | {"transfer", "the", "to", "a"}:
        return True
    if said & _ESCALATES:
        return said.isdisjoint(_NOT_ESCALATED) and rest - _ESCALATES - _KEPT <= _STARTS
    if said & _TALKS and (people or said & _DESKS):
        return words[0] in _TALKS and rest <= _TALKS
    if said & _TRANSFERS and rest <= _TRANSFERS | _STARTS:
        return _is_transfer(words, people)
    if words[0] in _CALLS and rest <= _CALLS:
        return bool(people) and (
            bool(said & {"human", "humans", "live", "real"})
            or words[0] in {"request", "contact"}
            or (words[0] in {"call", "summon", "page"} and people.isdisjoint({"agent", "agents"}))
        )
    return False


def _is_transfer(words: tuple[str, ...], people: frozenset[str]) -> bool:
    """Whether somebody is passed on to people, and not people or things to somebody."""
    if words[-1] in _TRANSFERS:  # `live_agent_transfer`
        return bool(people)
    to = next((i for i, word in enumerate(words) if word in {"to", "with"}), None)
    if to is None:
        return bool(people) and words[0] in _TRANSFERS and words[1] not in {"agent", "agents"}
    return not (_PEOPLE | _DESKS).isdisjoint(words[to:])
