"""One rater at the console."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from rich.console import Console, RenderableType
from rich.rule import Rule
from rich.text import Text

from reasonact_env.play.reading import PersonLeft, Reader
from reasonact_env.rate.criteria import CRITERIA, HIGHEST, LOWEST
from reasonact_env.rate.items import Card, Item
from reasonact_env.rate.ratings import ONE, PAIR, Rating, add, read_ratings
from reasonact_env.view.episode import Look, message_card
from tools.counts import counted
from tools.inert import safe
from tools.types import Message, Role

SHOWN = 6
"""So many messages before a judged one are shown at once; /more shows all."""
_NAMES = ("A", "B")
_SIGNS = {"a": 1, "b": -1, "=": 0}
"""What a rater types of a pair -> the score of the one that is shown first."""
HELP = """/more   the whole conversation
/rules  the rules
/back   the one before, to judge it again
/help   the criteria
/quit   stops; the same command goes on from there"""


class Asker:
    """Shows cards to a rater and keeps the judgements."""

    def __init__(
        self, rater: str, path: Path, lines: TextIO | None = None, console: Console | None = None
    ) -> None:
        """Takes the rater's name, the file of judgements, and where the rater sits."""
        self._rater, self._path = rater, path
        self._console = console or Console(highlight=False, markup=False)
        self._reader = Reader(lines, self._console)

    def ask(self, cards: Sequence[Card]) -> int:
        """Asks for all cards that this rater has not judged; returns how many there are left."""
        rated = read_ratings(self._path) if self._path.exists() else []
        done = {one.card for one in rated if one.rater == self._rater}
        place = 0
        left = [card for card in cards if card.key not in done]
        self._say(f"{len(cards) - len(left)} of {len(cards)} are judged.", "bold")
        if left:
            self._help(pair=len(left[0].items) > 1)
        while place < len(left):
            number = f"{len(cards) - len(left) + place + 1}/{len(cards)}"
            try:
                move = self._judge(left[place], number)
            except (PersonLeft, KeyboardInterrupt):
                break
            if move is None:
                break
            place = max(0, place + move)
        return len(left) - place

    def _judge(self, card: Card, number: str) -> int | None:
        """Asks for one card; returns how many cards to go on, or None to stop."""
        self._show(card, number, SHOWN)
        pair = len(card.items) > 1
        hint = "a, b or = each, as ab=a" if pair else f"{LOWEST}-{HIGHEST} each, as 4534"
        while True:
            line = self._reader.read(f"{', '.join(CRITERIA)} ({hint})> ").strip()
            match line:
                case "/quit":
                    return None
                case "/back":
                    return -1
                case "/more":
                    self._show(card, number, None)
                case "/rules":
                    self._rules(card)
                case "/help" | "":
                    self._help(pair=pair)
                case _ if (scores := read_scores(line, pair=pair)) is not None:
                    add(self._path, self._rating(card, scores))
                    return 1
                case _:
                    self._say(
                        f"expected {len(CRITERIA)} judgements, {hint}; got {line}; /help", "red"
                    )

    def _rating(self, card: Card, scores: Sequence[int]) -> Rating:
        stages = tuple(sorted(item.stage for item in card.items))
        pair = len(card.items) > 1
        turned = pair and card.items[0].stage != stages[0]
        signed = [-score if turned else score for score in scores]
        return Rating(
            kind=PAIR if pair else ONE,
            rater=self._rater,
            card=card.key,
            task=card.items[0].task,
            stages=stages,
            scores=dict(zip(CRITERIA, signed, strict=True)),
        )

    def _show(self, card: Card, number: str, count: int | None) -> None:
        self._console.print(Rule(Text(f" {number} "), style="dim"))
        said = [one for one in card.items[0].before if one.role is not Role.SYSTEM]
        hidden = 0 if count is None else max(0, len(said) - count)
        if hidden:
            self._say(f"… {counted(hidden, 'earlier message')}; /more shows more", "dim")
        for message in said[hidden:]:
            self._console.print(message_card(message, Look()))
        for name, item in zip(_NAMES, card.items, strict=False):
            words = f" judge {name} " if len(card.items) > 1 else " judge "
            self._console.print(Rule(Text(words, style="bold"), align="left"))
            self._console.print(_judged(item))

    def _rules(self, card: Card) -> None:
        for message in card.items[0].before:
            if message.role is Role.SYSTEM:
                self._console.print(message_card(message, Look(folded=False)))

    def _help(self, *, pair: bool) -> None:
        for name, words in CRITERIA.items():
            self._console.print(Text(f"{name:<9}", style="bold").append(words, style="not bold"))
        scale = "a or b: that one is better; =: neither" if pair else "1: not at all … 5: fully"
        self._say(f"{scale}\n{HELP}", "dim")

    def _say(self, words: str, style: str = "") -> None:
        self._console.print(Text(safe(words), style=style))


def _judged(item: Item) -> RenderableType:
    return message_card(Message(Role.ASSISTANT, item.action), Look(folded=False))


def read_scores(line: str, *, pair: bool) -> list[int] | None:
    """The scores that a line gives, or None if it gives others than one for each criterion.

    >>> read_scores("4 5 3 4", pair=False), read_scores("ab==", pair=True)
    ([4, 5, 3, 4], [1, -1, 0, 0])
    """
    signs = [sign for sign in line.lower() if sign not in " ,"]
    known = _SIGNS if pair else {str(n): n for n in range(LOWEST, HIGHEST + 1)}
    if len(signs) != len(CRITERIA) or not all(sign in known for sign in signs):
        return None
    return [known[sign] for sign in signs]
