"""A customer's reaction to a reply: pure decisions, without words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from tasks.agenda.agenda import Agenda, facts_of
from tasks.agenda.hearing import heard
from tasks.agenda.mind import IDENTITY, CustomerAct, Mind, Turn
from tasks.agenda.readback import has_sign, mentions, wrong_fact
from tasks.agenda.slots import Slot
from tasks.agenda.tone import LISTENS_TO, Tone, tone_of
from tools.remembered import remembered

_CHOICES = (Slot.NEW_ITEM, Slot.FLIGHT, Slot.PAYMENT, Slot.ITEM, Slot.ORDER_ID, Slot.CABIN)
"""The slots that "which of these?" may ask for, the likeliest first."""
_BY_WORDS = {Slot.ORDER_ID: Slot.ITEM, Slot.RESERVATION_ID: Slot.ROUTE}
"""The slots that a customer can tell without the number."""


_LOOKED_UP = (
    *(Slot.NAME, Slot.ZIP, Slot.EMAIL, Slot.USER_ID),
    *(Slot.ORDER_ID, Slot.RESERVATION_ID),
)
"""The slots that an agent may fail to find."""


_OPEN = frozenset({Slot.MORE, Slot.REQUEST})
_NO_DATA = (Slot.CONFIRM, Slot.MORE, Slot.REQUEST, Slot.CHOICE)


def opening(agenda: Agenda) -> Turn:
    """The first message: the wish, perhaps with the identity."""
    mind = Mind(wished=not agenda.vague, given=agenda.introduces)
    if mind.wished:
        mind = _with(mind, agenda.requests[0].stated)
    return Turn(CustomerAct.OPENS, mind, tells=agenda.introduces, wishes=mind.wished)


def react(agenda: Agenda, mind: Mind, reply: str) -> Turn:
    """The reaction to a reply of a customer who has not left yet."""
    turn = _reaction(agenda, mind, reply)
    if turn.act is CustomerAct.LEAVES:
        return replace(turn, asked_more=not _OPEN.isdisjoint(_heard(agenda, reply)))
    if turn.mind.bothered > agenda.patience and turn.act not in (
        CustomerAct.LEAVES,
        CustomerAct.GOES_ON,
    ):
        return Turn(CustomerAct.GIVES_UP, replace(turn.mind, left=True))
    return turn


def _reaction(agenda: Agenda, mind: Mind, reply: str) -> Turn:
    asked, tone = _heard(agenda, reply), tone_of(reply)
    slips = mind.slips(agenda)
    if slips and (Tone.NOT_FOUND in tone or set(slips) & set(asked)):
        return _mend(agenda, mind, slips, asked)
    if not mind.wished:
        return _first_wish(agenda, mind, asked)
    turn = _setback(agenda, mind, reply, asked, tone)
    if turn is not None:
        return turn
    if wrong := _misread(agenda, mind, reply, asked, tone):
        return _correct(mind, wrong)
    if Slot.CONFIRM in asked and not mind.dropped:
        return _confirm(agenda, mind, reply, asked)
    if wanted := _data(agenda, mind, asked):
        return _answer(agenda, mind, wanted)
    return _unasked(agenda, mind, reply, asked, tone)


def _mend(agenda: Agenda, mind: Mind, slips: tuple[Slot, ...], asked: Sequence[Slot]) -> Turn:
    """Corrects its slips, and tells what else was asked for."""
    others = [s for s in _data(agenda, mind, asked) if s not in slips and mind.knows(agenda, s)]
    mended = replace(mind, mended=mind.mended + slips)
    return Turn(CustomerAct.CORRECTS, _with(mended, others), tells=(*slips, *others))


def _correct(mind: Mind, slot: Slot) -> Turn:
    """Corrects a slot that a reply has wrong."""
    mended = (*mind.mended, slot) if slot in mind.given else mind.mended
    return Turn(CustomerAct.CORRECTS, replace(_bothered(mind), mended=mended), tells=(slot,))


def _first_wish(agenda: Agenda, mind: Mind, asked: Sequence[Slot]) -> Turn:
    """Brings up the first request, with the slots of its identity that were asked for."""
    data = _data(agenda, mind, asked)
    wanted = tuple(slot for slot in data if slot in IDENTITY)
    answer = _answer(agenda, mind, wanted)
    wished = Slot.REQUEST in asked or len(wanted) < len(data) or not wanted
    if not wished:
        return answer
    request = mind.request(agenda)
    return replace(
        answer, mind=_with(replace(answer.mind, wished=True), request.stated), wishes=True
    )


def _setback(
    agenda: Agenda, mind: Mind, reply: str, asked: Sequence[Slot], tone: Tone
) -> Turn | None:
    """The reaction if something is not found or refused; None otherwise."""
    if mind.dropped or (mind.agreed and Tone.DONE in tone):
        return None
    if Tone.NOT_FOUND in tone and not _data(agenda, mind, asked):
        known = tuple(slot for slot in mind.given if slot in _LOOKED_UP)
        if known and (agenda.has_record or known != mind.repeated):
            return Turn(CustomerAct.ANSWERS, _told_again(mind, known), tells=known, again=True)
        if agenda.has_record:  # there, no agent refuses because something is not found
            return None
    if Tone.REFUSED in tone or Tone.NOT_FOUND in tone:
        return _refused(agenda, mind, reply, asked)
    return None


def _told_again(mind: Mind, known: tuple[Slot, ...]) -> Mind:
    return replace(_bothered(mind), repeated=known)


def _refused(agenda: Agenda, mind: Mind, reply: str, asked: Sequence[Slot]) -> Turn | None:
    """The reaction to a refusal; None if the refusal is not about the request."""
    request = mind.request(agenda)
    if request.otherwise is not None:
        return _fall_back(agenda, mind, reply, asked)
    if Slot.CONFIRM in asked or _data(agenda, mind, asked):
        return None
    if mind.insisted < request.insists:
        return Turn(CustomerAct.INSISTS, replace(mind, insisted=mind.insisted + 1))
    return _go_on(agenda, mind, refused=True)


def _fall_back(agenda: Agenda, mind: Mind, reply: str, asked: Sequence[Slot]) -> Turn:
    """Falls back on the other request, and answers at once what was asked about it."""
    fallen = replace(mind, depth=mind.depth + 1, changed=False, agreed=False)
    same = [s for s in mind.given if fallen.knows(agenda, s) == mind.knows(agenda, s)]
    fallen, request = replace(fallen, given=tuple(same)), fallen.request(agenda)
    told = _with(fallen, request.stated)
    if Slot.CONFIRM in asked and mentions(reply, request.facts):
        return _confirm(agenda, told, reply, asked)
    wanted = tuple(slot for slot in _data(agenda, fallen, asked) if request.of(slot))
    missing = tuple(slot for slot in wanted if slot not in request.stated)
    return Turn(CustomerAct.FALLS_BACK, _with(told, missing), tells=missing, wishes=True)


def _misread(
    agenda: Agenda, mind: Mind, reply: str, asked: Sequence[Slot], tone: Tone
) -> Slot | None:
    """The slot that a read-back or report has wrong, or None."""
    if Slot.CONFIRM not in asked and (Tone.DONE not in tone or mind.agreed):
        return None
    facts = (*agenda.identity, *mind.request(agenda).facts)
    if agenda.has_record:  # it corrects nothing that it has not told
        facts = tuple(fact for fact in facts if fact.slot in mind.given)
    return wrong_fact(reply, facts)


def _confirm(agenda: Agenda, mind: Mind, reply: str, asked: Sequence[Slot]) -> Turn:
    """Says yes to a read-back, unless the customer changes its mind just then."""
    request = mind.request(agenda)
    matters = mentions(reply, request.facts)
    if agenda.has_record:  # its domain's read-backs may be as short as "Shall I?"
        matters = matters or not mentions(reply, agenda.identity)
    if request.change and matters:
        changed = tuple(dict.fromkeys(fact.slot for fact in request.change))
        return Turn(CustomerAct.CHANGES, _with(replace(mind, changed=True), changed), tells=changed)
    if request.withdrawn and matters:
        return Turn(CustomerAct.WITHDRAWS, replace(mind, dropped=True))
    wanted = [slot for slot in _data(agenda, mind, asked) if mind.knows(agenda, slot)]
    again = mind.agreed and mind.repeated == (Slot.CONFIRM,)
    mind = _with(replace(mind, agreed=True), wanted)
    mind = replace(_bothered(mind) if again else mind, repeated=(Slot.CONFIRM,))
    return Turn(CustomerAct.AGREES, mind, tells=tuple(wanted), again=again)


def _answer(agenda: Agenda, mind: Mind, wanted: Sequence[Slot]) -> Turn:
    """Tells the slots asked for, as far as the customer knows them."""
    tells = tuple(slot for slot in wanted if mind.knows(agenda, slot))
    lacks = tuple(slot for slot in wanted if slot not in tells)
    if not set(tells).isdisjoint(IDENTITY):  # one way to identify itself is enough
        lacks = tuple(slot for slot in lacks if slot not in IDENTITY)
    helps = [slot for slot in _instead(agenda, mind, lacks) if slot not in tells]
    tells = (*tells, *helps)
    again = bool(tells) and tells == mind.repeated
    mind = _bothered(mind) if again or (lacks and not tells) else mind
    mind = replace(_with(mind, tells), repeated=tells)
    return Turn(CustomerAct.ANSWERS, mind, tells=tells, lacks=lacks, again=again)


def _instead(agenda: Agenda, mind: Mind, lacks: Sequence[Slot]) -> list[Slot]:
    """The slots that it tells in place of those that it cannot tell."""
    if any(slot in IDENTITY for slot in lacks):
        known: list[Slot] = [fact.slot for fact in agenda.identity if fact.slot is not Slot.USER_ID]
        return [slot for slot in known if slot not in mind.given] or known
    for lack, instead in _BY_WORDS.items():
        if lack in lacks and mind.request(agenda).of(instead):
            return [instead]
    return []


def _data(agenda: Agenda, mind: Mind, asked: Sequence[Slot]) -> list[Slot]:
    """The slots asked for that need data; with an email address, not name and zip as well."""
    wanted = [slot for slot in asked if slot not in _NO_DATA]
    if Slot.EMAIL in wanted and facts_of(agenda.identity, Slot.EMAIL):
        wanted = [s for s in wanted if s not in (Slot.NAME, Slot.ZIP)]
    elif Slot.EMAIL in wanted and {Slot.NAME, Slot.ZIP} <= set(wanted):
        wanted.remove(Slot.EMAIL)
    if not wanted and Slot.CHOICE in asked:
        wanted = [slot for slot in _CHOICES if mind.knows(agenda, slot)][:1]
    return wanted


def _unasked(agenda: Agenda, mind: Mind, reply: str, asked: Sequence[Slot], tone: Tone) -> Turn:
    """The reaction to a reply that asks for no slot."""
    if _settled(agenda, mind, reply, asked, tone):
        return _go_on(agenda, mind)
    if Tone.STALLS in tone:
        return Turn(CustomerAct.WAITS, _bothered(mind))
    if Slot.REQUEST in asked:
        mind = replace(mind, repeated=(Slot.REQUEST,), bothered=_count(mind, Slot.REQUEST))
        return Turn(CustomerAct.REPEATS, mind, wishes=True)
    if Slot.MORE in asked:
        return Turn(CustomerAct.REPEATS, _bothered(mind))
    return Turn(CustomerAct.LOST, replace(_bothered(mind), misunderstood=mind.misunderstood + 1))


def _count(mind: Mind, slot: Slot) -> int:
    """The number of useless replies, one more if the customer has just told this slot."""
    return mind.bothered + (mind.repeated == (slot,))


def _settled(agenda: Agenda, mind: Mind, reply: str, asked: Sequence[Slot], tone: Tone) -> bool:
    """Whether the request is finished."""
    request = mind.request(agenda)
    if mind.dropped:
        return True
    if request.is_question:
        return has_sign(reply, request.signs)
    if Tone.DONE in tone or has_sign(reply, request.done):
        return True
    return mind.agreed and (Slot.MORE in asked or Slot.REQUEST in asked)


def _go_on(agenda: Agenda, mind: Mind, *, refused: bool = False) -> Turn:
    """Brings up the next request or, after the last one, says goodbye."""
    if mind.is_last(agenda):
        return Turn(CustomerAct.LEAVES, replace(mind, left=True), refused=refused)
    following = Mind(
        place=mind.place + 1,
        wished=True,
        given=tuple(slot for slot in mind.given if slot in IDENTITY),
        mended=tuple(slot for slot in mind.mended if slot in IDENTITY),
        bothered=mind.bothered,
        misunderstood=mind.misunderstood,
    )
    stated = following.request(agenda).stated
    return Turn(CustomerAct.GOES_ON, _with(following, stated), wishes=True, refused=refused)


def _with(mind: Mind, slots: Sequence[Slot]) -> Mind:
    """The mind after these slots have been told."""
    new = tuple(slot for slot in slots if slot not in mind.given)
    return replace(mind, given=mind.given + new, repeated=())


def _heard(agenda: Agenda, reply: str) -> tuple[Slot, ...]:
    """What the customer takes in of a reply's questions."""
    reply = reply[:LISTENS_TO]
    return _heard_in(reply, agenda.names) if agenda.names else _heard_anywhere(reply)


_heard_in = lru_cache(maxsize=2048)(heard)  # replies are short here, so that 20 MB are the most
_heard_anywhere = remembered(megabytes=8)(heard)


def _bothered(mind: Mind) -> Mind:
    return replace(mind, bothered=mind.bothered + 1)
