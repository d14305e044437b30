"""The JSON Schema Test Suite against our two validators, and against a tool that asks for a value.

Every case is a schema, a value and whether the value is valid. Its schema says `$schema`, unless
it is read as most tools' schemas are, which do not. A schema of a tool is one of an object, so the
third verdict is that on a call with the value as its only argument.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, TypeAlias, cast

from tools.jsontext import short
from tools.schema.fast import compile_check
from tools.schema.load import resolved_schema
from tools.schema.strict import StrictValidator
from tools.schema.toolbox import SchemaRefused, Toolbox
from tools.types import Json, ProblemKind, ToolCall, ToolSpec

DRAFTS: Mapping[str, str] = {
    "draft4": "http://json-schema.org/draft-04/schema#",
    "draft6": "http://json-schema.org/draft-06/schema#",
    "draft7": "http://json-schema.org/draft-07/schema#",
    "draft2019-09": "https://json-schema.org/draft/2019-09/schema",
    "draft2020-12": "https://json-schema.org/draft/2020-12/schema",
}
"""Folder -> the `$schema` of its draft."""
PARTS: Mapping[str, str] = {"required": "*.json", "optional": "optional/*.json"}
"""Part of a draft -> its files. `optional/format` is in no part, since to us a format is a note."""
CHOSEN: Mapping[str, str] = {
    "zeroTerminatedFloats": "1.0 is an integer, as since draft 6",
    "content": "an encoding is a note, as since draft 2019-09",
    "format-assertion": "a format is a note, as `format` is by default",
}
"""Optional file -> why we read it in another way."""
_VALUE = "value"
_TOO_LARGE = "expected a value that is small enough for a call"

Case: TypeAlias = "dict[str, Json]"


class Place(NamedTuple):
    """Where a case stands."""

    file: str
    """Its file's name without the ending."""
    group: str
    """What its schema is about."""
    case: str = ""
    """What its value is about."""

    def __str__(self) -> str:
        return ": ".join(filter(None, self))


@dataclass(slots=True)
class Tally:
    """What became of a part's cases."""

    draft: str
    """The draft's folder."""
    part: str
    """One of `PARTS`."""
    right: int = 0
    """Cases that are judged as the suite judges them."""
    wrong: list[Place] = field(default_factory=list)
    """Cases that are not."""
    refused: Counter[str] = field(default_factory=Counter)
    """Why a schema or a value is not read -> how many cases have such a one."""
    compared: int = 0
    """How many times the validators were compared: each schema of a file on each of its values."""
    unlike: list[Place] = field(default_factory=list)
    """Values on which the quick check, the strict validator and the tool do not agree."""

    @property
    def unchosen(self) -> list[Place]:
        """The wrong cases without those that we have chosen to read in another way."""
        return [one for one in self.wrong if self.part == "required" or one.file not in CHOSEN]

    @property
    def cases(self) -> int:
        """How many there are."""
        return self.right + len(self.wrong) + self.refused.total()

    def as_json(self) -> dict[str, object]:
        """All counts, and the cases that are wrong by their names."""
        return {
            "draft": self.draft,
            "part": self.part,
            "cases": self.cases,
            "right": self.right,
            "wrong": list(map(str, self.wrong)),
            "refused": dict(self.refused.most_common()),
            "validators compared": self.compared,
            "validators disagree": list(map(str, self.unlike)),
        }


def tallies(folder: Path, *, bare: bool = False) -> Iterator[Tally]:
    """A tally for each draft and part.

    Args:
        folder: The suite's, with `tests/` in it.
        bare: Whether schemas do not name their draft.

    Raises:
        FileNotFoundError: if the suite is not there.
    """
    if not any((folder / "tests" / draft).is_dir() for draft in DRAFTS):
        raise FileNotFoundError(
            f"expected the JSON Schema Test Suite with tests/draft7/ and the like in it, but they "
            f"are not in {folder}; pass the folder into which it was cloned"
        )
    for draft in DRAFTS:
        for part, files in PARTS.items():
            tally = Tally(draft, part)
            for path in sorted((folder / "tests" / draft).glob(files)):
                _judge_file(tally, path, bare)
            if tally.cases:
                yield tally


def _judge_file(tally: Tally, path: Path, bare: bool) -> None:
    """Adds a file's cases to a tally, and compares the validators on all its values."""
    groups = cast("list[Case]", json.loads(path.read_text("utf-8")))
    values = [case["data"] for group in groups for case in _cases(group)]
    for group in groups:
        about = str(group["description"])
        try:
            verdicts_on = _judges(resolved_schema(_named(group["schema"], tally.draft, bare)))
        except SchemaRefused as error:
            tally.refused[_reason(error)] += len(_cases(group))
            continue
        for case in _cases(group):
            place = Place(path.stem, about, str(case["description"]))
            _judge(tally, place, verdicts_on(case["data"]), case["valid"])
        for value in values:
            verdicts = verdicts_on(value)
            tally.compared += bool(verdicts)
            if len(set(verdicts)) > 1:
                tally.unlike.append(Place(path.stem, about, short(json.dumps(value))))


def _cases(group: Case) -> list[Case]:
    return cast("list[Case]", group["tests"])


def _judge(tally: Tally, place: Place, verdicts: list[bool], valid: Json) -> None:
    if not verdicts:
        tally.refused[_TOO_LARGE] += 1
    elif verdicts[0] is valid:
        tally.right += 1
    else:
        tally.wrong.append(place)


def _named(schema: Json, draft: str, bare: bool) -> Json:
    """The schema with a `$schema`, or without; a dialect that somebody made up stays named."""
    if not isinstance(schema, dict):
        return schema
    if bare and schema.get("$schema") == DRAFTS[draft]:
        return {key: value for key, value in schema.items() if key != "$schema"}
    return schema if bare else {"$schema": DRAFTS[draft], **schema}


def _judges(schema: Json) -> Callable[[Json], list[bool]]:
    """The verdicts of the quick check, of the strict validator, and on a call with the value.

    There are none on a value that is too large for a call, whatever its schema says.
    """
    parameters: Json = {"type": "object", "properties": {_VALUE: schema}, "required": [_VALUE]}
    toolbox = Toolbox.of([ToolSpec("tool", "", cast("dict[str, Json]", parameters))])
    quick, strict = compile_check(schema), StrictValidator(schema)

    def verdicts(value: Json) -> list[bool]:
        problem = toolbox.check(ToolCall("tool", {_VALUE: value}))
        if problem and problem.kind is ProblemKind.TOO_LARGE:
            return []
        return [quick(value), bool(strict.is_valid(value)), problem is None]

    return verdicts


def _reason(error: SchemaRefused) -> str:
    """Why a schema is refused, without what it says in particular."""
    text = str(error).removeprefix("tool 'tool': ")
    return text.partition(";")[0].partition(", got")[0]
