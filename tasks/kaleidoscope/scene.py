"""The state of a dialogue while it is generated, and the user's side of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from tasks.agenda.record import filled
from tasks.agenda.slots import Slot
from tasks.generation.said import Said
from tasks.kaleidoscope import phrases as p
from tasks.kaleidoscope.domain import Domain, Field, Holds
from tasks.kaleidoscope.plan import DialoguePlan, DomainRequest
from tasks.kaleidoscope.script import Script
from tools.dice import Dice


@dataclass(slots=True)
class Scene:
    """The state that both speakers share."""

    domain: Domain
    """Tools and rules."""
    plan: DialoguePlan
    """The user's requests."""
    dice: Dice
    """The random choices of wordings."""
    script: Script = field(default_factory=Script)
    """The dialogue so far."""
    knows_owner: bool = False
    """Whether the user has given its id."""
    found: bool = False
    """Whether the user's things were listed."""
    said: Said = field(default_factory=Said)
    """What the user has said, for its agenda."""
    farewell: str = ""
    """The user's last words, or empty."""

    def user_says(self, options: tuple[str, ...], **words: object) -> str:
        """One of the user's wordings."""
        return upper(self.dice.pick(options).format(**words))

    def agent_says(self, options: tuple[str, ...], **words: object) -> str:
        """One of the agent's wordings; it hardly varies within a dialogue."""
        return upper(options[self.domain.voice % len(options)].format(**words))

    def user_answers(self, slot: Slot, options: tuple[str, ...], value: object) -> None:
        """The user tells what it was asked for."""
        phrase = template(self.dice.pick(options))
        self.said.tells(slot, phrase)
        self.script.user(filled(phrase, str(value)))

    def user_corrects(self, options: tuple[str, ...], value: str) -> None:
        """The user gives the right id of a thing."""
        phrase = template(self.dice.pick(options))
        self.said.mends(Slot.ORDER_ID, phrase)
        self.script.user(filled(phrase, value))

    def user_wishes(self, opening: list[str], *wish: str) -> None:
        """The user makes a request, after other sentences."""
        self.script.user(*opening, *wish)
        sentences = (" ".join(filter(None, said)) for said in (wish, [*opening, *wish]))
        self.said.wish(*sentences)

    def user_agrees(self, *, agrees: bool) -> None:
        """The user says yes or no to what the agent will do."""
        said = self.user_says(p.YES if agrees else p.NO)
        self.said.confirms[self.said.place] = said
        self.script.user(said)


def template(phrase: str) -> str:
    """A phrase with `{value}`, or `{Value}` where a sentence begins with it."""
    return f"{{Value}}{phrase[7:]}" if phrase.startswith("{value}") else upper(phrase)


def identities(domain: Domain) -> tuple[str, ...]:
    """Sentences with the owner's id, which stands in them as `{value}`."""
    words, owner = domain.owner_ids.words, domain.owner
    return tuple(one.format(words=words, owner=owner, id="{value}") for one in p.IDENTITY)


def statements(asks: Field) -> tuple[str, ...]:
    """Sentences with a tool's further argument, which stands in them as `{value}`."""
    return tuple(one.format(name=spoken(asks), value="{value}") for one in p.STATES_IT)


def named_by_user(scene: Scene, request: DomainRequest) -> str:
    """The user's name for a thing: by its id, by its kind, or by neither."""
    options = {True: p.BY_ID, False: p.BY_KIND, None: p.BY_NOTHING}[request.numbered]
    number = request.slip if request.slip and looks_up(request) else request.thing.id
    return scene.dice.pick(options).format(
        thing=scene.domain.thing, kind=request.thing.kind, id=number, words=scene.domain.ids.words
    )


def looks_up(request: DomainRequest) -> bool:
    """Whether the agent has to look at the thing."""
    return request.deed is None or request.deed.is_bound


def slot_of(asks: Field) -> Slot:
    """What a question for an argument asks for."""
    match asks.holds:
        case Holds.CHOICE:
            return Slot.REASON
        case Holds.PLACE:
            return Slot.ADDRESS
        case Holds.DAY:
            return Slot.DATE
        case _:
            return Slot.NEW_ITEM


def spoken(asks: Field) -> str:
    """An argument's name in a sentence."""
    return asks.name.replace("_", " ")


def upper(text: str) -> str:
    """The text with a capital."""
    return text[:1].upper() + text[1:]
