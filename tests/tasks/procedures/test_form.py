"""The declarative form: what is read, and what is said about what cannot be."""

from __future__ import annotations

import pytest

from tasks.procedures.form import FormError, read_area
from tasks.procedures.types import Procedure, StepKind

AREA = """
area = "shop"
company = "a shop"

[slots]
order = { words = "order number", looks = "OR-###" }
colour = { words = "colour", one_of = ["red", "blue", "grey"] }
pieces = { words = "number of pieces", between = [1, 9] }

[apis.find]
does = "Find an order."
takes = ["order"]
gives.found = { item = "lamp|mug", price = [5, 90] }
gives.unknown = {}

[apis.paint]
does = "Paint an order."
takes = ["order", "colour"]
write = true
gives.done = { job = "JB-##" }

[[procedure]]
name = "paint_order"
title = "Paint an order"
intents = ["Paint it.", "I want it painted.", "Colour my order.", "Another colour, please."]
steps = [
  { id = "order", ask = ["order"], say = "Which order?" },
  { id = "find", call = "find", if = { found = "offer", unknown = "again" } },
  { id = "again", ask = ["order"], again = true, say = "Which one really?", go = "find" },
  { id = "offer", say = "Paint the {item} for {price}?", if = { yes = "colour", no = "keep" } },
  { id = "keep", say = "The {item} stays.", end = "kept" },
  { id = "colour", ask = ["colour"], say = "Which colour for the {item}?" },
  { id = "paint", call = "paint" },
  { id = "painted", say = "Job {job} is done.", end = "painted" },
]
"""


def area(old: str = "", new: str = "") -> Procedure:
    """The procedure above, with something changed."""
    assert old in AREA
    (procedure,) = read_area(AREA.replace(old, new, 1) if old else AREA)
    return procedure


def test_a_step_does_what_its_keys_say() -> None:
    kinds = {step.id: step.kind for step in area().steps}
    assert kinds["order"] is StepKind.ASK
    assert kinds["find"] is StepKind.CALL
    assert kinds["offer"] is StepKind.CHOICE
    assert kinds["painted"] is StepKind.TELL


def test_a_step_goes_on_to_the_next_line_unless_it_says_otherwise() -> None:
    procedure = area()
    assert procedure.step("order").branches == {"": "find"}
    assert procedure.step("again").branches == {"": "find"}
    assert procedure.step("painted").branches == {}
    assert procedure.step("offer").branches == {"yes": "colour", "no": "keep"}


def test_slots_and_apis_are_the_areas() -> None:
    procedure = area()
    assert procedure.slots["pieces"].between == (1, 9)
    assert procedure.apis["find"].gives["found"]["price"].between == (5, 90)
    assert procedure.apis["paint"].write
    assert not procedure.apis["find"].write
    assert [api.name for api in procedure.called] == ["find", "paint"]


@pytest.mark.parametrize(
    ("old", "new", "match"),
    [
        ('area = "shop"', "", "expected a text as `area`"),
        ('company = "a shop"', "company = 3", "expected a text as `company`, got '3'"),
        ("[[procedure]]", "[[procedure", "expected TOML"),
        ('looks = "OR-###" }', 'looks = "OR", one_of = ["a"] }', "exactly one of `looks`"),
        ("between = [1, 9]", "between = [9, 1]", r"\[LEAST, GREATEST\]"),
        ('ask = ["order"], say = "Which order?"', 'ask = ["order"]', "either `say` or `call`"),
        ('call = "paint"', 'call = "paint", say = "Now."', "either `say` or `call`"),
        ('call = "paint"', 'call = "paint", goto = "x"', "got 'goto' too"),
        ('ask = ["colour"]', 'ask = "colour"', "expected a list as `ask`"),
        ('ask = ["colour"]', "ask = [1]", "expected texts in `ask`"),
        ("gives.done = { job", "gives = { job", "expected a table as `gives.job`"),
        ('title = "Paint an order"', "", "expected a text as `title`"),
    ],
)
def test_what_is_not_of_the_form_is_explained(old: str, new: str, match: str) -> None:
    with pytest.raises(FormError, match=match):
        area(old, new)
