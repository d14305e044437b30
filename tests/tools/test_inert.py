"""Foreign text on a terminal: nothing controls it, and everything is as wide as it is counted."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tools.inert import one_line, safe

HOSTILE = "\u200d\u200b\ufe0f\u0301\u0489\u3164\u115f\u1161\u093e\U000e0061\U0001f468\U0001f3fd"


def cells(text: str) -> int:
    """The width by Unicode's own tables, character by character."""
    wide = sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)
    return wide - sum(unicodedata.category(one) in ("Mn", "Me") for one in text)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a\u200db", r"a\u200db"),
        ("\u2764\ufe0f", "\u2764" + r"\ufe0f"),
        ("\U0001f468\u200d\U0001f469", "\U0001f468" + r"\u200d" + "\U0001f469"),
        ("a\u3164\u1160\uffa0", r"a\u3164\u1160\uffa0"),
        ("\U000e0061", r"\U000e0061"),
        ("soft\xadhyphen", r"soft\xadhyphen"),
        ("e\u0301", "e\u0301"),
        ("e" + 5 * "\u0301", "e" + 3 * "\u0301" + 2 * r"\u0301"),
        ("\n\u0301", "\n" + r"\u0301"),
        ("\x1b[31m\tx\r\ny\x9b", r"\x1b[31m    x" + "\n" + r"y\x9b"),
        ("Zürich 東京 …→▶ Việt", "Zürich 東京 …→▶ Việt"),
    ],
)
def test_what_is_invisible_or_of_uncertain_width_is_written_out(text: str, wanted: str) -> None:
    assert safe(text) == wanted
    assert safe(wanted) == wanted


@given(st.text(st.one_of(st.characters(), st.sampled_from(HOSTILE))))
def test_rich_counts_the_cells_that_unicode_counts(text: str) -> None:
    for line in safe(text).split("\n"):
        assert cell_len(line) == cells(line)
    assert "\n" not in one_line(text)


@pytest.mark.parametrize(
    "plane", [range(0x10000), range(0x1D000, 0x20000), range(0xE0000, 0xE0200)]
)
def test_every_character_is_as_wide_as_it_is_counted(plane: range) -> None:
    for point in plane:
        if point != 10:
            shown = safe(f"a{chr(point)}b")
            assert cell_len(shown) == cells(shown), hex(point)
