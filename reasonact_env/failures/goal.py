"""What a task asks for, beside what an episode did: call by call, argument by argument.

>>> from reasonact_env.env import ReasonActEnv
>>> env = ReasonActEnv(data="desk:2", split="all")
>>> _ = env.reset(options={"task_id": env.tasks[0].id})
>>> rows = goal_of(env.tasks[0], env.episode)
>>> len(rows.missing) == len(env.tasks[0].goal.calls)
True
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches

from reasonact_env.episode import CallRecord, Episode, Mode
from reasonact_env.failures.played import Made, Move, Script, calls_of, known_before, moves_of
from reasonact_env.failures.told import worked_out, wrongly_told
from reasonact_env.failures.wanted import (
    Argument,
    GoalRows,
    Nearest,
    OutsideWrite,
    WantedCall,
    WantedFact,
)
from reasonact_env.reward.matching import pair_score
from reasonact_env.reward.moves import Transition
from reasonact_env.reward.telling import Telling
from reasonact_env.reward.turn import History
from tasks.types import Task, Turn
from tools.effects import ToolEffect
from tools.jsontext import equal
from tools.schema.toolbox import Toolbox
from tools.types import Effect, Json, ProblemKind, ToolCall


def goal_of(task: Task | None, episode: Episode) -> GoalRows:
    """Lays an episode beside its goal.

    Args:
        task: The task that was played. None if its data are not at hand: then the rows hold what
            the verdict of a dialogue tells, and no facts.
        episode: The episode; it may still run.
    """
    if task is None:
        return _of_verdict(episode)
    if episode.mode is Mode.TURN:
        return _of_decisions(task, episode)
    toolbox, moves = task.toolbox, moves_of(episode)
    script = Script.of(task, moves, toolbox)
    required = list(task.goal.calls)
    others = [read for read in task.goal.reads if read not in required]
    calls = _calls([*required, *others], len(required), moves, toolbox, task.effects, script)
    facts, outside = _facts(task, episode, moves, script), _outside(task, moves, toolbox)
    return GoalRows(calls, facts, outside, running=episode.stop is None)


def _calls(
    wanted: Sequence[ToolCall],
    required: int,
    moves: tuple[Move, ...],
    toolbox: Toolbox,
    effects: Mapping[str, ToolEffect],
    script: Script | None,
) -> tuple[WantedCall, ...]:
    """The wanted calls, each with the step that made it or what came nearest."""
    steps: dict[str, list[int]] = {}
    made = calls_of(moves)
    for number, record in made:
        if record.ok and record.normal is not None:
            steps.setdefault(record.normal, []).append(number)
    asked, places = Counter[str](), list[tuple[str, int]]()
    for call in wanted:
        asked[normal := toolbox.normal(call)] += 1
        places.append((normal, asked[normal]))
    done = [dict(enumerate(steps.get(normal, []), 1)).get(nth) for normal, nth in places]
    missing = [i for i, step in enumerate(done) if step is None]
    free = list(_unwanted(made, asked, script.calls if script else {}))
    near = _nearest([wanted[i] for i in missing], free, toolbox)
    nearest = dict(zip(missing, near, strict=True))
    rows: list[WantedCall] = []
    for i, (call, place) in enumerate(zip(wanted, places, strict=True)):
        effect = effects[call.name].effect if call.name in effects else Effect.WRITE
        row = WantedCall(call, effect, i < required, done[i])
        if done[i] is None:
            due = script.due(script.place_of_call(*place)) if script else None
            garbled = _garbled(call.name, moves)
            row = replace(row, nearest=nearest[i], unreadable=garbled, due=due)
        rows.append(row)
    return tuple(rows)


def _unwanted(
    made: Iterable[Made], asked: Mapping[str, int], recorded: Mapping[str, int]
) -> Iterator[Made]:
    """The calls that neither do what the goal asks for nor what the record does.

    A call of the goal that failed is one of them; one that fails in the record, too, is none.
    """
    count = Counter[str]()
    for number, call in made:
        normal = call.normal
        if normal is not None and (call.ok or normal not in asked):
            count[normal] += 1
            if count[normal] <= max(asked.get(normal, 0), recorded.get(normal, 0)):
                continue
        yield number, call


def _nearest(
    missing: Sequence[ToolCall], free: Sequence[Made], toolbox: Toolbox
) -> list[Nearest | None]:
    """For each missing call one of the calls at hand; the most alike find each other first."""
    goals = [toolbox.normalized(call) for call in missing]
    pairs: list[tuple[float, int, int]] = []
    for i, goal in enumerate(goals):
        for j, (_, record) in enumerate(free):
            call = _renamed(record, goal.name)
            if call is not None:
                pairs.append((-pair_score(toolbox.normalized(call), goal), i, j))
    found: dict[int, int] = {}
    for _, i, j in sorted(pairs):
        if i not in found and j not in found.values():
            found[i] = j
    return [
        _beside(call, *free[found[i]], toolbox) if i in found else None
        for i, call in enumerate(missing)
    ]


def _beside(wanted: ToolCall, number: int, record: CallRecord, toolbox: Toolbox) -> Nearest:
    call = ToolCall(record.name or "", record.arguments or {})
    return Nearest(number, call, record.problem, arguments_of(wanted, call, toolbox))


def _renamed(record: CallRecord, name: str) -> ToolCall | None:
    """The call, if it is one of this tool or of one that does not exist and is called like it."""
    arguments = record.arguments or {}
    if record.name == name:
        return ToolCall(name, arguments)
    unknown = record.problem is not None and record.problem.kind is ProblemKind.UNKNOWN_TOOL
    if unknown and get_close_matches(record.name or "", [name], cutoff=0.75):
        return ToolCall(name, arguments)
    return None


def arguments_of(wanted: ToolCall, made: ToolCall, toolbox: Toolbox) -> tuple[Argument, ...]:
    """Two calls of one tool, argument by argument.

    Args:
        wanted: The goal's call; its arguments come first.
        made: The agent's call.
        toolbox: What says which values mean the same.
    """
    left = toolbox.normalized(wanted).arguments
    right = toolbox.normalized(ToolCall(wanted.name, made.arguments)).arguments
    names = dict.fromkeys([*wanted.arguments, *made.arguments])
    return tuple(
        Argument(
            name,
            _json(wanted.arguments, name),
            _json(made.arguments, name),
            _same(left, right, name),
        )
        for name in names
    )


def _same(left: Mapping[str, Json], right: Mapping[str, Json], name: str) -> bool:
    if name not in left or name not in right:
        return name not in left and name not in right
    return equal(left[name], right[name])


def _json(arguments: Mapping[str, Json], name: str) -> str | None:
    if name not in arguments:
        return None
    return json.dumps(arguments[name], ensure_ascii=False)


def _garbled(name: str, moves: Iterable[Move]) -> int | None:
    """The first step with an attempt that could not be read, and that names this tool."""
    named = re.compile(rf"\b{re.escape(name)}\b").search
    found = (move.number for move in moves if move.parsed.problems and named(move.action))
    return next(found, None)


def _facts(
    task: Task, episode: Episode, moves: tuple[Move, ...], script: Script
) -> tuple[WantedFact, ...]:
    goal = task.goal.facts
    if not goal:
        return ()
    known, counted = list(known_before(episode, moves)), _counted(task, episode, moves)
    rows: list[WantedFact] = []
    for fact in sorted(goal):
        tells = (move.number for move in moves if fact in move.told)
        step = next(tells, None) if fact in counted else None
        seen = next((i for i, tokens in enumerate(known) if fact in tokens), None)
        follows = False
        if seen is None:
            seen = next((i for i, tokens in enumerate(known) if worked_out(fact, tokens)), None)
            follows = seen is not None
        if step is not None:
            rows.append(WantedFact(fact, step, seen, worked_out=follows))
            continue
        place = script.place_of_fact(fact)
        text = "" if place is None else script.turns[place].text
        wrong = wrongly_told(fact, text, goal, moves, known[:-1])
        rows.append(WantedFact(fact, None, seen, wrong, script.due(place), follows))
    return tuple(sorted(rows, key=lambda row: (row.step or len(moves) + 1, row.due or 0)))


def _counted(task: Task, episode: Episode, moves: Iterable[Move]) -> frozenset[str]:
    """The goal's facts that count as told: a guess among many does not."""
    if episode.outcome is not None and episode.outcome.facts:
        return task.goal.facts
    read = [Transition(move.parsed, move.calls, move.answers) for move in moves]
    return Telling.of(task, read, Telling()).passed


def _outside(task: Task, moves: Iterable[Move], toolbox: Toolbox) -> tuple[OutsideWrite, ...]:
    wanted = Counter(map(toolbox.normal, task.goal.writes))
    made, found = Counter[str](), list[OutsideWrite]()
    for number, call in calls_of(moves):
        if not call.ok or call.effect is not Effect.WRITE or call.normal is None:
            continue
        made[call.normal] += 1
        if made[call.normal] > wanted[call.normal]:
            found.append(OutsideWrite(number, ToolCall(call.name or "", call.arguments or {})))
    return tuple(found)


def _of_verdict(episode: Episode) -> GoalRows:
    """The rows of an episode whose task is not at hand."""
    if episode.mode is Mode.TURN or episode.outcome is None:
        return GoalRows((), (), ())
    toolbox, moves = Toolbox.of(episode.tools), moves_of(episode)
    wanted = [goal.call for goal in episode.outcome.goals]
    rows = _calls(wanted, len(wanted), moves, toolbox, {}, None)
    return GoalRows(rows, (), ())


def _of_decisions(task: Task, episode: Episode) -> GoalRows:
    """The rows of turn mode: each decision is a goal of its own."""
    parts = [
        decision_rows(task, task.decisions[step.turn], move)
        for move, step in zip(moves_of(episode), episode.steps, strict=True)
    ]
    calls = tuple(call for part in parts for call in part.calls)
    return GoalRows(calls, tuple(fact for part in parts for fact in part.facts), ())


def decision_rows(task: Task, turn: Turn, move: Move) -> GoalRows:
    """The rows of one decision in turn mode.

    Args:
        task: The task.
        turn: The recorded decision.
        move: The agent's message at this place.
    """
    calls = _calls(turn.calls, len(turn.calls), (move,), task.toolbox, task.effects, None)
    history = History.of(task.messages[: turn.index])
    facts: list[WantedFact] = []
    for fact in sorted(history.facts(turn.text)):
        told = move.number if fact in move.told else None
        facts.append(WantedFact(fact, told, move.number - 1, None, None if told else move.number))
    return GoalRows(calls, tuple(facts), ())
