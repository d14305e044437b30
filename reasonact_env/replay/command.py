"""The command line of the replay."""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Annotated

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.text import Text

from reasonact_env.replay.analysis import Looked, RunOptions, look_at
from reasonact_env.replay.cursor import Cursor, View, start
from reasonact_env.replay.export import write_svg
from reasonact_env.replay.help import keys_text
from reasonact_env.replay.inputs import inputs_of
from reasonact_env.replay.keys import terminal_keys
from reasonact_env.replay.listing import ListHead, ListRows, plain_rows
from reasonact_env.replay.moves import jump
from reasonact_env.replay.one_run import Asked
from reasonact_env.replay.play import by_lines, on_screen
from reasonact_env.replay.printed import print_episodes
from reasonact_env.replay.query import ORDERS, Query, terms_of
from reasonact_env.replay.share import ShareOptions, share_listed
from reasonact_env.replay.shelf import Shelf
from reasonact_env.replay.terms import meant, mistake
from reasonact_env.replay.useless import require_use
from reasonact_env.replay.verifying import verify_all
from reasonact_env.replay.whatif import WhatIf
from reasonact_env.replay.whatif_command import WhatIfOptions, what_if_command
from reasonact_env.view.paged import print_paged
from tools.command import complain, is_callers
from tools.command_line import read_options
from tools.counts import counted
from tools.files import write_text
from tools.inert import one_line, safe
from tools.jsontext import finite
from tools.option_types import Positional, one_of, only_one, shown_as

_LOOKING = "looking at each episode beside its task, once"
_QUIET, _EVERY = 3.0, 10.0
"""Seconds before the first line of progress in a log, and between two of them."""
PROG = "python -m reasonact_env.replay"
"""How the command is called."""
_HOW = only_one("what is done, unless one walks through the episodes")
_ABOUT = f"""\
Lists saved episodes, and walks through each of them step by step: what the agent did, why it was
paid, and what was missing. A folder stands for all files of episodes in it. The keys are:

{keys_text()}

Terms of --where and of the key / are: failed, won, running, broken, writes, harm, facts, cut;
cause=WORDS (what went wrong first, as cause="goal call missing"), about=TOOL (which it is about),
kind=TASKS; tool=NAME, problem=KIND, rule=NAME, missing=NAME (a call of the goal), stop=REASON,
wrong=WORDS, run=LABEL, stage=STAGE (as stage=GRPO); answer<0.5, return>=1, steps=10; other words,
or text=WORDS, are looked for in all messages. All have to hold; a minus in front turns one round.

Of a folder with many files --failures, --compare and --groups look at one: the only evaluation,
with --groups the latest generation of GRPO, or what --where run=LABEL or stage=STAGE chooses. With
two runs the other terms of --where have to hold in both.

Without a terminal the same keys are read as lines.
"""


@dataclass(frozen=True, slots=True)
class ReplayOptions:
    """What is replayed."""

    files: Positional[Annotated[tuple[str, ...], shown_as("FILE|RUN|DIR")]]
    """Files of episodes (.jsonl), or folders with such files."""
    episode: Annotated[str | None, shown_as("N|ID")] = None
    """Begin with this number or task id."""
    where: Annotated[str | None, shown_as("TERMS")] = None
    """Only the episodes for which these terms hold. With whole runs, run= or stage= also chooses
    one of a folder's files."""
    sort: Annotated[str, one_of(ORDERS)] = "file"
    """List by this."""
    reverse: bool = False
    """Turn the order round."""
    list: Annotated[bool, _HOW] = False
    """Print the list."""
    plain: Annotated[bool, _HOW] = False
    """Print whole episodes, for pipes."""
    json: Annotated[bool, _HOW] = False
    """Print a line of JSON for each listed episode, or one for whole runs."""
    verify: Annotated[bool, _HOW] = False
    """Play every episode again and compare all observations, rewards and state hashes."""
    data: str | None = None
    """Where the data lie now, if not where the file says."""
    database: str | None = None
    """Where the database lies now, if not where the file says."""
    runs: RunOptions = field(default_factory=RunOptions)
    """What is looked at in whole runs."""
    sharing: ShareOptions = field(default_factory=ShareOptions)
    """What is written for others."""
    what_if: WhatIfOptions = field(default_factory=WhatIfOptions)
    """Other ways on."""


def main(argv: Sequence[str] | None = None) -> int:
    """Replays, lists or verifies files of episodes.

    Returns:
        0 if all went well, 1 if a replayed episode differs from the saved one or a line of a file
        is broken, 2 if a file or its data cannot be read.
    """
    args = read_options(ReplayOptions, argv, prog=PROG, about=_ABOUT)
    try:
        return _run(args)
    except Exception as error:
        if isinstance(error, BrokenPipeError) or not is_callers(error):
            raise
        return complain(PROG, error)


def _run(args: ReplayOptions) -> int:
    console = Console(highlight=False, markup=False)
    require_use(args)
    if args.sharing.asked:
        read = [*args.files, *([args.runs.compare] if args.runs.compare else [])]
        args.sharing.require(inputs_of(read, args.data, args.database))
    if args.verify:
        return verify_all(args.files, console, args.data, args.database)
    if args.runs.asked:
        return _look_at_runs(args, console)
    with _progress() as told:
        behind = _has_screen(args, console)
        shelf = Shelf(args.files, told, data=args.data, database=args.database, behind=behind)
    for words in shelf.left_out:
        print(one_line(f"{PROG}: left out: {words}"), file=sys.stderr)
    if not len(shelf):
        return complain(PROG, f"{' '.join(args.files)}: expected episodes, found none in it")
    cursor = _begin(args, shelf)
    if cursor.note:
        return complain(PROG, cursor.note)
    if args.what_if.keep is not None:
        return _what_if(args, cursor, shelf, console)
    if args.sharing.asked:
        return _share(args, cursor, shelf, console)
    return _show(args, cursor, shelf, console)


def _show(args: ReplayOptions, cursor: Cursor, shelf: Shelf, console: Console) -> int:
    if args.json:
        for row in plain_rows(shelf, _chosen(args, cursor, shelf)):
            sys.stdout.write(json.dumps(finite(row), ensure_ascii=True) + "\n")
    elif args.list:
        print_list(shelf, cursor, console)
    elif args.plain or (sys.stdin.isatty() and not sys.stdout.isatty()):
        one = args.episode is not None
        rows = [cursor.row(shelf)] if one else _rows(shelf, cursor)
        return 1 if print_episodes(shelf, rows, console) else 0
    elif _has_screen(args, console):
        _check(shelf, cursor)
        if shelf.left_out:
            cursor = cursor.told(f"left out: {shelf.left_out[0]}")
        with terminal_keys() as keys:
            on_screen(shelf, cursor, keys, console)
    else:
        by_lines(shelf, cursor, sys.stdin, console)
    return 0


def _has_screen(args: ReplayOptions, console: Console) -> bool:
    """Whether one walks through the episodes on a full screen."""
    other = args.json or args.list or args.plain or args.sharing.asked
    screen = sys.stdin.isatty() and sys.stdout.isatty() and not console.is_dumb_terminal
    return screen and not other and args.what_if.keep is None


def _look_at_runs(args: ReplayOptions, console: Console) -> int:
    """Shows failures or comparisons, or writes them to a page or a picture."""
    with _progress() as told:
        asked = Asked(args.where, args.data, args.database, told)
        looked = look_at(args.runs, args.files, asked, args.episode)
    if args.json:
        print(json.dumps(finite(looked.plain()), ensure_ascii=True))
    else:
        print_paged(console, looked.view, looked.hint)
    _share_view(args.sharing, looked, console)
    return 0


def _share_view(options: ShareOptions, looked: Looked, console: Console) -> None:
    if options.html is not None:
        made = write_text(options.html, looked.page())
        console.print(Text(safe(f"Page: {made}")), soft_wrap=True)
    if options.svg is not None:
        made = write_svg(looked.view, options.svg, title=looked.title, width=110)
        console.print(Text(safe(f"Picture: {made}")), soft_wrap=True)


def _what_if(args: ReplayOptions, cursor: Cursor, shelf: Shelf, console: Console) -> int:
    """Goes on otherwise from a step of the chosen episode."""
    row = cursor.row(shelf)
    file = shelf.files[shelf.file_of(row)]
    try:
        what_if = WhatIf(file, args.data, args.database)
        what_if_command(what_if, shelf.number_of(row), args.what_if, console)
    except (ValueError, ImportError) as error:  # also of an agent of the user's own
        return complain(PROG, error)
    return 0


def _share(args: ReplayOptions, cursor: Cursor, shelf: Shelf, console: Console) -> int:
    """Writes the chosen episode, or for training the listed ones, to files."""
    told, left_out = share_listed(args.sharing, shelf, cursor, alone=args.episode is not None)
    for line in told:
        console.print(Text(safe(line)), soft_wrap=True)
    return 1 if left_out else 0


def print_list(shelf: Shelf, cursor: Cursor, console: Console) -> None:
    """Prints all listed episodes, a row each."""
    rows = len(shelf.select(cursor.query))
    console.print(ListHead(shelf, cursor))
    console.print(ListRows(shelf, replace(cursor, at=-1), rows + 1))


def _rows(shelf: Shelf, cursor: Cursor) -> list[int]:
    found: list[int] = shelf.select(cursor.query).tolist()
    return found


def _chosen(args: ReplayOptions, cursor: Cursor, shelf: Shelf) -> Cursor:
    """The listed episodes or, with --episode, that one."""
    if args.episode is None:
        return cursor
    row = cursor.row(shelf)
    number, label = shelf.number_of(row), shelf.sources[shelf.file_of(row)].label
    return replace(cursor, query=Query((f"run={label}", f"episode={number}")), at=0)


def _begin(args: ReplayOptions, shelf: Shelf) -> Cursor:
    """Where the replay begins; its note says what is wrong with the options."""
    query = Query(terms_of(args.where or ""), args.sort, args.reverse)
    cursor = start(shelf, query)
    if shelf.unknown:  # what an episode has may become known yet
        return cursor if args.episode is None else jump(replace(cursor, at=-1), args.episode, shelf)
    if words := mistake(shelf, query.terms):
        return cursor.told(words)
    if not len(shelf.select(query)):
        near = meant(shelf, query.terms)
        return cursor.told(f"expected episodes for which {args.where} holds, found none{near}")
    return cursor if args.episode is None else jump(replace(cursor, at=-1), args.episode, shelf)


def _check(shelf: Shelf, cursor: Cursor) -> None:
    """Reads the first episode before the screen changes, so that an error stays visible."""
    if cursor.view is View.EPISODE:
        shelf.episode(cursor.row(shelf))


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """A bar while an index is made."""
    words = TextColumn(_LOOKING)
    columns = (words, BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True, markup=False)
    shown, place, due = console.is_terminal, (0, 0), time.monotonic() + _QUIET
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        with Progress(*columns, console=console, transient=True, disable=not shown) as bar:
            task = bar.add_task("", total=None, visible=False)

            def told(done: int, of: int) -> None:
                nonlocal place, due
                place = (done, of)
                if not shown and time.monotonic() > due:  # a script's user looks at a log
                    console.print(f"{_LOOKING}: {done:,} of {of:,}", soft_wrap=True)
                    due = time.monotonic() + _EVERY
                bar.update(task, completed=done, total=of, visible=True)

            yield told
    except (KeyboardInterrupt, SystemExit):
        if 0 < place[0] < place[1]:
            done, of = place
            kept = f"{done:,} of {counted(of, 'episode')} looked at; the same command goes on there"
            console.print(kept, soft_wrap=True, highlight=False)
        raise
    finally:
        signal.signal(signal.SIGTERM, before)
