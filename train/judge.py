r"""Lets a model judge the replies of a run in turn mode, next to the offline similarity.

    REASONACT_LLM_BASE_URL=http://localhost:8000/v1 REASONACT_LLM_MODEL=… \
        python -m train.judge runs/grpo-turn/episodes.jsonl

Both judgements stand in one table, each with its name: they are different metrics. The endpoint's
cache file (REASONACT_LLM_CACHE) makes a judgement repeatable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeAlias, cast

from agents.console import console, show_table
from reasonact_env.episode import Episode, Mode, Step, message_of
from reasonact_env.episodes.storage import read_episodes
from tasks.contamination import contamination
from tasks.load import load_tasks
from tasks.types import Task, Turn
from tools.chat_endpoint import Endpoint
from tools.command import run
from tools.command_line import read_options
from tools.option_types import Positional, shown_as
from tools.types import MessageKind, Role
from train.scoring.almita import CORRECT_REPLY, is_correct
from train.scoring.metrics import Scale
from train.scoring.report import show
from train.scoring.stats import Interval, Ratios, share

Ask: TypeAlias = Callable[[str], str]
"""From a prompt to the model's answer."""
_PROMPT = (
    "A support agent has to follow a procedure. Say whether the agent's reply tells the customer "
    "the same as the expected reply: the same facts, the same question or offer, nothing more that "
    "matters. Answer YES or NO.\n\nThe customer's last words: {heard}\n\nExpected reply: "
    "{expected}\n\nThe agent's reply: {reply}"
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One test, judged both ways."""

    task: str
    """The conversation."""
    is_reply: bool
    """Whether the test wants a reply and got one."""
    offline: bool
    """Whether it is correct by the offline similarity (a call: by its name and arguments)."""
    judged: bool
    """Whether it is correct in the model's eyes."""


def judge(episodes: Iterable[Episode], tasks: Mapping[str, Task], ask: Ask) -> list[Verdict]:
    """Judges all tests of a run.

    Args:
        episodes: In turn mode.
        tasks: Their tasks by id.
        ask: The model; it is asked only about replies to tests that want one.

    Raises:
        ValueError: for an episode in dialogue mode, or one of other data.
    """
    found = []
    for episode in episodes:
        if episode.mode is not Mode.TURN:
            raise ValueError(
                "expected episodes in turn mode, where a reply has a reference, got dialogues; "
                "play with --mode turn"
            )
        if (task := tasks.get(episode.task_id)) is None:
            raise ValueError(
                f"expected the data that the episodes were played on, found no task "
                f"{episode.task_id!r} in them; name these data by --data"
            )
        found += [_verdict(task, task.decisions[step.turn], step, ask) for step in episode.steps]
    return found


def estimates(verdicts: Sequence[Verdict]) -> dict[str, tuple[Interval, Interval, Interval]]:
    """Metric -> by similarity, by the model, and the share of tests on which the two agree."""
    replies = [one for one in verdicts if one.is_reply]
    return {
        "correct reply": _both(replies),
        "test correctness": _both(verdicts),
        "conversation correctness": _both(_conversations(verdicts)),
    }


def _verdict(task: Task, gold: Turn, step: Step, ask: Ask) -> Verdict:
    reply = message_of(step.action, step.calls).reply
    offline = is_correct(task, gold, step)
    if gold.kind is not MessageKind.REPLY or reply is None:
        return Verdict(task.id, False, offline, offline)
    users = [m.content for m in task.messages[: gold.index] if m.role is Role.USER]
    heard = users[-1] if users else ""
    asked = _PROMPT.format(heard=heard, expected=gold.text, reply=reply.text)
    # The expected reply word for word needs no judge: that saves a question, and a model may err.
    judged = reply.text.strip() == gold.text.strip() or said_yes(ask(asked))
    return Verdict(task.id, True, offline, judged)


def said_yes(answer: str) -> bool:
    """Whether the last YES or NO of an answer is a YES; models may reason before they answer."""
    words = [word.strip(".,:;!*\"'").upper() for word in answer.split()]
    return next((word for word in reversed(words) if word in ("YES", "NO")), "NO") == "YES"


def _both(verdicts: Sequence[Verdict]) -> tuple[Interval, Interval, Interval]:
    clusters = [one.task for one in verdicts]
    kinds = (
        [one.offline for one in verdicts],
        [one.judged for one in verdicts],
        [one.offline == one.judged for one in verdicts],
    )
    first, second, third = (share(Ratios.of(kind, clusters=clusters)) for kind in kinds)
    return first, second, third


def _conversations(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """One verdict a conversation: whether all its tests are correct."""
    by_task: dict[str, list[Verdict]] = {}
    for one in verdicts:
        by_task.setdefault(one.task, []).append(one)
    return [
        Verdict(task, False, all(v.offline for v in tests), all(v.judged for v in tests))
        for task, tests in by_task.items()
    ]


@dataclass(frozen=True, slots=True)
class JudgeOptions:
    """What is judged."""

    episodes: Positional[Annotated[Path, shown_as("EPISODES")]]
    """A run's episodes.jsonl, in turn mode."""
    data: str | None = None
    """Where the data lie now, if not where the file says."""


def main(argv: Sequence[str] | None = None) -> list[Verdict]:
    """Judges a file, prints the table, and returns the verdicts."""
    args = read_options(JudgeOptions, argv, prog="python -m train.judge", about=__doc__)
    header, episodes = read_episodes(args.episodes)
    endpoint = Endpoint.from_environment("the judge", None)
    data = args.data or header.env.get("data")
    tasks = load_tasks(cast("str | None", data)).tasks
    verdicts = judge(
        episodes,
        {task.id: task for task in tasks},
        lambda text: endpoint.answer([{"role": "user", "content": text}]),
    )
    heads = ("metric", f"offline (answer >= {CORRECT_REPLY})", f"judge {endpoint.model}", "agree")
    rows = [
        (name, *(show(interval, Scale.SHARE) for interval in three))
        for name, three in estimates(verdicts).items()
    ]
    title = f"{header.agent} · {header.source} · {len(verdicts):,} tests"
    show_table(title, heads, rows)
    if caution := contamination(tasks):
        console().print(caution)
    return verdicts


if __name__ == "__main__":
    run(main)
