"""The command line: judge, or see what was judged."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from rich.console import Console
from rich.text import Text

from reasonact_env.rate.asking import HELP, Asker
from reasonact_env.rate.criteria import CRITERIA
from reasonact_env.rate.items import drawn, drawn_pairs, items_of, read_thoughts, shuffled
from reasonact_env.rate.ratings import FILE, read_ratings
from reasonact_env.rate.results import results_view
from reasonact_env.rate.tasks import achievements
from tools.command import complain, sentence
from tools.command_line import read_options
from tools.inert import safe
from tools.option_types import Positional, shown_as
from tools.places import require_place
from tools.ranges import require_at_least, require_seeds

_PROG = "python -m reasonact_env.rate"
_ABOUT = (
    "Lets people judge the reasoning in episodes, without saying whose it is: "
    f"{', '.join(CRITERIA)}. Several raters use the same file and the same options; each gets an "
    "order of their own. The same command goes on after an interruption. In a folder of "
    f"train.pipeline, {FILE} gets into its report.\n\n"
    f"    {HELP.replace(chr(10), chr(10) + '    ')}"
)


@dataclass(frozen=True, slots=True)
class RateOptions:
    """What is judged, and by whom."""

    files: Positional[Annotated[tuple[Path, ...], shown_as("FILE")]]
    """Files of episodes, or folders of runs: all episodes.jsonl in them."""
    rater: str = os.environ.get("USER", "rater")
    """Your name in the file."""
    most: int = 50
    """How many messages, or pairs of them, are judged at most."""
    pairs: bool = False
    """Judge two stages' messages in the same place, side by side."""
    seed: int = 0
    """Fixes everything random: what is judged; the same for all raters."""
    out: Annotated[Path | None, shown_as("FILE")] = None
    """The file of judgements; ratings.jsonl in the folder, or in the present one, unless given."""
    results: bool = False
    """Only show what was judged so far, beside what the same agents achieved in their tasks."""

    def __post_init__(self) -> None:
        """Refuses what is out of range."""
        require_at_least(self, 1, "most")
        require_seeds(self, "seed")

    @property
    def kept(self) -> Path:
        """The file of judgements."""
        first = self.files[0]
        return self.out or (first / FILE if first.is_dir() else Path(FILE))

    def require_files(self) -> None:
        """Raises FileNotFoundError for a path where nothing is."""
        for path in self.files:
            if not path.exists():
                raise FileNotFoundError(
                    f"expected a file of episodes or the folder of a run, got {path}: nothing is "
                    "there; give another path"
                )

    @property
    def episodes(self) -> list[Path]:
        """All files of episodes.

        Raises:
            FileNotFoundError: for a path where nothing is.
            ValueError: if a folder has none.
        """
        self.require_files()
        found: list[Path] = []
        for path in self.files:
            inside = sorted(path.rglob("episodes.jsonl")) if path.is_dir() else [path]
            if not inside:
                raise ValueError(f"expected a folder with an episodes.jsonl, found none in {path}")
            found += inside
        return found


def _show_results(args: RateOptions, console: Console) -> int:
    """Shows what was judged, beside what the same stages achieved in their tasks."""
    ratings = read_ratings(args.kept)
    try:
        achieved, lacks = achievements(args.episodes), ""
    except (OSError, ValueError) as error:  # the judgements may have gone on a journey alone
        achieved, lacks = {}, sentence(error)
    console.print(results_view(ratings, achieved))
    if lacks:
        words = f"Nothing is known of the tasks: {lacks}"
        console.print(Text(safe(words), style="dim"), soft_wrap=True)
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Asks a rater, or shows the results.

    Returns:
        0, or 2 if there is nothing to judge or to show.
    """
    args = read_options(RateOptions, argv, prog=_PROG, about=_ABOUT)
    console = Console(highlight=False, markup=False)
    try:
        if args.results and not Path(args.kept).exists():
            args.require_files()
            raise ValueError(
                f"expected judgements in {args.kept}, found none; judge some first, by the same "
                "command without --results"
            )
        if args.results:
            return _show_results(args, console)
        require_place(args.kept, args.episodes)
        found = read_thoughts(args.episodes)
        items = items_of(found)
        for path in (path for path, own in found.items() if not own):
            words = f"{path}: left out, since nobody thinks in it"
            console.print(Text(safe(words), style="dim"), soft_wrap=True)
        draw = drawn_pairs if args.pairs else drawn
        cards = shuffled(draw(items, args.most, args.seed), args.rater, args.seed)
        left = Asker(args.rater, args.kept, console=console).ask(cards)
    except (OSError, ValueError) as error:
        return complain(_PROG, error)
    words = f"{left} left; the same command goes on" if left else "all are judged, thank you"
    told = f"{words}. Results: add --results. Kept in {args.kept}"
    console.print(Text(safe(told)), soft_wrap=True)
    return 0
