"""Options that do nothing beside others: they are refused and not passed over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reasonact_env.replay.query import ORDERS
from tools.command import command

if TYPE_CHECKING:
    from reasonact_env.replay.command import ReplayOptions

_SHARED = {
    "--html": "--html page.html",
    "--svg": "--svg picture.svg",
    "--export": "--export sft --out rows.jsonl",
}
"""What is written for others, and how that is typed."""
_SHARING = tuple(_SHARED)
_RUNS = ("--failures", "--compare", "--groups")
_ORDER = ("--sort", "--reverse")
_USELESS = {
    "--verify": (*_SHARING, "--keep", *_RUNS, "--episode", "--where", *_ORDER),
    "--list": (*_SHARING, "--keep", *_RUNS, "--episode"),
    "--plain": (*_SHARING, "--keep", *_RUNS),
    "--failures": ("--export", "--keep", "--episode", "--groups", *_ORDER),
    "--compare": ("--export", "--keep", "--groups", *_ORDER),
    "--groups": ("--export", "--keep", *_ORDER),
    "--keep": ("--json", *_SHARING),
}
"""An option -> those that do nothing beside it."""


def require_use(args: ReplayOptions) -> None:
    """Refuses options that would do nothing.

    Raises:
        ValueError: for the first of them.
    """
    given = _given(args)
    if args.runs.failures and args.runs.compare is not None:
        both = command("reasonact_env.replay", *args.files[:1], args.runs.compare, failures=True)
        raise ValueError(
            "expected --compare, which shows two runs side by side, or --failures, got both; what "
            f"the second one mends and breaks: {both}"
        )
    for option, useless in _USELESS.items():
        for other in useless:
            if option in given and other in given:
                _refuse(option, other)
    if "--json" in given and not args.runs.asked:
        for other in _SHARING:
            if other in given:
                _refuse("--json", other)
    if "--out" in given and "--export" not in given:
        raise ValueError("expected --export with --out, got none; a page goes to --html page.html")
    most = 2 if args.runs.failures else 1
    if args.runs.asked and len(args.files) > most:
        option = next(one for one in _RUNS if one in given)
        raise ValueError(
            f"expected {'one run or two' if most > 1 else 'one run'} with {option}, got "
            f"{len(args.files)}; leave out {' '.join(args.files[most:])}"
        )


def _refuse(option: str, other: str) -> None:
    shared = _SHARED.get(other)
    example = f", as in python -m reasonact_env.replay FILE {shared}" if shared else ""
    raise ValueError(
        f"expected {option} without {other}, which does nothing beside it; leave one of both "
        f"out{example}"
    )


def _given(args: ReplayOptions) -> set[str]:
    """The options that were given; one with its default's value counts as left out."""
    sharing, runs = args.sharing, args.runs
    values = {
        "--verify": args.verify,
        "--list": args.list,
        "--plain": args.plain,
        "--json": args.json,
        "--episode": args.episode is not None,
        "--where": args.where is not None,
        "--sort": args.sort != ORDERS[0],
        "--reverse": args.reverse,
        "--failures": runs.failures,
        "--compare": runs.compare is not None,
        "--groups": runs.groups,
        "--keep": args.what_if.keep is not None,
        "--html": sharing.html is not None,
        "--svg": sharing.svg is not None,
        "--export": sharing.export is not None,
        "--out": sharing.out != type(sharing)().out,
    }
    return {name for name, is_given in values.items() if is_given}
