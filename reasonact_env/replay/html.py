"""Pages to pass on: one file each, in the reader's own light or dark, with nothing loaded from
elsewhere and nothing that runs.

Every text goes through `element` or `text`, which escape it: what an agent wrote is never markup.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from html import escape

from rich.console import Console, RenderableType
from rich.segment import Segment
from rich.style import Style

from reasonact_env.view.text import NAME_ENDS
from tools.inert import safe


class Html(str):
    """Text that is markup already."""

    __slots__ = ()


_EMPTY = ("br", "meta")
_ENDS = re.compile(NAME_ENDS)
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""What a browser lets the page do: apply its own style, and nothing else."""

STYLE = """
:root { color-scheme: light dark;
  --paper: #fff; --ink: #1d2126; --quiet: #5f6872; --line: #dfe3e8; --card: #f6f7f9;
  --good: #1a7f37; --bad: #c02330; --warn: #8a5a00; --blue: #0b61c4; --violet: #7a3fc0;
  --good-soft: #e3f5e8; --bad-soft: #fdeaec; --shade: #0004; --ground: var(--paper); }
@media (prefers-color-scheme: dark) { :root {
  --paper: #14171a; --ink: #e4e7ea; --quiet: #9aa4ae; --line: #333a41; --card: #1d2226;
  --good: #4ecb71; --bad: #ff7b83; --warn: #e2b04a; --blue: #6cb2ff; --violet: #c39bff;
  --good-soft: #16301f; --bad-soft: #3a1b20; --shade: #fff5; } }
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 54rem; margin: 0 auto; padding: 1rem; overflow-wrap: anywhere; }
body.wide { max-width: 82rem; }
h1 { font-size: 1.4rem; line-height: 1.25; margin: .5rem 0 0; }
h2 { font-size: 1.05rem; margin: 2rem 0 .5rem; }
p, ul { margin: .3rem 0; } ul { padding-left: 1.2rem; } a { color: var(--blue); }
pre { font: .82rem/1.45 ui-monospace, Consolas, monospace; margin: .3rem 0; white-space: pre-wrap; }
.quiet { color: var(--quiet); font-size: .88rem; }
.good { color: var(--good); } .bad { color: var(--bad); } .warn { color: var(--warn); }
.badge { font-weight: 650; padding: .1rem .55rem; border-radius: 1rem; margin-right: .4rem;
  white-space: nowrap; }
.badge.good { background: var(--good-soft); } .badge.bad { background: var(--bad-soft); }
.strip { display: flex; flex-wrap: wrap; gap: .25rem; margin: .6rem 0; }
.strip a { min-width: 2.1rem; padding: .1rem .3rem; text-align: center; text-decoration: none;
  font-size: .82rem; border: 1px solid var(--line); border-radius: .3rem; color: var(--ink); }
.strip a.bad { border-color: var(--bad); color: var(--bad); background: var(--bad-soft); }
.strip a.write { border-color: var(--good); border-width: 2px; }
.card { border-left: 4px solid var(--line); background: var(--card); padding: .45rem .8rem;
  margin: .5rem 0; border-radius: 0 .4rem .4rem 0; }
.card > b:first-child { font-size: .8rem; letter-spacing: .02em; }
.card.user { border-color: var(--good); } .card.user > b { color: var(--good); }
.card.assistant { border-color: var(--blue); } .card.assistant > b { color: var(--blue); }
.card.tool { border-color: var(--warn); } .card.tool > b { color: var(--warn); }
.card.system { border-color: var(--violet); } .card.system > b { color: var(--violet); }
.card.failed { border-color: var(--bad); }
.said { white-space: pre-wrap; } .thought { color: var(--quiet); font-style: italic; }
.call { margin: .4rem 0; } .call code { font-weight: 650; font-size: .9rem; }
.note { border: 1px solid currentColor; border-radius: .4rem; padding: .3rem .6rem; }
.note { margin: .4rem 0; }
.step { border-top: 1px solid var(--line); margin-top: 1.2rem; padding-top: .2rem; }
.step > h3 { font-size: .85rem; color: var(--quiet); margin: .2rem 0; font-weight: 600; }
summary { cursor: pointer; color: var(--quiet); font-size: .88rem; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .2rem .7rem .2rem 0; vertical-align: top; }
th, td { overflow-wrap: normal; }
th { color: var(--quiet); font-weight: 600; } td.number { text-align: right; white-space: nowrap; }
.card { --ground: var(--card); }
.scroll, .screen { overflow-x: auto; background:
  linear-gradient(to right, var(--ground) 30%, transparent) left local,
  linear-gradient(to left, var(--ground) 30%, transparent) right local,
  linear-gradient(to right, var(--shade), transparent) left scroll,
  linear-gradient(to left, var(--shade), transparent) right scroll;
  background-repeat: no-repeat; background-size: 2rem 100%, 2rem 100%, .6rem 100%, .6rem 100%; }
.bar { position: relative; display: inline-block; width: 9rem; height: .8rem;
  background: var(--line); border-radius: .2rem; overflow: hidden; vertical-align: middle; }
.bar i { position: absolute; top: 0; bottom: 0; background: var(--good); }
.bar i.minus { background:
  repeating-linear-gradient(45deg, var(--bad) 0 4px, var(--paper) 4px 6px); }
.bar::after { content: ""; position: absolute; left: 50%; top: 0; bottom: 0; width: 1px;
  background: var(--ink); }
.bar.share::after { display: none; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 0 1.2rem; }
.pair > * { min-width: 0; } .first { outline: 2px solid var(--warn); outline-offset: .3rem; }
.screen { white-space: pre; line-height: 1.25;
  font-size: clamp(7px, calc((100vw - 2.2rem) / 48), .85rem); }
@media (max-width: 40rem) { body { padding: .7rem; font-size: 15px; } .bar { width: 4rem; }
  .pair { grid-template-columns: 1fr; } table { font-size: .82rem; }
  th, td { padding-right: .5rem; } }
@media print { details > * { display: block; } }
.b { font-weight: 700; } .d { color: var(--quiet); } .i { font-style: italic; }
.r { background: var(--ink); color: var(--paper); }
.c1, .c9 { color: var(--bad); } .c2, .c10 { color: var(--good); } .c3, .c11 { color: var(--warn); }
.c4, .c12, .c6, .c14 { color: var(--blue); } .c5, .c13 { color: var(--violet); }
"""


def text(said: str) -> Html:
    r"""Foreign text, escaped, with characters that steer a terminal or turn text round shown.

    >>> print(text("<b>\x1b[31m"))
    &lt;b&gt;\x1b[31m
    """
    return Html(escape(safe(said)))


def element(tag: str, /, *inside: str, **attributes: str) -> Html:
    """An element; what is inside is escaped unless it is `Html`.

    Args:
        tag: Its name.
        *inside: Its content.
        **attributes: Its attributes; `class_` is `class`; empty ones are left out.

    >>> print(element("p", "a < b", element("b", "c"), class_="said"))
    <p class="said">a &lt; b<b>c</b></p>
    """
    told = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{text(value)}"'
        for key, value in attributes.items()
        if value
    )
    if tag in _EMPTY:
        return Html(f"<{tag}{told}>")
    return Html(f"<{tag}{told}>{joined(inside)}</{tag}>")


def joined(parts: Iterable[str]) -> Html:
    """Several parts, one after the other; those that are not `Html` are escaped."""
    return Html("".join(part if isinstance(part, Html) else text(part) for part in parts))


def page(title: str, body: Iterable[str], *, wide: bool = False) -> str:
    """A whole page.

    Args:
        title: Of the window.
        body: The content; parts that are not `Html` are escaped.
        wide: Whether the page may be wider than a column of text.
    """
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", title),
        Html(f"<style>{STYLE}</style>"),
    )
    whole = element("html", head, element("body", *body, class_="wide" if wide else ""), lang="en")
    return f"<!doctype html>\n{whole}\n"


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> Html:
    """A table; cells that hold a number stand on the right."""
    head = element("tr", *(element("th", name) for name in heads))
    lines = [element("tr", *(_cell(value) for value in row)) for row in rows]
    return element("div", element("table", head, *lines), class_="scroll")


def _cell(value: str) -> Html:
    if value[:1] in tuple("+-×.0123456789"):
        return element("td", value, class_="number")
    return element("td", value if isinstance(value, Html) else named(value))


def named(said: str) -> Html:
    """Foreign text whose names a narrow column may break (`view.text.NAME_ENDS`).

    >>> print(named("get_order(a<b)"))
    get_<wbr>order(a&lt;b)
    """
    return Html(_ENDS.sub("<wbr>", text(said)))


def screen_page(title: str, shown: RenderableType, width: int = 80) -> str:
    """A page of anything that the console shows.

    Args:
        title: Of the window, and above the screen.
        shown: What to show.
        width: The screen's width in columns.
    """
    return page(title, [element("h1", title), screen(shown, width)], wide=True)


def screen(shown: RenderableType, width: int = 80) -> Html:
    """A rich renderable as preformatted text in the page's own colours."""
    console = Console(
        file=io.StringIO(), width=width, force_terminal=True, color_system="standard", markup=False
    )
    lines = console.render_lines(shown, console.options.update(height=None), pad=False)
    told = [joined(_span(segment) for segment in line if not segment.control) for line in lines]
    return element("pre", Html("\n".join(told)), class_="screen")


def _span(segment: Segment) -> Html:
    classes = " ".join(_classes(segment.style)) if segment.style else ""
    return element("span", segment.text, class_=classes) if classes else text(segment.text)


def _classes(style: Style) -> Iterable[str]:
    for name, on in (
        ("b", style.bold),
        ("d", style.dim),
        ("i", style.italic),
        ("r", style.reverse),
    ):
        if on:
            yield name
    if style.color is not None and style.color.number is not None:
        yield f"c{style.color.number}"
