"""Whether a user with an agenda tells what it is asked for and nothing else, in whatever words.

    python -m benchmarks.asking
    python -m benchmarks.asking --data retail:300 --rounds 3

An agent that knows nothing of the record asks for every fact of the first request, one or two at a
time, in words that no recorded agent of these domains uses.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tasks.agenda.agenda import Agenda, Fact
from tasks.agenda.slots import Slot
from tasks.agenda.user import AgendaUser
from tasks.load import load_tasks, require_data
from tools.command import run
from tools.command_line import read_options
from tools.dice import Dice
from tools.ranges import require_at_least, require_seeds
from tools.types import Message, Role

ONE = (
    "Could you please tell me the {a}?",
    "What is the {a}?",
    "Hello, and welcome! May I have the {a}?",
    "I need the {a}, please.",
    "Before I can go on: what is the {a}?",
    "Please provide the {a}.",
    "Would you mind telling me the {a}?",
    "And the {a}?",
    "To help you, I need to know the {a}.",
    "Thank you. Can you give me the {a}?",
    "Sure, I can look into that for you. Please let me know the {a}.",
    "Sorry, I still need the {a}.",
)
"""Questions for one fact."""
TWO = (
    "What are the {a} and the {b}?",
    "Please tell me the {a} and the {b}.",
    "Could you give me the {a}? I also need the {b}.",
    "I need two things:\n- the {a}\n- the {b}",
    "Please provide the {a} as well as the {b}.",
)
"""Questions for two facts at once."""
WORDS = {Slot.REASON: "reason", Slot.PAYMENT: "payment method", Slot.USER_ID: "user id"}
"""Slot -> words for it, where the domain has none of its own."""


@dataclass(slots=True)
class Figures:
    """What a run finds."""

    asked: int = 0
    """Facts that were asked for."""
    missed: Counter[str] = field(default_factory=Counter)
    """Slot -> how often the user did not tell it."""
    unasked: Counter[str] = field(default_factory=Counter)
    """Slot -> how often the user told it unasked."""
    examples: list[str] = field(default_factory=list)
    """The first questions that went wrong, with their answers."""

    def note(
        self, question: str, answer: str, wanted: Sequence[Fact], others: Sequence[Fact]
    ) -> None:
        """Compares an answer with what was asked for."""
        self.asked += len(wanted)
        missed = [fact for fact in wanted if not tells(answer, fact)]
        unasked = [fact for fact in others if tells(answer, fact)]
        self.missed.update(fact.slot.value for fact in missed)
        self.unasked.update(fact.slot.value for fact in unasked)
        if (missed or unasked) and len(self.examples) < 20:
            self.examples.append(f"{question!r} -> {answer!r}")


@dataclass(frozen=True, slots=True)
class Options:
    """Who is asked."""

    data: str = "desk:300:1 + kaleidoscope:300:1"
    """Tasks with agendas."""
    rounds: int = 2
    """How often each user is asked for everything, in another order and other words."""
    seed: int = 0
    """Of orders and words."""

    def __post_init__(self) -> None:
        """Refuses what is out of range."""
        require_at_least(self, 1, "rounds")
        require_seeds(self, "seed")


def main(argv: Sequence[str] | None = None) -> Figures:
    """Prints and returns the figures."""
    options = read_options(Options, argv, prog="python -m benchmarks.asking", about=__doc__)
    require_data(options.data)
    figures = Figures()
    for task in load_tasks(options.data).tasks:
        user = task.setup.user
        if isinstance(user, AgendaUser):
            for number in range(options.rounds):
                interview(user.agenda, Dice("asking", task.id, options.seed, number), figures)
    print(f"{figures.asked:,} facts asked for: {dict(figures.missed)} not told")
    print(f"told unasked: {dict(figures.unasked)}")
    print("\n".join(figures.examples))
    return figures


def interview(agenda: Agenda, dice: Dice, figures: Figures) -> None:
    """Asks for all facts of the identity and the first request."""
    facts = {fact.slot: fact for fact in (*agenda.identity, *agenda.requests[0].facts)}
    user, told = AgendaUser(agenda), list[str]()
    messages = [Message(Role.SYSTEM, ""), Message(Role.USER, user.opening())]
    for wanted in _groups(dice.some(list(facts.values()), len(facts)), dice):
        question = dice.pick(ONE if len(wanted) == 1 else TWO).format(
            **dict(zip("ab", (_name(agenda, fact) for fact in wanted), strict=False))
        )
        told += [messages[-1].content]
        messages.append(Message(Role.ASSISTANT, question))
        answer = user.answer(messages) or ""
        messages.append(Message(Role.USER, answer))
        if user.heard(messages)[-1].wishes:  # a vague user comes to the point: all is well
            continue
        others = (fact for fact in facts.values() if fact not in wanted)
        secrets = [fact for fact in others if not any(tells(text, fact) for text in told)]
        figures.note(question, answer, wanted, secrets)


def tells(text: str, fact: Fact) -> bool:
    """Whether a text has a fact, or its slip, or the sentence that stands for it."""
    words = (fact.says, fact.slip, "" if "{" in fact.told else fact.told)
    return any(one and one.lower() in text.lower() for one in words)


def _groups(facts: Sequence[Fact], dice: Dice) -> Iterator[list[Fact]]:
    rest = list(facts)
    while rest:
        count = 2 if len(rest) > 1 and dice.chance(0.4) else 1
        yield rest[:count]
        rest = rest[count:]


def _name(agenda: Agenda, fact: Fact) -> str:
    own = next((words for slot, words in agenda.names if slot is fact.slot), "")
    return own.partition("|")[0] or WORDS.get(fact.slot, fact.slot.value.replace("_", " "))


if __name__ == "__main__":
    run(main)
