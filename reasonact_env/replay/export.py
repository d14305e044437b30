"""Episodes as training data, and screens as pictures."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from rich.console import Console, RenderableType
from rich.segment import Segment, SegmentLines

from reasonact_env.episode import Episode, Mode, Step, message_of
from tools.counts import counted
from tools.files import replacing, write_text
from tools.inert import inline
from tools.types import Json, Message, Role

LINES = 10_000
"""The most lines of a picture; chosen by hand."""
_SVG = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, Consolas, "DejaVu Sans Mono", monospace;
  font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width; }}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: sans-serif; }}
{styles}
</style>
<defs><clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>{lines}</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">{matrix}</g>
</g>
</svg>
"""
"""A picture as rich has it, with the reader's own fonts: rich's loads one from elsewhere."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An episode as it is listed."""

    number: int
    """Its place in the list, from 1: what `--episode` takes."""
    episode: Episode
    """The episode."""
    failed: bool
    """Whether `--where failed` finds it."""


@dataclass(slots=True)
class Exported:
    """What was written."""

    examples: int = 0
    """The number of lines."""
    failed: int = 0
    """How many of them are of failed episodes."""
    wrong: int = 0
    """How many of their assistant messages have a problem: training would teach it."""
    first: int | None = None
    """The first episode that has such a message, by its place in the list."""
    kinds: Counter[str] = field(default_factory=Counter)
    """What is wrong with them (`ProblemKind`) -> the number of messages."""

    @property
    def words(self) -> str:
        """What there is, and what of it training might better leave out."""
        words = counted(self.examples, "example")
        if self.failed:
            of = counted(self.failed, "of a failed episode", "of failed episodes")
            them = "it" if self.failed == 1 else "them"
            words += f", {of} (--where won leaves {them} out)"
        if self.wrong:
            whose = "its" if self.examples == 1 else "their"
            has = counted(self.wrong, *(f"of {whose} messages {one}" for one in ("has", "have")))
            kinds = ", ".join(f"{kind} {count:,}" for kind, count in self.kinds.most_common())
            where = "in" if self.wrong == 1 else "the first in"
            words += f"; {has} a problem ({kinds}), {where} episode {self.first:,}"
        return words

    def add(self, listed: Listed, examples: int) -> None:
        """Counts an episode, of which that many lines were written."""
        self.examples += examples
        self.failed += examples * listed.failed
        for step in listed.episode.steps:
            if kinds := _problems(step):
                self.wrong += 1
                self.first = self.first or listed.number
                self.kinds.update(kinds)


def export_sft(chosen: Iterable[Listed], path: Path) -> Exported:
    """Writes episodes as training data: one JSON object a line, in chat format.

        {"messages": [{"role": "system", "content": "…"}, …], "tools": [{"type": "function", …}]}

    `tokenizer.apply_chat_template(line["messages"], tools=line["tools"])` takes them; assistant
    messages are as the agent wrote them, with `<think>` and `<tool_call>` inside. A dialogue is one
    line. In turn mode each decision is one, with the recorded history before it.

    Args:
        chosen: The episodes, chosen by the caller: a failure is exported like a success.
        path: Where to write; an older file is replaced.
    """
    found = Exported()
    with replacing(path) as file:
        for listed in chosen:
            examples = 0
            for line in sft_examples(listed.episode):
                text = json.dumps(line, ensure_ascii=False) + "\n"
                file.write(text.encode("utf-8", "backslashreplace"))
                examples += 1
            found.add(listed, examples)
    return found


def sft_examples(episode: Episode) -> Iterator[dict[str, Json]]:
    """The examples in an episode: the dialogue, or each decision in turn mode."""
    tools: list[Json] = [spec.as_dict() for spec in episode.tools]
    said = list(episode.opening)
    for step in episode.steps:
        action = Message(Role.ASSISTANT, step.action)
        if episode.mode is Mode.TURN:
            yield {"messages": _plain([*said, action]), "tools": tools}
            said += step.answers
        else:
            said += [action, *step.answers]
    if episode.mode is Mode.DIALOGUE:
        last = max(
            (i for i, one in enumerate(said) if one.role is Role.ASSISTANT), default=None
        )  # nothing is learned from what follows the last message
        if last is not None:
            yield {"messages": _plain(said[: last + 1]), "tools": tools}


def _plain(messages: Iterable[Message]) -> list[Json]:
    return [dict(message.as_dict()) for message in messages]


def _problems(step: Step) -> set[str]:
    """What is wrong with a message, each kind once: unreadable calls, and failed ones."""
    parsed = message_of(step.action, step.calls).problems
    failed = (call.problem for call in step.calls if call.problem is not None)
    return {problem.kind.value for problem in (*parsed, *failed)}


def write_svg(shown: RenderableType, path: Path, *, title: str, width: int = 100) -> Path:
    """Writes what the console shows as a picture that loads nothing from elsewhere.

    Args:
        shown: The renderable.
        path: Where to write.
        title: Above the picture, on one line.
        width: The screen's width in columns.

    Raises:
        ValueError: if that has more than `LINES` lines.
    """
    console = Console(
        file=io.StringIO(), width=width, record=True, force_terminal=True, markup=False
    )
    lines = [*islice(Segment.split_lines(console.render(shown)), LINES + 1)]
    if len(lines) > LINES:
        raise ValueError(
            f"expected at most {LINES:,} lines in a picture, which no program shows more of, got "
            "more; a page (--html) or --plain has room for all"
        )
    console.print(SegmentLines(lines, new_lines=True), end="")
    return write_text(path, console.export_svg(title=inline(title), code_format=_SVG))
