"""An episode, or two of them side by side, as a page."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from reasonact_env.episode import CallRecord, Episode, Mode, Step, message_of
from reasonact_env.failures.aligned import align
from reasonact_env.failures.cause import Cause
from reasonact_env.failures.wanted import GoalRows
from reasonact_env.replay.html import Html, element, joined, page, screen, table
from reasonact_env.replay.html_goal import first_wrong_note, goal_list, shown_json
from reasonact_env.view.episode import tool_list
from reasonact_env.view.scores import checks, clipped, return_words
from reasonact_env.view.text import json_or_none
from tools.counts import counted
from tools.protocol import ThinkForm
from tools.types import CallProblem, Effect, Message, MessageKind, Role, ToolCall, Violation

LONG = 900
"""The characters from which a tool's answer is folded."""
_LEGEND = "→ read · ◆ write · ✗ problem · ! against the rules"


def episode_page(
    episode: Episode, agent: str = "", goal: GoalRows | None = None, cause: Cause | None = None
) -> str:
    """An episode as a page: verdict, goal, components, and the whole conversation.

    Args:
        episode: The episode.
        agent: Who played.
        goal: The goal beside the episode (`failures.goal_of`); what the verdict tells unless given.
        cause: What went wrong first (`failures.first_wrong`).
    """
    body = [
        *_title(episode, agent),
        *_head(episode),
        _strip(episode),
        *first_wrong_note(cause),
        *goal_list(episode, goal),
        *_harm(episode),
        *_bars(episode),
    ]
    body += [element("h2", "Conversation"), *_opening(episode)]
    body += [_step(episode, number) for number in range(1, len(episode.steps) + 1)]
    return page(f"{episode.task_id} · ReasonAct", body)


def comparison_page(
    episodes: tuple[Episode, Episode], names: tuple[str, str], note: str = ""
) -> str:
    """Two episodes of one task side by side, the first difference framed.

    Args:
        episodes: The episodes.
        names: What each is called, such as its stage and its file, with a dot between them; at
            each step the first part stands alone, where that tells them apart.
        note: What has to be known of the two; empty for nothing.
    """
    one, other = episodes
    short = tuple(name.partition(" · ")[0] for name in names)
    called = short if short[0] != short[1] else names
    laid = align(one, other)
    heads = [
        element("div", element("h2", name), *_head(episode), _strip(episode, f"{side}-"))
        for episode, name, side in zip(episodes, names, "ab", strict=True)
    ]
    notes = [element("p", note, class_="note warn")] if note else []
    body = [element("h1", one.task_id), *notes, _pair(heads)]
    body += [element("h2", "Conversation"), *_opening(one)]
    for place, numbers in enumerate(laid.rows):
        sides = [
            _step(episode, number, f"{side}-", name) if number else Html("<div></div>")
            for episode, number, side, name in zip(episodes, numbers, "ab", called, strict=True)
        ]
        if place == laid.first:
            body.append(element("p", "The first difference:", class_="warn"))
        body.append(_pair(sides, first=place == laid.first))
    return page(f"{one.task_id}, {names[0]} and {names[1]} · ReasonAct", body, wide=True)


def _pair(sides: Iterable[str], *, first: bool = False) -> Html:
    return element("div", *sides, class_="pair first" if first else "pair")


def _title(episode: Episode, agent: str) -> Iterator[Html]:
    about = [episode.mode.value, episode.source, agent and f"agent {agent.removeprefix('agent ')}"]
    if episode.decision is not None:
        about.insert(1, f"decision {episode.decision}")
    yield element("h1", episode.task_id)
    yield element("p", " · ".join(filter(None, about)), class_="quiet")


def _head(episode: Episode) -> Iterator[Html]:
    """The verdict."""
    outcome, verdict = episode.outcome, Html("")
    if outcome is not None:
        won = outcome.success
        mark = "✓ success" if won else "✗ failure"
        verdict = element("span", mark, class_=f"badge {'good' if won else 'bad'}")
    steps = counted(len(episode.steps), "step")
    facts = f"{return_words(episode)} · {steps} · {episode.stop or 'running'}"
    yield element("p", verdict, facts)
    if outcome is not None:
        marks = "  ".join(f"{sign} {name}" for sign, name in checks(outcome))
        yield element("p", marks, f" · goal {outcome.goal}", class_="quiet")


def _strip(episode: Episode, side: str = "") -> Html:
    """Every step as a small sign that leads to it."""
    links = []
    for number, step in enumerate(episode.steps, 1):
        sign, kind, words = _sign(episode, number, step)
        name = f"step {number}: {words}"
        place = f"#{side}step-{number}"
        links.append(element("a", f"{number}{sign}", href=place, class_=kind, title=name))
    strip = element("nav", *links, class_="strip", aria_label="steps")
    return joined([strip, element("p", _LEGEND, class_="quiet")])


def _sign(episode: Episode, number: int, step: Step) -> tuple[str, str, str]:
    """A sign for a step, its class, and what it means."""
    parsed = message_of(step.action, step.calls)
    if any(rule.message == number for rule in _violations(episode)):
        return "!", "bad", "against the rules"
    if any(not call.ok for call in step.calls) or parsed.kind is MessageKind.NONE:
        return "✗", "bad", "a call with a problem, or no message at all"
    if any(call.effect is Effect.WRITE for call in step.calls):
        return "◆", "write", "a write"
    return ("→", "", "a read") if step.calls else ("", "", "a reply")


def _violations(episode: Episode) -> Sequence[Violation]:
    return episode.outcome.violations if episode.outcome is not None else ()


def _harm(episode: Episode) -> Iterator[Html]:
    """Harm and broken rules, in full."""
    if episode.outcome is None:
        return
    for harm in episode.outcome.harm:
        words = f"Harm: {harm.table} {harm.key} of {harm.customer} was changed."
        yield element("p", words, class_="note bad")
    for broken in episode.outcome.violations:
        yield _violation(broken.message, broken.rule, broken.text)


def _violation(step: int, rule: str, words: str) -> Html:
    link = element("a", f"step {step}", href=f"#step-{step}")
    return element("p", "Against the rules in ", link, f": {rule} ({words})", class_="note warn")


def _bars(episode: Episode) -> Iterator[Html]:
    """The weighted components of the last step that has some."""
    weighted = [step for step in episode.steps if any(step.weights.values())]
    if not weighted:
        return
    last = len(weighted) - 1 if episode.mode is Mode.TURN else -1
    yield element("h2", "Reward" if last < 0 else "Reward of the last decision")
    yield component_bars(weighted[-1].components, weighted[-1].weights)


def component_bars(scores: Mapping[str, float | None], weights: Mapping[str, float]) -> Html:
    """Components as bars from -1 to +1; what is below zero is hatched and on the left."""
    rows = [
        (
            name,
            _bar(score),
            f"{score:+.2f}",
            f"× {weights.get(name, 0):.2f} = {score * weights.get(name, 0):+.2f}",
        )
        for name, score in scores.items()
        if score is not None
    ]
    return table(("component", "-1 … +1", "score", "weight"), rows)


def _bar(score: float) -> Html:
    value = clipped(score) or 0.0
    size = abs(value) * 50
    left = 50.0 if value >= 0 else 50 - size
    style = f"left:{left:.1f}%;width:{size:.1f}%"
    inside = element("i", style=style, class_="minus" if score < 0 else "")
    return element("span", inside, class_="bar", role="img", aria_label=f"{score:+.2f}")


def _opening(episode: Episode) -> Iterator[Html]:
    messages = episode.opening
    if messages and messages[0].role is Role.SYSTEM:
        rules, messages = messages[0], messages[1:]
        words = counted(len(rules.content.split()), "word of rules", "words of rules")
        words += f", {counted(len(episode.tools), 'tool')}"
        tools = screen(tool_list(episode.tools), 90) if episode.tools else Html("")
        inside = [element("div", rules.content, class_="said"), tools]
        yield _card("system", [element("details", element("summary", words), *inside)])
    for message in messages:
        yield _message(message)


def _step(episode: Episode, number: int, side: str = "", name: str = "") -> Html:
    step, recorded = episode.steps[number - 1], episode.mode is Mode.TURN
    title = f"decision {step.turn}" if recorded else f"step {number} of {len(episode.steps)}"
    said = [f"{name} · {title}" if name else title, f" · reward {step.reward:+.2f}"]
    label = "assistant, the agent's own" if recorded else "assistant"
    answered = 0 if recorded else sum(message.role is Role.TOOL for message in step.answers)
    parts = [element("h3", *said), _card(label, _assistant(step, answered), "assistant")]
    for broken in _violations(episode):
        if broken.message == number:
            parts.append(_violation(number, broken.rule, broken.text))
    records = iter(() if recorded else step.calls)
    parts += [_answer(message, records, recorded=recorded) for message in step.answers]
    return element("section", *parts, class_="step", id=f"{side}step-{number}")


def _assistant(step: Step, answered: int) -> Iterator[Html]:
    """Thought, calls and text of a message; `answered` of its calls have a tool message below."""
    parsed = message_of(step.action, step.calls)
    if parsed.thought is not None:
        yield element("div", parsed.thought or "(an empty thought)", class_="said thought")
    for number, attempt in enumerate(parsed.attempts):
        record = step.calls[number] if number < len(step.calls) else None
        yield _call(attempt, record, told=number < answered)
    if parsed.text:
        aside = " (not delivered)" if parsed.kind is MessageKind.CALL else ""
        yield element("div", parsed.text + aside, class_="said")
    if parsed.problems or parsed.thinking is ThinkForm.BROKEN or parsed.kind is MessageKind.NONE:
        yield element("p", "The raw message:", class_="bad")
        yield element("pre", step.action or "(empty)")


def _call(attempt: ToolCall | CallProblem, record: CallRecord | None, *, told: bool) -> Html:
    """A call, and its problem unless a tool message below tells it."""
    problem = attempt if isinstance(attempt, CallProblem) else record and record.problem
    name = "unreadable call" if isinstance(attempt, CallProblem) else attempt.name
    parts = ["→ ", element("code", name)]
    if problem:
        parts.append(element("span", f" ✗ {problem.kind.value}", class_="bad"))
    elif record:
        parts.append(element("span", f" ✓ {record.effect.value}", class_="good"))
    if isinstance(attempt, ToolCall) and attempt.arguments:
        parts.append(
            element("pre", json.dumps(dict(attempt.arguments), indent=1, ensure_ascii=False))
        )
    if problem and not told:
        parts.append(element("div", problem.text, class_="bad"))
    if record and record.changes:
        parts.append(_changes(record))
    return element("div", *parts, class_="call")


def _changes(record: CallRecord) -> Html:
    """What the call changed, value by value."""
    rows = [
        (
            f"{one.table} {one.key}",
            one.field,
            shown_json(one.before),
            element("b", shown_json(one.after)),
        )
        for one in record.changes
    ]
    return table(("changed", "field", "before", "after"), rows)


def _answer(message: Message, records: Iterator[CallRecord], *, recorded: bool) -> Html:
    record = next(records, None) if message.role is Role.TOOL else None
    if record is None:
        return _message(message, "record" if recorded and message.role is Role.ASSISTANT else "")
    label = f"tool · {record.name or 'unreadable call'}"
    return _card(label, [_result(message.content)], "tool" if record.ok else "tool failed")


def _message(message: Message, note: str = "") -> Html:
    label = f"{message.role} · {note}" if note else str(message.role)
    if message.role is Role.TOOL:
        return _card(label, [_result(message.content)], "tool")
    inside = element("div", message.content or "(empty)", class_="said")
    return _card(label, [inside], str(message.role))


def _result(content: str) -> Html:
    value = json_or_none(content)
    words = content if value is None else json.dumps(value, indent=1, ensure_ascii=False)
    shown = element("pre", words or "(empty)")
    if len(words) <= LONG:
        return shown
    return element("details", element("summary", counted(len(words), "character")), shown)


def _card(label: str, inside: Iterable[str], kind: str = "system") -> Html:
    return element("div", element("b", label), *inside, class_=f"card {kind}")
