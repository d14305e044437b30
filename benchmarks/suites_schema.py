"""The JSON Schema Test Suite against our two validators, and against a tool that asks for a value.

Every case is a schema, a value and whether the value is valid. Its schema says `$schema`, unless
it is read as most tools' schemas are, which do not. A schema of a tool is one of an object, so the
third verdict is that on a call with the value as its only argument.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, TypeAlias, cast

from tools.schema.fast import Check, compile_check
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
    """Why a schema is not read -> how many cases have such a schema."""
    unlike: list[Place] = field(default_factory=list)
    """Cases on which the quick check, the strict validator and the tool do not agree."""

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
                for group in cast("list[Case]", json.loads(path.read_text("utf-8"))):
                    _judge(tally, path.stem, group, bare)
            if tally.cases:
                yield tally


def _judge(tally: Tally, file: str, group: Case, bare: bool) -> None:
    """Adds a schema's cases to a tally."""
    cases = cast("list[Case]", group["tests"])
    try:
        checks = _checks(_named(group["schema"], tally.draft, bare))
    except SchemaRefused as error:
        tally.refused[_reason(error)] += len(cases)
        return
    for case in cases:
        place = Place(file, str(group["description"]), str(case["description"]))
        verdicts = [check(case["data"]) for check in checks]
        if len(set(verdicts)) > 1:
            tally.unlike.append(place)
        if verdicts[0] is case["valid"]:
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


def _checks(schema: Json) -> list[Check]:
    """The quick check, the strict validator, and a call of a tool that takes such a value."""
    plain = resolved_schema(schema)
    parameters: Json = {"type": "object", "properties": {_VALUE: plain}, "required": [_VALUE]}
    toolbox = Toolbox.of([ToolSpec("tool", "", cast("dict[str, Json]", parameters))])

    def accepts(value: Json) -> bool:
        problem = toolbox.check(ToolCall("tool", {_VALUE: value}))
        # What is too large is no matter of the schema, and the suite has nothing that is.
        assert problem is None or problem.kind is not ProblemKind.TOO_LARGE, problem
        return problem is None

    return [compile_check(plain), cast("Check", StrictValidator(plain).is_valid), accepts]


def _reason(error: SchemaRefused) -> str:
    """Why a schema is refused, without what it says in particular."""
    text = str(error).removeprefix("tool 'tool': ")
    return text.partition(";")[0].partition(", got")[0]
