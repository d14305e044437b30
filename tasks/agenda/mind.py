"""What a customer makes of a reply: pure decisions, without words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from tasks.agenda.agenda import Agenda, Fact, Request, facts_of
from tasks.agenda.hearing import heard
from tasks.agenda.readback import has_sign, mentions, wrong_fact
from tasks.agenda.slots import Slot
from tasks.agenda.tone import Tone, tone_of

IDENTITY = (Slot.NAME, Slot.ZIP, Slot.EMAIL, Slot.USER_ID)
"""The slots that belong to the customer, not to a request."""
_CHOICES = (Slot.NEW_ITEM, Slot.FLIGHT, Slot.PAYMENT, Slot.ITEM, Slot.ORDER_ID, Slot.CABIN)
"""What "which of these?" may be about, the likeliest first."""
_BY_WORDS = {Slot.ORDER_ID: Slot.ITEM, Slot.RESERVATION_ID: Slot.ROUTE}
"""What can be told where the number is not at hand."""
_NO_DATA = (Slot.CONFIRM, Slot.MORE, Slot.REQUEST, Slot.CHOICE)


class Act(StrEnum):
    """What the customer does with a message."""

    OPENS = "opens"
    ANSWERS = "answers"
    AGREES = "agrees"
    CHANGES = "changes"
    """Wants something else after all."""
    WITHDRAWS = "withdraws"
    """Calls the request off."""
    CORRECTS = "corrects"
    """Mends a slip of its own, or the agent's misunderstanding."""
    FALLS_BACK = "falls_back"
    """Wants what it wanted in case of a refusal."""
    INSISTS = "insists"
    GOES_ON = "goes_on"
    """Brings up the next request."""
    WAITS = "waits"
    REPEATS = "repeats"
    """Brings up the request again, which is still open."""
    LOST = "lost"
    """Does not understand, and says so."""
    LEAVES = "leaves"
    GIVES_UP = "gives_up"


@dataclass(frozen=True, slots=True)
class Mind:
    """Where the customer stands."""

    place: int = 0
    """The number of the request that is being talked about."""
    depth: int = 0
    """How often it has fallen back on what it wanted otherwise."""
    wished: bool = False
    """Whether the request has been brought up."""
    changed: bool = False
    """Whether it has changed its mind about it."""
    dropped: bool = False
    """Whether it has called it off."""
    agreed: bool = False
    """Whether it has said yes."""
    insisted: int = 0
    """How often it has asked again after a refusal."""
    given: tuple[Slot, ...] = ()
    """What it has told so far, of itself and of the request."""
    mended: tuple[Slot, ...] = ()
    """Where it has put right a slip of its own."""
    repeated: tuple[Slot, ...] = ()
    """What its last message told: to be asked the same again is tiresome."""
    bothered: int = 0
    """How many useless replies it has borne."""
    misunderstood: int = 0
    """How many replies it did not understand."""
    left: bool = False
    """Whether it has said goodbye."""

    def request(self, agenda: Agenda) -> Request:
        """What is being talked about, in its present form."""
        request = agenda.requests[self.place]
        for _ in range(self.depth):
            assert request.otherwise is not None
            request = request.otherwise
        return request.changed() if self.changed else request

    def tells(self, agenda: Agenda, slot: Slot) -> tuple[str, ...]:
        """What it says about a slot now, slips included."""
        return tuple(
            fact.slip if fact.slip and slot not in self.mended else fact.says
            for fact in self.knows(agenda, slot)
        )

    def knows(self, agenda: Agenda, slot: Slot) -> tuple[Fact, ...]:
        """The facts of a slot, of itself or of the request."""
        if slot in IDENTITY:
            return facts_of(agenda.identity, slot)
        return self.request(agenda).of(slot)

    def slips(self, agenda: Agenda) -> tuple[Slot, ...]:
        """The slots about which it has said something wrong."""
        said = (slot for slot in self.given if slot not in self.mended)
        return tuple(s for s in said if any(fact.slip for fact in self.knows(agenda, s)))


@dataclass(frozen=True, slots=True)
class Turn:
    """One decision."""

    act: Act
    """What it does."""
    mind: Mind
    """Where it stands afterwards."""
    tells: tuple[Slot, ...] = ()
    """What it tells, in this order."""
    lacks: tuple[Slot, ...] = ()
    """What it was asked for and cannot tell."""
    wishes: bool = False
    """Whether it brings up the request."""
    again: bool = False
    """Whether it was asked the same just before."""
    refused: bool = False
    """Whether the request before was refused."""


def opening(agenda: Agenda) -> Turn:
    """The first message: who it is, perhaps, and what it wants."""
    mind = Mind(wished=not agenda.vague, given=agenda.introduces)
    if mind.wished:
        mind = _with(mind, agenda.requests[0].stated)
    return Turn(Act.OPENS, mind, tells=agenda.introduces, wishes=mind.wished)


def react(agenda: Agenda, mind: Mind, reply: str) -> Turn:
    """What the customer makes of a reply; it has not left yet."""
    turn = _reaction(agenda, mind, reply)
    if turn.mind.bothered > agenda.patience and turn.act not in (Act.LEAVES, Act.GOES_ON):
        return Turn(Act.GIVES_UP, replace(turn.mind, left=True))
    return turn


def _reaction(agenda: Agenda, mind: Mind, reply: str) -> Turn:
    asked, tone = _heard(reply), tone_of(reply)
    slips = mind.slips(agenda)
    if slips and (Tone.NOT_FOUND in tone or set(slips) & set(asked)):
        return _mend(mind, slips)
    if not mind.wished:
        return _first_wish(agenda, mind, asked)
    if Tone.REFUSED in tone and not mind.dropped:
        refused = _refused(agenda, mind, reply, asked)
        if refused is not None:
            return refused
    if wrong := _misread(agenda, mind, reply, asked, tone):
        return _correct(mind, wrong)
    if Slot.CONFIRM in asked and not mind.dropped:
        return _confirm(agenda, mind, reply, asked)
    if wanted := _data(agenda, mind, asked):
        return _answer(agenda, mind, wanted)
    return _unasked(agenda, mind, reply, asked, tone)


def _mend(mind: Mind, slips: tuple[Slot, ...]) -> Turn:
    return Turn(Act.CORRECTS, replace(mind, mended=mind.mended + slips), tells=slips)


def _correct(mind: Mind, slot: Slot) -> Turn:
    """Says what is right where a reply has it wrong."""
    mended = (*mind.mended, slot) if slot in mind.given else mind.mended
    return Turn(Act.CORRECTS, replace(_bothered(mind), mended=mended), tells=(slot,))


def _first_wish(agenda: Agenda, mind: Mind, asked: Sequence[Slot]) -> Turn:
    """Brings up the first request, with what was asked of its identity."""
    wanted = tuple(slot for slot in _data(agenda, mind, asked) if slot in IDENTITY)
    answer = _answer(agenda, mind, wanted)
    wished = Slot.REQUEST in asked or not wanted
    if not wished:
        return answer
    request = mind.request(agenda)
    return replace(
        answer, mind=_with(replace(answer.mind, wished=True), request.stated), wishes=True
    )


def _refused(agenda: Agenda, mind: Mind, reply: str, asked: Sequence[Slot]) -> Turn | None:
    """What follows from a refusal; None where it was none of what the customer wants."""
    request = mind.request(agenda)
    if request.otherwise is not None:
        return _fall_back(agenda, mind, reply, asked)
    if Slot.CONFIRM in asked or _data(agenda, mind, asked):
        return None
    if mind.insisted < request.insists:
        return Turn(Act.INSISTS, replace(mind, insisted=mind.insisted + 1))
    return _go_on(agenda, mind, refused=True)


def _fall_back(agenda: Agenda, mind: Mind, reply: str, asked: Sequence[Slot]) -> Turn:
    """Goes over to the other wish, and answers at once what was asked about it."""
    fallen = replace(mind, depth=mind.depth + 1, changed=False, agreed=False)
    same = [s for s in mind.given if fallen.knows(agenda, s) == mind.knows(agenda, s)]
    fallen, request = replace(fallen, given=tuple(same)), fallen.request(agenda)
    told = _with(fallen, request.stated)
    if Slot.CONFIRM in asked and mentions(reply, request.facts):
        return _confirm(agenda, told, reply, asked)
    wanted = tuple(slot for slot in _data(agenda, fallen, asked) if request.of(slot))
    missing = tuple(slot for slot in wanted if slot not in request.stated)
    return Turn(Act.FALLS_BACK, _with(told, missing), tells=missing, wishes=True)


def _misread(
    agenda: Agenda, mind: Mind, reply: str, asked: Sequence[Slot], tone: Tone
) -> Slot | None:
    """Which slot a read-back or report has wrong."""
    if Slot.CONFIRM not in asked and (Tone.DONE not in tone or mind.agreed):
        return None
    request = mind.request(agenda)
    return wrong_fact(reply, (*agenda.identity, *request.facts))


def _confirm(agenda: Agenda, mind: Mind, reply: str, asked: Sequence[Slot]) -> Turn:
    """Says yes to a read-back, unless its mind changes just then."""
    request = mind.request(agenda)
    matters = mentions(reply, request.facts)
    if request.change and matters:
        changed = tuple(dict.fromkeys(fact.slot for fact in request.change))
        return Turn(Act.CHANGES, _with(replace(mind, changed=True), changed), tells=changed)
    if request.withdrawn and matters:
        return Turn(Act.WITHDRAWS, replace(mind, dropped=True))
    wanted = [slot for slot in _data(agenda, mind, asked) if mind.knows(agenda, slot)]
    again = mind.agreed and mind.repeated == (Slot.CONFIRM,)
    mind = _with(replace(mind, agreed=True), wanted)
    mind = replace(_bothered(mind) if again else mind, repeated=(Slot.CONFIRM,))
    return Turn(Act.AGREES, mind, tells=tuple(wanted), again=again)


def _answer(agenda: Agenda, mind: Mind, wanted: Sequence[Slot]) -> Turn:
    """Tells what it knows of what was asked."""
    tells = tuple(slot for slot in wanted if mind.knows(agenda, slot))
    lacks = tuple(slot for slot in wanted if slot not in tells)
    helps = [slot for slot in _instead(agenda, mind, lacks) if slot not in tells]
    tells = (*tells, *helps)
    again = bool(wanted) and tells == mind.repeated
    mind = _bothered(mind) if again or (lacks and not tells) else mind
    mind = replace(_with(mind, tells), repeated=tells)
    return Turn(Act.ANSWERS, mind, tells=tells, lacks=lacks, again=again)


def _instead(agenda: Agenda, mind: Mind, lacks: Sequence[Slot]) -> list[Slot]:
    """What it tells where it lacks what was asked for."""
    if any(slot in IDENTITY for slot in lacks):
        return [fact.slot for fact in agenda.identity if fact.slot is not Slot.USER_ID]
    for lack, instead in _BY_WORDS.items():
        if lack in lacks and mind.request(agenda).of(instead):
            return [instead]
    return []


def _data(agenda: Agenda, mind: Mind, asked: Sequence[Slot]) -> list[Slot]:
    """The slots asked for that want data; with an email address at hand, name and zip need not."""
    wanted = [slot for slot in asked if slot not in _NO_DATA]
    if Slot.EMAIL in wanted and facts_of(agenda.identity, Slot.EMAIL):
        wanted = [s for s in wanted if s not in (Slot.NAME, Slot.ZIP)]
    elif Slot.EMAIL in wanted and {Slot.NAME, Slot.ZIP} <= set(wanted):
        wanted.remove(Slot.EMAIL)
    if not wanted and Slot.CHOICE in asked:
        wanted = [slot for slot in _CHOICES if mind.knows(agenda, slot)][:1]
    return wanted


def _unasked(agenda: Agenda, mind: Mind, reply: str, asked: Sequence[Slot], tone: Tone) -> Turn:
    """Takes in a reply that asks for nothing in particular."""
    if _settled(agenda, mind, reply, asked, tone):
        return _go_on(agenda, mind)
    if Tone.STALLS in tone:
        return Turn(Act.WAITS, _bothered(mind))
    if Slot.REQUEST in asked:
        mind = replace(mind, repeated=(Slot.REQUEST,), bothered=_count(mind, Slot.REQUEST))
        return Turn(Act.REPEATS, mind, wishes=True)
    if Slot.MORE in asked:
        return Turn(Act.REPEATS, _bothered(mind))
    return Turn(Act.LOST, replace(_bothered(mind), misunderstood=mind.misunderstood + 1))


def _count(mind: Mind, slot: Slot) -> int:
    """How bothered it is by being asked this, perhaps a second time."""
    return mind.bothered + (mind.repeated == (slot,))


def _settled(agenda: Agenda, mind: Mind, reply: str, asked: Sequence[Slot], tone: Tone) -> bool:
    """Whether the request needs no more talk."""
    request = mind.request(agenda)
    if mind.dropped:
        return True
    if request.is_question:
        return has_sign(reply, request.signs)
    return Tone.DONE in tone or (mind.agreed and Slot.MORE in asked)


def _go_on(agenda: Agenda, mind: Mind, *, refused: bool = False) -> Turn:
    """Brings up the next request or, after the last one, takes its leave."""
    if mind.place + 1 == len(agenda.requests):
        return Turn(Act.LEAVES, replace(mind, left=True), refused=refused)
    following = Mind(
        place=mind.place + 1,
        wished=True,
        given=tuple(slot for slot in mind.given if slot in IDENTITY),
        mended=tuple(slot for slot in mind.mended if slot in IDENTITY),
        bothered=mind.bothered,
        misunderstood=mind.misunderstood,
    )
    stated = following.request(agenda).stated
    return Turn(Act.GOES_ON, _with(following, stated), wishes=True, refused=refused)


def _with(mind: Mind, slots: Sequence[Slot]) -> Mind:
    """The mind after these have been told."""
    new = tuple(slot for slot in slots if slot not in mind.given)
    return replace(mind, given=mind.given + new, repeated=())


_heard = lru_cache(maxsize=8192)(heard)


def _bothered(mind: Mind) -> Mind:
    return replace(mind, bothered=mind.bothered + 1)
