"""The linter: one broken procedure a finding, and a library without any."""

from __future__ import annotations

from pathlib import Path

import pytest

from tasks.procedures.__main__ import main
from tasks.procedures.form import read_area
from tasks.procedures.library import HELD_OUT, library, procedures
from tasks.procedures.lint import FindingKind, lint, lint_all
from tasks.procedures.types import Procedure

SOUND = """
area = "shop"
company = "a shop"
[slots]
order = { words = "order number", looks = "OR-###" }
colour = { words = "colour", one_of = ["red", "blue", "grey"] }
[apis.find]
does = "Find an order."
takes = ["order"]
gives.found = { item = "lamp|mug" }
gives.unknown = {}
[apis.paint]
does = "Paint an order."
takes = ["order", "colour"]
write = true
gives.done = { job = "JB-##" }
[apis.transfer_to_human]
does = "Hand over."
gives.done = {}
[[procedure]]
name = "paint"
title = "Paint an order"
intents = ["Paint it.", "I want it painted.", "Colour my order.", "Another colour, please."]
steps = [
  { id = "order", ask = ["order"], say = "Which order?" },
  { id = "find", call = "find", if = { found = "offer", unknown = "again" } },
  { id = "again", ask = ["order"], again = true, say = "Which one really?", go = "find" },
  { id = "offer", say = "Paint the {item}?", if = { yes = "colour", no = "keep" } },
  { id = "keep", say = "The {item} stays.", end = "kept" },
  { id = "colour", ask = ["colour"], say = "Which colour for the {item}?" },
  { id = "paint", call = "paint" },
  { id = "painted", say = "Job {job} is done.", end = "painted" },
]
"""


BOTH = 'if = { found = "offer", unknown = "again" }'


def changed(old: str = "", new: str = "") -> Procedure:
    assert old in SOUND
    (procedure,) = read_area(SOUND.replace(old, new, 1) if old else SOUND)
    return procedure


def test_a_sound_procedure() -> None:
    assert lint(changed()) == []


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ('go = "find"', 'go = "nowhere"', FindingKind.UNKNOWN_STEP),
        ('done.", end = "painted"', 'done."', FindingKind.UNKNOWN_STEP),
        ('id = "keep"', 'id = "paint"', FindingKind.DUPLICATE_STEP),
        ('no = "keep"', 'no = "colour"', FindingKind.UNREACHABLE),
        ('stays.", end = "kept"', 'stays.", go = "keep"', FindingKind.NO_EXIT),
        ('ask = ["colour"]', 'ask = ["color"]', FindingKind.UNKNOWN_SLOT),
        ("Which order?", "Which order, {item}?", FindingKind.UNDEFINED_VALUE),
        ('yes = "colour"', 'yes = "paint"', FindingKind.UNREACHABLE),
        ('no = "keep"', 'no = "paint"', FindingKind.UNREACHABLE),
        ('call = "paint"', 'call = "point"', FindingKind.UNKNOWN_API),
        (', unknown = "again"', "", FindingKind.MISSING_OUTCOME),
        (
            'if = { found = "offer", unknown = "again" }',
            'go = "offer"',
            FindingKind.MISSING_OUTCOME,
        ),
        ('unknown = "again"', 'unknown = "again", lost = "keep"', FindingKind.UNKNOWN_OUTCOME),
        ("gives.unknown", "gives.error", FindingKind.ERROR_OUTCOME),
        ('unknown = "again"', 'unknown = "find"', FindingKind.UNREACHABLE),
        ('"again", ask = ["order"]', '"again", ask = ["colour"]', FindingKind.REPEATED_CALL),
        ("{ yes =", "{ maybe =", FindingKind.NO_WORDS),
        (', "Another colour, please."', "", FindingKind.FEW_INTENTS),
        ('call = "paint"', 'call = "transfer_to_human"', FindingKind.OPEN_HANDOVER),
        ('say = "Which order?"', 'say = "No.", end = "no"', FindingKind.NO_CALL),
    ],
)
def test_each_fault_is_found(old: str, new: str, kind: FindingKind) -> None:
    found = lint(changed(old, new))
    assert kind in {finding.kind for finding in found}
    assert all("expected" in finding.text for finding in found)


def test_a_value_must_be_known_on_every_way() -> None:
    shortcut = changed('no = "keep"', 'no = "painted"')
    found = lint(shortcut)
    assert [(f.kind, f.where) for f in found if f.kind is FindingKind.UNDEFINED_VALUE] == [
        (FindingKind.UNDEFINED_VALUE, "shop/paint.painted")
    ]


def test_two_procedures_of_one_name() -> None:
    assert [finding.where for finding in lint_all([changed(), changed()])] == ["paint"]


def test_the_library_is_sound() -> None:
    assert [str(finding) for finding in lint_all(library())] == []


def test_the_parts_of_the_library() -> None:
    seen, unseen = procedures("seen"), procedures("unseen")
    assert len(seen) + len(unseen) == len(procedures("all"))
    assert {procedure.area for procedure in unseen} == set(HELD_OUT)
    assert {procedure.area for procedure in procedures("billing")} == {"billing"}
    with pytest.raises(ValueError, match="expected seen, unseen, all, an area"):
        procedures("nothing")


def test_the_command_lints_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text(SOUND, "utf-8")
    bad.write_text(SOUND.replace('go = "find"', 'go = "x"'), "utf-8")
    assert main(["--lint", str(good)]) == 0
    assert main(["--lint", str(bad)]) == 1
    assert "shop/paint.again: unknown_step" in capsys.readouterr().out
    assert main(["--lint", str(tmp_path / "none.toml")]) == 2


def test_the_command_plays_and_lists(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--play", library()[0].name]) == 0
    assert main([]) == 0
    assert library()[0].title in capsys.readouterr().out
    assert main(["--play", "nothing"]) == 2
    assert main(["--play", f"x{library()[0].name}"]) == 2
    line = capsys.readouterr().err.splitlines()[-1]
    assert line.endswith(f"; did you mean '{library()[0].name}'?")
    assert len(line) < 400
