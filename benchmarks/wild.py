"""Actions that no policy should send, and that some policy will.

Three kinds, mixed: damaged recorded messages, schema-valid calls that nobody asked for, and
random text: lone surrogates, deep nesting, NaN, huge numbers, duplicate keys, double
encoding, tags without an end, megabytes.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence

from tools.protocol import CALL, END_CALL, END_THINK, THINK, parse, render
from tools.types import Json, ToolCall

MEGABYTES = 1 / 2000
"""This share of the actions is longer than anything a step reads."""

_TOKENS = (
    THINK, END_THINK, CALL, END_CALL, "<tool_call", "</tool_call", "<think", "<|im_end|>",
    "{", "}", "[", "]", '"', "'", ":", ",", "\\", "\\u", "\\ud800", "\\x00", "\n", "\t", " ",
    '"name"', '"arguments"', "null", "true", "NaN", "Infinity", "-Infinity", "-0", "1e999",
    "9" * 400, "0.1", "1_000", "0x1f", "//", "/*", "\ud800", "\udfff", "\x00", "\x1b[2J", "\u202e",
    "é", "漢", "🙂", "\ufeff", "\u2028",
)  # fmt: skip
_VALUES: tuple[str, ...] = (
    "null", "true", "-1", "0", "1e400", "-1e-400", "NaN", "Infinity", "9" * 5000, '""', '"\\ud800"',
    "[]", "{}", "[[[[]]]]", '{"a": {"b": {}}}', '"' + "x" * 2000 + '"', "1.0000000000000001", "1.0",
    '"1"', "tru", "'single'", '"\ud800"', "[1, [2, [3, null]]]", "{" * 300, "[" * 3000,
)  # fmt: skip
_UNITS = ("a", "a1 ", "$1,000.00 ", "#W12-", "1.", "x@y ", f"{CALL}{{}}{END_CALL}", '{"name":')
"""The pieces of long replies besides the tokens: words that readers of facts look at."""


class Wild:
    """A seeded source of wild actions for a conversation."""

    def __init__(
        self, seed: int, valid_call: Callable[[], str], megabytes: float = MEGABYTES
    ) -> None:
        """Takes a seed, a source of schema-valid calls, and the share of huge actions."""
        self._random = random.Random(seed)
        self._huge = megabytes
        self._valid_call = valid_call
        self._makers: tuple[tuple[float, Callable[[str], str]], ...] = (
            (0.15, lambda gold: gold),
            (0.15, lambda gold: self._valid_call()),
            (0.20, self._damage),
            (0.20, self._spoil_value),
            (0.08, self._wrap),
            (0.08, lambda gold: self._soup()),
            (0.06, lambda gold: self._noise(60)),
            (0.04, lambda gold: self._call_of(self._soup())),
            (0.04, lambda gold: "".join(self._some((gold, self._valid_call(), self._soup())))),
        )

    def action(self, gold: str) -> str:
        """The next action.

        Args:
            gold: The message that the record has at this point, or any other.
        """
        if self._random.random() < self._huge:
            return self._megabytes()
        makers = [make for _, make in self._makers]
        (make,) = self._random.choices(makers, [weight for weight, _ in self._makers])
        return make(gold)

    def _damage(self, text: str) -> str:
        """Cuts, doubles, drops and inserts pieces, and swaps characters."""
        for _ in range(self._random.randint(1, 4)):
            i, j = sorted(self._random.randrange(len(text) + 1) for _ in range(2))
            piece = self._random.choice(("", text[i:j] * 2, self._pick(), self._noise(3), text[:i]))
            text = text[:i] + piece + text[self._random.choice((i, j)) :]
        return text[:20_000]

    def _spoil_value(self, text: str) -> str:
        """Puts a bad name or value into a call, and keeps the rest as it is."""
        calls = parse(text).calls or parse(self._valid_call()).calls
        call = self._random.choice(calls)
        name = self._random.choice((call.name,) * 6 + ("", "no_such_tool", call.name.upper()))
        arguments = {key: json.dumps(value) for key, value in call.arguments.items()}
        self._spoil_arguments(arguments)
        pairs = [f"{json.dumps(key)}: {value}" for key, value in arguments.items()]
        if self._random.random() < 0.2:
            pairs += self._some(pairs)  # duplicate keys
        return self._call_of(f'{{"name": {json.dumps(name)}, "arguments": {{{", ".join(pairs)}}}}}')

    def _spoil_arguments(self, arguments: dict[str, str]) -> None:
        for key in self._some([*arguments, "extra", ""]):
            match self._random.randrange(4):
                case 0:
                    arguments.pop(key, None)
                case 1:
                    arguments[key] = json.dumps(arguments.get(key, "1"))
                case _:
                    arguments[key] = self._random.choice(_VALUES)

    def _wrap(self, text: str) -> str:
        """Says the same in another wrapping: double encoding, fences, nesting, many calls."""
        calls = parse(text).calls or (ToolCall("find", {}),)
        body: Json = {"name": calls[0].name, "arguments": json.dumps(dict(calls[0].arguments))}
        return self._random.choice(
            (
                self._call_of(json.dumps(body)),
                self._call_of(json.dumps(json.dumps(body))),
                self._call_of(json.dumps([body])),
                self._call_of(json.dumps({"function": body})),
                f"```json\n{json.dumps(body)}\n```",
                f"{THINK}{text}",
                f"{text}{THINK}well{END_THINK}",
                f"{THINK}{THINK}a{END_THINK}{END_THINK}{text}",
                render(calls * self._random.choice((2, 5, 60)), text="and then"),
                CALL + text + END_CALL,
                text.replace(END_CALL, ""),
                text.upper(),
                self._call_of("[" * self._random.choice((50, 5000, 90_000))),
                self._call_of('{"a":' * self._random.choice((50, 5000, 15_000))),
            )
        )

    def _megabytes(self) -> str:
        if self._random.random() < 0.1:  # no two words are the same
            return " ".join(str(number) for number in range(17_000))
        unit = self._random.choice((*_TOKENS, *_UNITS))
        return unit * (self._random.choice((99_000, 500_000, 3_000_000)) // len(unit))

    def _soup(self) -> str:
        return "".join(self._pick() for _ in range(self._random.choice((0, 1, 5, 30, 200))))

    def _noise(self, length: int) -> str:
        """Random characters from all of Unicode, surrogates included."""
        return "".join(chr(self._random.randrange(0x110000)) for _ in range(length))

    def _pick(self) -> str:
        return self._random.choice(_TOKENS)

    def _some(self, items: Sequence[str]) -> list[str]:
        return self._random.sample(items, self._random.randint(0, len(items)))

    def _call_of(self, body: str) -> str:
        return f"{CALL}\n{body}\n{END_CALL}"
