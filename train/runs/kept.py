"""What an evaluation has played so far, and what it has lost.

Finished episodes lie in parts, in whatever order they ended; together they become one file in the
plan's order. `attempts.jsonl` has a line for each episode that was lost, and for each that asked a
model behind an endpoint:

    {"task": "desk-00007", "ended": false, "error": "user: EndpointError: expected …",
     "steps": 3, "agent": {"requests": 4, "prompt_tokens": 5100, …}, "user": {"requests": 1, …}}
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from agents.play import Ended, Lost, Played, Wanted
from reasonact_env.episode import Episode
from reasonact_env.episodes.storage import EpisodeFile, merge
from reasonact_env.users.llm import goes_round
from tools.chat_address import is_llm
from tools.chat_endpoint import EndpointError
from tools.command import raised
from tools.files import append_object, read_objects
from tools.types import Json
from tools.usage import Usage

ATTEMPTS = "attempts.jsonl"
"""The file of lost episodes, and of what models took."""
_BEGINS = (b'{"task": "',)
"""How each of its lines begins."""
PATIENCE = 20
"""So many losses in a row, none played between them, end a run: whatever is wrong does not pass.

Chosen by hand. Several workers lose their episodes at the same time, so that there are at least
four for each of them.
"""


class Kept:
    """The parts of an evaluation's folder."""

    def __init__(self, parts: Path, wanted: Sequence[Wanted]) -> None:
        """Takes the folder of parts, beside which `ATTEMPTS` lies, and all episodes of the plan."""
        self.parts = parts
        self.wanted = wanted
        self.last_error: Exception | None = None
        """What the last lost episode met."""
        self.gave_up = False
        """Whether too many in a row were lost."""
        self._attempts = parts.parent / ATTEMPTS

    @property
    def files(self) -> list[Path]:
        """The parts. A half-written one has a name that does not begin with a digit."""
        return sorted(self.parts.glob("[0-9]*.jsonl"))

    def part(self, number: int) -> Path:
        """The file of a part."""
        return self.parts / f"{number:05d}.jsonl"

    def next_part(self, least: int = 0) -> int:
        """The first number from `least` on that no part has."""
        return max([least, *(int(file.stem) + 1 for file in self.files)])

    def missing(self) -> list[Wanted]:
        """What is wanted and in no part, in order."""
        there = Counter(one.task_id for file in self.files for one in EpisodeFile(file))
        found = []
        for task_id, decision in self.wanted:
            there[task_id] -= 1
            if there[task_id] < 0:
                found.append((task_id, decision))
        return found

    def listen(self, ended: Iterator[Ended], workers: int) -> Iterator[Episode]:
        """Notes what became of episodes, and passes on those that were played.

        It stops listening when too many in a row are lost.
        """
        in_a_row = 0
        for one in ended:
            self._note(one)
            if isinstance(one, Played):
                in_a_row = 0
                yield one.episode
                continue
            self.last_error = _told(one)
            in_a_row += 1
            if in_a_row >= max(PATIENCE, 4 * workers):
                self.gave_up = True
                break

    def gather(self, out: Path) -> int:
        """Writes all that was played into one file, in the plan's order; returns how many.

        Raises:
            Exception: what the last lost episode met, if none was played.
        """
        places = {task_id: place for place, (task_id, _) in reversed([*enumerate(self.wanted)])}
        seen, found = Counter[str](), []
        for number, file in enumerate(self.files):
            for line, one in enumerate(EpisodeFile(file)):
                found.append(((seen[one.task_id], places[one.task_id]), (number, line)))
                seen[one.task_id] += 1
        if not found and self.last_error is not None:
            raise self.last_error
        return merge(self.files, out, [place for _, place in sorted(found)])

    def _note(self, one: Ended) -> None:
        """A line for what was lost, or has asked a model."""
        taken = {"agent": one.taken.agent, "user": one.taken.user}
        asked = {name: usage.as_dict() for name, usage in taken.items() if usage != Usage()}
        if isinstance(one, Played) and not asked:
            return
        row: dict[str, Json] = {"task": one.task_id, "ended": isinstance(one, Played)}
        if isinstance(one, Lost):
            who = f"{one.who}: " if one.who else ""
            row |= {"error": f"{who}{raised(one.error)}"}
            row |= {"steps": one.steps}
        append_object(self._attempts, {**row, **asked}, _BEGINS)


def _told(lost: Lost) -> Exception:
    """What it met; of an endpoint, with whose model lies there: both may have the same address."""
    if not isinstance(lost.error, EndpointError) or not lost.who:
        return lost.error
    told = EndpointError(f"{lost.who}: {lost.error}", lost.error.status)
    told.__cause__ = lost.error
    return told


@dataclass(frozen=True, slots=True)
class Account:
    """What is missing from an evaluation, and what it has taken."""

    missing: int = 0
    """Episodes of the plan that were not played to their end."""
    wanted: int = 0
    """All episodes of the plan."""
    why: dict[str, int] = field(default_factory=dict)
    """What the last attempt at each of these met -> how many."""
    agent: Usage = field(default_factory=Usage)
    """What the agent's model took, lost episodes included."""
    user: Usage = field(default_factory=Usage)
    """What the user's model took."""
    circles: int = 0
    """Episodes whose user, a model, went round in circles."""

    @classmethod
    def of(
        cls, out: Path, episodes: Sequence[Episode], wanted: Sequence[Wanted], user: str
    ) -> Account:
        """Reads an evaluation's folder.

        Args:
            out: The folder.
            episodes: What was played.
            wanted: All episodes of the plan.
            user: The plan's user.
        """
        usage = {"agent": Usage(), "user": Usage()}
        there, errors, circles = Counter[str](), dict[str, str](), 0
        for one in episodes:
            there[one.task_id] += 1
            said = (*one.opening, *(answer for step in one.steps for answer in step.answers))
            circles += is_llm(user) and goes_round(said)
        file = out / ATTEMPTS
        for row in read_objects(file, _BEGINS) if file.exists() else []:
            for name, total in usage.items():
                total.add(Usage.of(row.get(name, {})))
            if not row["ended"]:
                errors[row["task"]] = row["error"]
        missing = Counter(task_id for task_id, _ in wanted) - there
        why = Counter[str]()
        for task_id, count in missing.items():
            why[errors.get(task_id, "not played yet")] += count
        return cls(
            missing.total(),
            len(wanted),
            dict(why.most_common()),
            agent=usage["agent"],
            user=usage["user"],
            circles=circles,
        )

    def as_dict(self) -> dict[str, object]:
        """Plain JSON values; {} for a run that has lost nothing and asked nobody."""
        found: dict[str, object] = {}
        if self.missing:
            found["lost"] = {"episodes": self.missing, "of": self.wanted, "why": self.why}
        asked = {"agent": self.agent, "user": self.user}
        if usage := {name: one.as_dict() for name, one in asked.items() if one != Usage()}:
            found["usage"] = usage
        return found | ({"circles": self.circles} if self.circles else {})

    def words(self, prices: dict[str, tuple[float, float] | None]) -> Iterator[str]:
        """What has to be known beside a table, a line each.

        Args:
            prices: agent and user -> what a million of their tokens cost, where that is known.
        """
        if self.missing:
            yield (
                f"{self.missing:,} of {self.wanted:,} episodes are missing and count nowhere; the "
                "same command plays them:"
            )
            for why, count in [*self.why.items()][:3]:
                yield f"  {count:,}: {why}"
        if self.circles:
            yield f"In {self.circles:,} episodes the user went round in circles, and left."
        for name, one in (("agent", self.agent), ("user", self.user)):
            if one == Usage():
                continue
            cost = one.cost(prices.get(name))
            untold = f" ({one.untold:,} answers do not say)" if one.untold else ""
            yield (
                f"{name}: {one.requests:,} requests, {one.prompt_tokens:,} tokens read and "
                f"{one.completion_tokens:,} written{untold}, {one.failures:,} attempts failed"
                + ("" if cost is None else f"; cost {cost:,.4f}")
            )
