"""Raters: what they see, what is kept, and what comes out."""

import importlib.util
import io
import json
import sys
from pathlib import Path

import pytest
from rich.console import Console

from reasonact_env.env import ReasonActEnv
from reasonact_env.episodes.storage import Header, write_episodes
from reasonact_env.failures.rows import read_run
from reasonact_env.rate.asking import Asker, read_scores
from reasonact_env.rate.command import main
from reasonact_env.rate.criteria import CRITERIA
from reasonact_env.rate.items import drawn, drawn_pairs, items_of, read_thoughts, shuffled
from reasonact_env.rate.ratings import Rating, add, read_ratings
from reasonact_env.rate.results import agreement, judged, results_view
from reasonact_env.rate.tasks import achievements

STAGES = ("SFT", "GRPO")


def file_of(folder: Path, stage: str, thought: str = "So says") -> Path:
    """Two tasks in turn mode, each decision with a thought of that stage."""
    env = ReasonActEnv(data="desk:20", split="all", mode="turn")
    episodes = []
    for task in env.tasks[:2]:
        env.reset(seed=0, options={"task_id": task.id})
        while env.episode.stop is None:
            words = f"{thought} {stage.lower()[::-1]}." if thought else ""
            env.step(f"<think>\n{words}\n</think>\n\nHello." if words else "Hello.")
        episodes.append(env.episode)
    path = folder / stage / "episodes.jsonl"
    write_episodes(path, Header(env.config.to_json(), env.source, stage), episodes)
    return path


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    return [file_of(tmp_path, stage) for stage in STAGES]


def rate(files: list[Path], typed: str, monkeypatch: pytest.MonkeyPatch, *more: str) -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    out = files[0].parent.parent / "ratings.jsonl"
    return main([*map(str, files), "--out", str(out), *more])


def rating(rater: str, card: str, score: int, stage: str = "SFT") -> Rating:
    return Rating("one", rater, card, f"task-{card}", (stage,), dict.fromkeys(CRITERIA, score))


def test_cards_are_the_same_for_all_raters_in_an_order_of_their_own(files: list[Path]) -> None:
    items = items_of(read_thoughts(files))
    cards = drawn(items, 6, seed=0)
    assert [card.items[0].stage for card in cards].count("SFT") == 3
    ann, bob = (shuffled(cards, rater, 0) for rater in ("ann", "bob"))
    assert {card.key for card in ann} == {card.key for card in bob} == {card.key for card in cards}
    assert [card.key for card in ann] != [card.key for card in bob]
    assert drawn(items_of(read_thoughts(files[::-1])), 6, seed=0) != []
    assert {c.key for c in drawn(items_of(read_thoughts(files[::-1])), 6, seed=0)} == {
        c.key for c in cards
    }


def test_pairs_answer_the_same_conversation_and_are_turned(files: list[Path]) -> None:
    cards = shuffled(drawn_pairs(items_of(read_thoughts(files)), 20, seed=0), "ann", 0)
    assert all(a.place == b.place and a.stage != b.stage for a, b in (c.items for c in cards))
    assert {card.items[0].stage for card in cards} == set(STAGES)


def test_nothing_a_rater_sees_tells_the_stage(
    files: list[Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert rate(files, "4534\n/more\n/rules\n/help\n/quit\n", monkeypatch, "--most", "4") == 0
    seen = capsys.readouterr().out.split("Results: add")[0]
    assert "So says" in seen
    assert not any(stage in seen for stage in STAGES)
    assert "reward" not in seen
    assert "3 left; the same command goes on" in seen


def test_a_rater_goes_on_where_they_stopped(
    files: list[Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rate(files, "4534\n", monkeypatch, "--rater", "ann", "--most", "3")
    path = files[0].parent.parent / "ratings.jsonl"
    (first,) = read_ratings(path)
    assert first.scores == {"faithful": 4, "supports": 5, "clear": 3, "brief": 4}
    path.write_bytes(path.read_bytes() + b'{"kind": "o')  # killed while writing
    capsys.readouterr()
    rate(files, "1 1 1 1\n/back\n2222\n3333\n", monkeypatch, "--rater", "ann", "--most", "3")
    seen = capsys.readouterr().out
    assert "1 of 3 are judged" in seen
    assert "all are judged, thank you" in seen
    after = read_ratings(path)
    assert sorted(one.scores["clear"] for one in after) == [2, 3, 3]
    rate(files, "4534\n" * 3, monkeypatch, "--rater", "bob", "--most", "3")
    assert len(read_ratings(path)) == 6


def test_preferences_do_not_depend_on_the_side(
    files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    items = items_of(read_thoughts(files))
    cards = shuffled(drawn_pairs(items, 4, 0), "ann", 0)
    typed = "".join("aa=b\n" if card.items[0].stage == "GRPO" else "bb=a\n" for card in cards)
    rate(files, typed, monkeypatch, "--rater", "ann", "--most", "4", "--pairs")
    ratings = read_ratings(files[0].parent.parent / "ratings.jsonl")
    (found,) = judged(ratings, "pair")
    assert found.name == "GRPO over SFT"
    means = {name: one.value for name, one in found.means.items()}
    assert means == {"faithful": 1, "supports": 1, "clear": 0, "brief": -1}


@pytest.mark.parametrize("line", ["", "453", "45341", "4539", "45x4", "4.5 3 4"])
def test_other_lines_are_no_scores(line: str) -> None:
    assert read_scores(line, pair=False) is None
    assert read_scores("aab", pair=True) is None


def test_a_rater_is_told_what_was_expected(files: list[Path], tmp_path: Path) -> None:
    console = Console(file=io.StringIO(), width=100)
    cards = drawn(items_of(read_thoughts(files)), 1, 0)
    left = Asker("ann", tmp_path / "r.jsonl", io.StringIO("999\n"), console).ask(cards)
    assert left == 1
    assert "expected 4 judgements, 1-5 each" in console.file.getvalue()  # type: ignore[attr-defined]
    assert not (tmp_path / "r.jsonl").exists()


def test_means_are_by_stage_with_intervals_over_tasks() -> None:
    ratings = [rating("ann", str(n), 2 + n % 2) for n in range(4)]
    ratings += [rating("ann", f"g{n}", 5, "GRPO") for n in range(2)]
    grpo, sft = judged(ratings)
    assert (grpo.name, sft.name, sft.cards) == ("GRPO", "SFT", 4)
    mean = sft.means["clear"]
    assert mean.value == 2.5
    assert mean.low < 2.5 < mean.high
    console = Console(file=io.StringIO(), width=100)
    console.print(results_view(ratings))
    assert "one rater" in console.file.getvalue()  # type: ignore[attr-defined]


def test_brackets_in_what_is_shown_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "krippendorff", None)
    ratings = [rating(name, "1", 3, "SFT [b]") for name in ("ann", "bob")]
    console = Console(file=io.StringIO(), width=120)
    console.print(results_view(ratings, {"SFT [b]": {"success": "3 [red]"}}))
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert "pip install -e '.[rate]'" in shown
    assert "3 [red]" in shown
    assert shown.count("SFT [b]") == 2


@pytest.mark.parametrize("scores", [[5, 5, 5, 4], [1, 1, 2], [3, 3, 3], [5], [1, 5]])
def test_intervals_stay_on_the_scale_and_are_never_empty(scores: list[int]) -> None:
    ratings = [rating("ann", str(n), score) for n, score in enumerate(scores)]
    (found,) = judged(ratings)
    for mean in found.means.values():
        assert mean.value == pytest.approx(sum(scores) / len(scores))
        assert 1 <= mean.low < mean.high <= 5
        assert mean.low <= mean.value <= mean.high


def test_intervals_of_preferences_stay_between_both_sides() -> None:
    pairs = [
        Rating("pair", "ann", str(n), f"t{n}", ("GRPO", "SFT"), dict.fromkeys(CRITERIA, 1))
        for n in range(3)
    ]
    mean = judged(pairs, "pair")[0].means["clear"]
    assert (mean.value, mean.high) == (pytest.approx(1), pytest.approx(1))
    assert -1 <= mean.low < 1


def test_what_the_stages_achieved_stands_beside_what_was_said(
    files: list[Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = achievements(files)
    rows = read_run(files[0]).rows
    right = sum(row.units - len(row.causes) for row in rows) / sum(row.units for row in rows)
    assert list(found) == list(STAGES)
    assert found["SFT"]["right decisions, %"].startswith(f"{100 * right:.1f} [")
    total = sum(row.total for row in rows) / len(rows)
    assert found["SFT"]["return (turn episodes)"].startswith(f"{total:+.3f} [")
    assert found["SFT"]["turn episodes"] == "2"
    rate(files, "4534\n", monkeypatch, "--most", "1")
    capsys.readouterr()
    assert rate(files, "", monkeypatch, "--results") == 0
    assert "right decisions, %" in capsys.readouterr().out
    for path in files:
        path.unlink()
    assert rate(files, "", monkeypatch, "--results") == 0
    shown = capsys.readouterr().out
    assert "Mean judgements" in shown
    assert "Nothing is known of the tasks: expected a file of episodes" in shown


def test_a_file_without_thoughts_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [file_of(tmp_path, "SFT", thought=""), file_of(tmp_path, "GRPO")]
    assert rate(files, "", monkeypatch, "--pairs") == 2
    seen = capsys.readouterr()
    assert "expected thoughts of two stages to compare, found those of GRPO alone" in seen.err
    assert f"{files[0]}: left out, since nobody thinks in it" in seen.out
    assert rate(files, "", monkeypatch) == 0
    assert "nobody thinks in it" in capsys.readouterr().out


needs_library = pytest.mark.skipif(
    importlib.util.find_spec("krippendorff") is None, reason="needs the extra 'rate'"
)


@needs_library
def test_agreement_is_one_for_equal_raters_and_low_for_opposite_ones() -> None:
    same = [rating(rater, str(n), 1 + n) for rater in ("ann", "bob") for n in range(5)]
    assert agreement(same) == dict.fromkeys(CRITERIA, pytest.approx(1.0))
    opposite = [rating("ann", str(n), 1 + n) for n in range(5)]
    opposite += [rating("bob", str(n), 5 - n) for n in range(5)]
    assert all(alpha < 0 for alpha in agreement(opposite).values())
    alone = [rating("ann", "1", 3), rating("bob", "2", 3)]
    assert all(alpha != alpha for alpha in agreement(alone).values())  # nan


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"scores": {"clear": 3}}, "expected a judgement of faithful"),
        ({"scores": dict.fromkeys(CRITERIA, 9)}, "each from 1 to 5"),
        ({"kind": "pair"}, "each from -1 to 1"),
        ({"rater": 7}, "remove the line"),
    ],
)
def test_lines_that_are_no_judgements_are_named(
    change: dict[str, object], words: str, tmp_path: Path
) -> None:
    path = tmp_path / "ratings.jsonl"
    add(path, rating("ann", "1", 3))
    line = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**line, **change}) + "\n", "utf-8")
    with pytest.raises(ValueError, match=words):
        read_ratings(path)


def test_what_cannot_be_judged_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    silent = file_of(tmp_path, "SFT", thought="")
    assert rate([silent], "", monkeypatch) == 2
    assert "expected messages with a thought" in capsys.readouterr().err
    (tmp_path / "empty").mkdir()
    assert rate([tmp_path / "empty"], "", monkeypatch) == 2
    assert "expected a folder with an episodes.jsonl" in capsys.readouterr().err
    assert rate([tmp_path / "nowhere"], "", monkeypatch) == 2
    assert "nowhere: nothing is there; give another path" in capsys.readouterr().err
    thinking = file_of(tmp_path, "GRPO")
    assert rate([thinking], "", monkeypatch, "--pairs") == 2
    assert "expected thoughts of two stages" in capsys.readouterr().err


def test_a_folder_holds_its_ratings(
    files: list[Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = files[0].parent.parent
    monkeypatch.setattr("sys.stdin", io.StringIO("4534\n"))
    assert main([str(folder), "--most", "1", "--rater", "ann"]) == 0
    assert main([str(folder), "--results"]) == 0
    assert "Mean judgements, 1 to 5" in capsys.readouterr().out
    assert (folder / "ratings.jsonl").is_file()


def test_results_of_a_folder_that_is_not_there_name_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path / "nothere"), "--results"]) == 2
    assert "nothere: nothing is there; give another path" in capsys.readouterr().err
