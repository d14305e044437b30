"""The state of a conversation in its procedure: what is due, what the customer says, all strays.

A walk takes in the agent's replies and calls. It accepts all that the procedure allows: questions
in
any order or several at once, and no question if the answer is known. Anything else is recorded as a
stray; the customer then continues as people would.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from tasks.procedures import wording
from tasks.procedures.case import Case, Disturbance, Place
from tasks.procedures.flowgraph import KNOWN
from tasks.procedures.graph import END, START, Edge, Noise
from tasks.procedures.listening import Chain, Heard, chain_text, hear, is_met, text_of
from tasks.procedures.stray import Stray, StrayKind
from tasks.procedures.text import meeting
from tasks.procedures.types import Step, StepKind
from tools.jsontext import JsonProblem, equal, read_json
from tools.types import Json, ToolCall

PATIENCE = 3
"""The number of replies unrelated to the procedure after which the customer leaves.

Chosen by hand, as is the patience of customers with an agenda (2 to 4).
"""
Due: TypeAlias = "str | ToolCall | None"
"""The agent's next act: a text to say, a call to make, or None at the end."""


@dataclass(slots=True)
class Walk:
    """A running conversation; it changes with each of the agent's acts."""

    case: Case
    """The customer's case."""
    here: str = field(init=False)
    """The id of the step that is due."""
    end: str = ""
    """The way in which the conversation ended; "" while it runs, or if it broke off."""
    left: bool = False
    """Whether the customer has left, at an end or not."""
    misunderstood: int = 0
    """The number of replies unrelated to the procedure."""
    strays: list[Stray] = field(default_factory=list)
    """The places where the agent left the procedure."""
    path: list[Edge] = field(default_factory=list)
    """The flowgraph's edges, in the order in which they were taken."""
    known: dict[str, Json] = field(default_factory=dict)
    """Name -> the latest value that the customer or an API has given."""
    _number: dict[str, int] = field(default_factory=dict)
    """Slot -> number of its values that were told."""
    _visits: dict[str, int] = field(default_factory=dict)
    """Step -> number of times it was done."""
    _asked: Chain = ()
    """The questions that the customer has not answered yet because of noise."""
    _noise: Disturbance | None = None
    """The noise that the agent has to meet now, or None."""
    _last: str = ""
    """The agent's last message as the procedure has it, without answers to noise."""

    def __post_init__(self) -> None:
        """Goes to the first step; the customer has told the volunteered slots."""
        self.here = self.case.procedure.steps[0].id
        self.path.append(Edge(START, self.here))
        for slot in self.case.volunteered:
            self._tell(slot)

    def opening(self) -> str:
        """The customer's first message."""
        told = [(slot, self.known[slot]) for slot in self.case.volunteered]
        return wording.opening(self.case, told)

    def due(self) -> Due:
        """The next act of a perfect agent, which does not ask for known values."""
        if self.left:
            return None
        if self._noise:
            return meeting(self._noise.kind, self._last)
        step = self.step
        if step.kind is StepKind.CALL:
            return self._call(step)
        return text_of(step, self.known)

    @property
    def step(self) -> Step:
        """The step that is due, after questions whose answers are known."""
        return [*self._openings()][-1]

    @property
    def noise(self) -> Noise | None:
        """The noise that the agent has to meet now, or None."""
        return self._noise.kind if self._noise else None

    def see(self, call: ToolCall, answer: str) -> None:
        """Takes in a call and the API's answer."""
        *passed, step = self._openings()
        if step.kind is not StepKind.CALL or not _same(call, self._call(step)) or self._noise:
            self._stray(StrayKind.WRONG_CALL, f"{call.name} was called, which was not due")
            return
        outcome = _outcome(answer)
        if outcome.get("status") in self.case.procedure.apis[step.api].gives:
            self._pass_by(passed)
            status = str(outcome["status"])
            gives = self.case.procedure.apis[step.api].gives[status]
            self.known |= {name: outcome[name] for name in gives if name in outcome}
            self._go_on(step, status if status in step.branches else "")

    def hear(self, reply: str) -> str | None:
        """The customer's answer to a reply; None if the conversation ends."""
        if self.left:
            return None
        if self._noise:
            return self._hear_meeting(reply)
        heard = hear(reply, list(self._chains()), self.case.procedure, self.known)
        if heard is None:
            return self._puzzled()
        return self._do(heard.chain) if heard.is_due else self._hear_other(heard)

    def is_last(self, call: ToolCall) -> bool:
        """Whether a call is due and ends the procedure."""
        step = self.step
        return step.kind is StepKind.CALL and bool(step.end) and _same(call, self._call(step))

    def over(self) -> None:
        """Ends the conversation; records a stray if the procedure had not ended."""
        if not self.end:
            self._stray(StrayKind.NOT_ENDED, "the conversation ended before its procedure")

    def _openings(self) -> Iterator[Step]:
        """The step that is due and, while steps ask for known values, those after it."""
        step = self.case.procedure.step(self.here)
        yield step
        while self._is_known(step):
            step = self.case.procedure.step(step.branches[""])
            yield step

    def _is_known(self, step: Step) -> bool:
        """Whether a question can be skipped."""
        first = step.kind is StepKind.ASK and not step.again and not self._been_at(step)
        return first and all(slot in self.known for slot in step.asks)

    def _been_at(self, step: Step) -> bool:
        return any(edge.source == step.id for edge in self.path)

    def _chains(self) -> Iterator[Chain]:
        """The chains of messages that the agent may say now, in one reply."""
        for step in self._openings():
            chain: list[Step] = []
            while step.kind is not StepKind.CALL and step not in chain:
                chain.append(step)
                yield tuple(chain)
                if step.end or step.kind is StepKind.CHOICE:
                    break
                step = self.case.procedure.step(step.branches[""])

    def _do(self, chain: Chain) -> str | None:
        """The customer's answer to messages that were due, or its noise."""
        self._pass_by(self._before(chain[0]))
        self._last = chain_text(chain, self.known)
        places = [(step.id, self._visits.get(step.id, 0)) for step in chain]
        self._visits |= {step: number + 1 for step, number in places}
        for place in places:
            disturbance = self.case.noise.get(place)
            if disturbance and disturbance.kind is not Noise.IMPATIENT:
                said = self._disturb(place, disturbance)
                if said:
                    self._asked = chain
                    return said
        return self._answer(chain)

    def _disturb(self, place: Place, disturbance: Disturbance) -> str:
        """The customer's noise; "" for a correction of a slot that was not told yet."""
        slot, value = disturbance.slot, None
        if disturbance.kind is Noise.CORRECTION:
            value = self._next(slot)
            if slot not in self.known:
                return ""
            self.known[slot] = value
        self._noise = disturbance
        return wording.disturb(self.case, place, disturbance, value)

    def _correct(self, place: Place) -> str:
        """A correction that cannot wait until its question is due, or ""."""
        disturbance = self.case.noise.get(place)
        if disturbance is None or disturbance.kind is not Noise.CORRECTION:
            return ""
        said = self._disturb(place, disturbance)
        self._noise = None
        return f"{said} " if said else ""

    def _answer(self, chain: Chain) -> str | None:
        """The customer's answer to the questions of a chain; the walk continues after the chain."""
        told = [(slot, self._told(step, slot)) for step in chain for slot in step.asks]
        for step in chain[:-1]:
            self._go_on(step, "")
        last = chain[-1]
        place = (last.id, self._visits[last.id] - 1)
        choice = self.case.choice(last, place[1]) if last.kind is StepKind.CHOICE else ""
        self._go_on(last, choice)
        if self.left:
            return None
        noise = self.case.noise.get(place)
        impatient = noise is not None and noise.kind is Noise.IMPATIENT
        return wording.answer(self.case, place, told, choice, impatient=impatient)

    def _hear_meeting(self, reply: str) -> str | None:
        assert self._noise is not None
        if not is_met(reply, self._noise.kind, self._last):
            words = f"{self._noise.kind} was not met as the rules say"
            self._stray(StrayKind.NOISE_NOT_MET, words)
        chain, self._asked, self._noise = self._asked, (), None
        return self._answer(chain)

    def _hear_other(self, heard: Heard) -> str | None:
        """The customer's answer to messages that were not due: it answers their questions, too."""
        (step,) = heard.chain
        if step.kind is StepKind.ASK:
            corrected = self._correct((step.id, 0))
            told = [(slot, self._tell(slot)) for slot in step.asks]
            return corrected + wording.answer(self.case, (step.id, 0), told)
        self._stray(StrayKind.WRONG_STEP, f"{step.id} was said, which was not due")
        if not step.end:
            return self._puzzled()
        self.left = True
        return None

    def _puzzled(self) -> str | None:
        self.misunderstood += 1
        self.left = self.misunderstood == PATIENCE
        return None if self.left else wording.puzzled(self.case, self.misunderstood - 1)

    def _told(self, step: Step, slot: str) -> Json:
        """The value that the customer tells of a slot; a new one if the step asks again."""
        if (step.again or self._been_at(step)) and slot in self.known:
            self._next(slot)
        return self._tell(slot)

    def _tell(self, slot: str) -> Json:
        self.known[slot] = self.case.value(slot, self._number.setdefault(slot, 0))
        return self.known[slot]

    def _next(self, slot: str) -> Json:
        self._number[slot] = self._number.get(slot, 0) + 1
        return self.case.value(slot, self._number[slot])

    def _call(self, step: Step) -> ToolCall:
        takes = self.case.procedure.apis[step.api].takes
        return ToolCall(step.api, {name: self.known.get(name) for name in takes})

    def _before(self, step: Step) -> list[Step]:
        """The steps that are skipped before one is done."""
        openings = [*self._openings()]
        return openings[: openings.index(step)]

    def _pass_by(self, steps: Sequence[Step]) -> None:
        for step in steps:
            self._go_on(step, "", KNOWN)

    def _go_on(self, step: Step, branch: str, condition: str | None = None) -> None:
        """Goes on from a step along a branch."""
        if step.end:
            self.end, self.left = step.end, True
            self.path.append(Edge(step.id, END + step.end))
            return
        self.here = step.branches[branch]
        self.path.append(Edge(step.id, self.here, branch if condition is None else condition))

    def _stray(self, kind: StrayKind, text: str) -> None:
        self.strays.append(Stray(kind, self.here, text))


def _same(call: ToolCall, due: ToolCall) -> bool:
    made, wanted = dict(call.arguments), dict(due.arguments)
    return call.name == due.name and equal(made, wanted)


def _outcome(answer: str) -> Mapping[str, Json]:
    try:
        value = read_json(answer)
    except JsonProblem:
        return {}
    return value if isinstance(value, dict) else {}
