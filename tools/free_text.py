"""Free text: the arguments that hold words of the caller's own, which nobody compares.

A summary for a human, a reason in words, a note: two callers who mean the same never write the
same. Worlds declare which arguments these are (`tools.worlds.functions.FreeText`), and a sidecar
may (`free_text`). For recorded tools that nobody declares, this module tells by a rule. An argument
is taken for free text if all of this holds:

1. its schema lets it be any string, or a list of any strings: without `enum`, `const`, `pattern`
   or `format`, and without a description that lists what it may be;
2. its name says so: the noun that it ends with (`cancel_reason`, `noteText`, `message_to_seller`)
   is a word of `WORDS` or, where the tool changes something or hands over, of `WORDS_OF_WRITES`;
   or its description does ("in your own words");
3. as far as the data set has values of it, most are of several words (two for `WORDS`, else three),
   and most dialogues have one of their own: what comes again and again is a choice, whatever it is
   called.

A path names an argument, and what stands inside it: `summary`, `ticket.note`, `items[].reason`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from tools.types import Json, ToolSpec


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


WORDS = _set(
    "summary summaries reason reasons note notes comment comments remark remarks explanation "
    "explanations justification rationale feedback thought thoughts reasoning excuse"
)
"""Nouns of arguments that are free text in any tool."""
WORDS_OF_WRITES = _set(
    "message messages body content text description details detail issue problem complaint "
    "request requests report context instruction instructions narrative symptoms review "
    "background circumstances memo apology apologies transcript observations purpose greeting"
)
"""Nouns of arguments that are free text where they are written down; a look-up goes by them."""
_MORE = _set("additional extra further other")
"""With one of these before it, `info` is a word like the others."""
SAID = "…"
"""What stands in the place of a required free text where calls are compared."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_BEHIND = _set("to for from of about with by")
"""What follows one of these does not say what the argument is."""
_FORM = _set("text string str free content body field")
"""Nouns that only tell the form, behind one that tells what it is."""
_OWN_WORDS = re.compile(
    r"\bfree(?:-|\s)?(?:form|text)\b|\bin (?:your|their|his or her|its|the \w+'s) own words\b"
    r"|\bsummar(?:y|ies|ise|ize)s? (?:of|the)\b|\bnatural language (?:summary|explanation|reason)",
    re.IGNORECASE,
)
_LISTS = re.compile(
    r"\bone of\b|\beither\b|\b(?:possible|allowed|valid|accepted|permitted) (?:values|options|"
    r"reasons)\b|\bchoose from\b|\boptions(?: are)?:|\b(?:must|should|can) be ['\"‘“]|\benum\b",
    re.IGNORECASE,
)
_MAX_DEPTH = 6


def free_text_of(spec: ToolSpec, *, writes: bool) -> frozenset[str]:
    """The arguments of a tool that its schema lets be taken for free text, as paths.

    Args:
        spec: The tool.
        writes: Whether it changes something, or hands over.
    """
    return frozenset(_paths(spec.parameters, writes, depth=0))


def _paths(schema: Mapping[str, Json], writes: bool, depth: int) -> Iterator[str]:
    properties = schema.get("properties")
    if not isinstance(properties, dict) or depth == _MAX_DEPTH:
        return
    for name, part in properties.items():
        if not isinstance(part, dict) or any(mark in name for mark in ".[]"):
            continue
        if _is_free(name, part, writes):
            yield name
        elif isinstance(items := part.get("items"), dict):
            yield from (f"{name}[].{path}" for path in _paths(items, writes, depth + 1))
        else:
            yield from (f"{name}.{path}" for path in _paths(part, writes, depth + 1))


def _is_free(name: str, schema: Mapping[str, Json], writes: bool) -> bool:
    about = schema.get("description")
    text = about if isinstance(about, str) else ""
    if not _takes_any_text(dict(schema)) or _LISTS.search(text):
        return False
    noun = _noun(name)
    return noun in WORDS or (
        writes and (noun in WORDS_OF_WRITES or _OWN_WORDS.search(text) is not None)
    )


def _takes_any_text(schema: Json) -> bool:
    """Whether some branch is any string, or a list of such."""
    if not isinstance(schema, dict) or schema.keys() & {"enum", "const", "pattern", "format"}:
        return False
    for branches in (schema.get("anyOf"), schema.get("oneOf")):
        if isinstance(branches, list):
            return not any(isinstance(b, dict) and "enum" in b for b in branches) and any(
                map(_takes_any_text, branches)
            )
    kind = schema.get("type")
    if kind is None:  # nobody says what it is
        return not schema.keys() & {"properties", "items", "allOf", "not", "if", "$ref"}
    kinds = kind if isinstance(kind, list) else [kind]
    if "string" in kinds:
        return True
    return "array" in kinds and _takes_any_text(schema.get("items"))


def _noun(name: str) -> str:
    """What an argument is, by its name: `reason` of `return_reason`, `note` of `noteForStaff`."""
    words = [word.lower() for word in _WORD.findall(name[:200])]
    behind = next((i for i, word in enumerate(words) if i and word in _BEHIND), len(words))
    words = words[:behind]
    while len(words) > 1 and words[-1] in _FORM and words[-2] in WORDS | WORDS_OF_WRITES:
        words.pop()
    if len(words) > 1 and words[-2] in _MORE and words[-1] in ("info", "information"):
        return "details"
    return words[-1] if words else ""


def are_choices(path: str, values: Iterable[Collection[str]]) -> bool:
    """Whether recorded values of an argument look like a choice, and not like free text.

    Args:
        path: The argument.
        values: What each dialogue has of it; dialogues without any do not count.
    """
    said = [frozenset(value.strip().casefold() for value in own) for own in values if own]
    texts = [text for own in said for text in own]
    least = 2 if _noun(path.rpartition(".")[2]) in WORDS else 3
    several = sum(len(text.split()) >= least for text in texts)
    comes_again = len(said) > 2 and 2 * len({*texts}) <= len(said)
    return 2 * several < len(texts) or comes_again


def texts_at(arguments: Mapping[str, Json], path: str) -> Iterator[str]:
    """The texts that stand at a path in a call's arguments."""
    found: list[Json] = [dict(arguments)]
    for name in path.split("."):
        key = name.removesuffix("[]")
        inner = [one[key] for one in found if isinstance(one, dict) and key in one]
        found = [part for one in inner for part in (one if isinstance(one, list) else [one])]
    yield from (text for text in found if isinstance(text, str))


def without_words(
    arguments: Mapping[str, Json], paths: Iterable[str], required: Collection[str] = ()
) -> Mapping[str, Json]:
    """The arguments as they are compared: equal whatever the free text says.

    Free text that may be left out is left out; of what is required is kept that it is there. Where
    something else than text stands, it stays.

    Args:
        arguments: A call's arguments.
        paths: Which are free text.
        required: The names of the arguments that have to be there.
    """
    for path in paths:
        arguments = _changed(arguments, path.split("."), _saying if path in required else _leaving)
    return arguments


def _saying(text: Json) -> Json:
    return [SAID] if isinstance(text, list) else SAID


def _leaving(text: Json) -> None:
    del text


def reworded(
    arguments: Mapping[str, Json], paths: Iterable[str], begin: str = "In short: "
) -> Mapping[str, Json]:
    """The arguments with other words for each free text, for trying whether that matters."""
    for path in paths:
        arguments = _changed(arguments, path.split("."), lambda text: _begun(text, begin))
    return arguments


def _begun(text: Json, begin: str) -> Json:
    return [f"{begin}{one}" for one in text] if isinstance(text, list) else f"{begin}{text}"


def _changed(
    value: Mapping[str, Json], path: Sequence[str], change: Callable[[Json], Json]
) -> Mapping[str, Json]:
    """A value with the texts at a path changed; where `change` gives None, they are left out."""
    name = path[0].removesuffix("[]")
    if name not in value:
        return value
    inner, rest = value[name], path[1:]
    if rest:
        if isinstance(inner, dict):
            return {**value, name: dict(_changed(inner, rest, change))}
        if isinstance(inner, list) and path[0].endswith("[]"):
            return {**value, name: [_changed_row(one, rest, change) for one in inner]}
        return value
    if not _is_text(inner):
        return value
    new = change(inner)
    if new is None:
        return {key: one for key, one in value.items() if key != name}
    return {**value, name: new}


def _changed_row(value: Json, path: Sequence[str], change: Callable[[Json], Json]) -> Json:
    return dict(_changed(value, path, change)) if isinstance(value, dict) else value


def _is_text(value: Json) -> bool:
    """Whether it is a text or a list of texts."""
    if isinstance(value, list):
        return all(isinstance(one, str) for one in value)
    return isinstance(value, str)
