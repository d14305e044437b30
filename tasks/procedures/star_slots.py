"""Finds the parameter that one of STAR's questions asks for, and values for it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import cast

from tasks.procedures.types import Slot
from tools.types import Json

_FILLING = frozenset({"ask", "inform", "request", "optional", "the", "of", "hour", "needed"})
_PEOPLE = ("Ines Falk", "Tomas Rehn", "Mira Solberg", "Jon Adler", "Lea Winter", "Paul Okun")
_PLACES = ("Brookfield", "Elmton", "Harwick", "Linden Bay", "Norbury", "Stonegate", "Westmere")


def mapped(questions: Sequence[str], tool: Mapping[str, Json]) -> dict[str, Slot]:
    """Question -> slot.

    The pairs that share most words come first (Jaccard). A question that shares none gets the next
    remaining parameter, required ones first, or a slot of its own.

    Args:
        questions: The steps' names.
        tool: The tool that is called in the end.
    """
    parameters = cast("dict[str, dict[str, Json]]", tool["parameters"])
    schemas = cast("dict[str, dict[str, Json]]", parameters["properties"])
    left = [name for name in schemas if name != "RequestType"]
    pairs = [
        (_overlap(_words(question), _words_of(name, schemas[name])), -i, -j, question, name)
        for i, question in enumerate(questions)
        for j, name in enumerate(left)
    ]
    found: dict[str, str] = {}
    for score, _, _, question, name in sorted(pairs, reverse=True):
        if score > 0 and question not in found and name in left:
            found[question] = name
            left.remove(name)
    required = cast("list[str]", parameters.get("required") or [])
    left.sort(key=lambda name: name not in required)
    for question in questions:
        if question not in found and left:
            found[question] = left.pop(0)
    return {
        question: slot_of(found[question], schemas[found[question]])
        if question in found
        else Slot(question, " ".join(_split(question)), looks="%#-###")
        for question in questions
    }


def slot_of(name: str, schema: Mapping[str, Json]) -> Slot:
    """A parameter as a slot: its listed values, a number, or invented names."""
    words = str(schema.get("description") or name).lower()
    forms = [schema, *cast("list[dict[str, Json]]", schema.get("anyOf") or [])]
    for form in forms:
        if listed := cast("list[str]", form.get("enum")):
            return Slot(name, words, one_of=tuple(map(str, listed)))
    if any(form.get("type") == "integer" for form in forms):
        return Slot(name, words, between=(2, 60))
    if "name" in _split(name) + words.split():
        return Slot(name, words, one_of=_PEOPLE)
    if {"location", "city"} & {*_split(name), *words.split()}:
        return Slot(name, words, one_of=_PLACES)
    return Slot(name, words, looks="%#-###")


def _words(question: str) -> frozenset[str]:
    """The words of a question's name, without the first if that is the domain's name."""
    words = _split(question)
    return frozenset(words[1:] if len(words) > 2 else words) - _FILLING


def _words_of(name: str, schema: Mapping[str, Json]) -> frozenset[str]:
    described = _split(str(schema.get("description") or ""))
    return frozenset([*_split(name), *described]) - _FILLING


def _split(name: str) -> list[str]:
    """The words of snake_case and CamelCase, in lower case."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)]


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one | other else 0.0
