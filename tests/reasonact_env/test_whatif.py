"""What if: other actions at a step, branches as a tree, on disk, verified."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from reasonact_env.agent import Observation
from reasonact_env.env import ReasonActEnv
from reasonact_env.episode import Branch
from reasonact_env.episodes.storage import (
    EpisodeFile,
    Header,
    StorageError,
    read_episodes,
    write_episodes,
)
from reasonact_env.episodes.verify import VerifyError, verify
from reasonact_env.play.typed_calls import BadCommand
from reasonact_env.replay.branches import branch_tree, branches_path
from reasonact_env.replay.whatif import Place, WhatIf
from reasonact_env.replay.whatif_command import WhatIfOptions, what_if_command


def bye(observation: Observation) -> str:
    """An agent that other tests name."""
    return f"Bye after {len(observation['messages'])}."


ASKED: list[Observation] = []
"""What `counted` was asked."""


def counted(observation: Observation) -> str:
    """An agent that remembers whether anybody asked it."""
    ASKED.append(observation)
    return "Bye."


def played(tmp_path: Path, mode: str = "dialogue", data: str = "desk:20") -> Path:
    """Two episodes: won by gold, and lost."""
    env = ReasonActEnv(data=data, split="all", mode=mode)
    episodes = []
    task = next(task for task in env.tasks if len(task.decisions) >= 4)
    for says in (None, "Bye."):
        env.reset(seed=0, options={"task_id": task.id})
        for turn in task.decisions:
            if env.episode.stop is None:
                env.step(says or task.messages[turn.index].content)
        episodes.append(env.episode)
    path = tmp_path / "run.jsonl"
    write_episodes(path, Header(env.config.to_json(), env.source, "gold"), episodes)
    return path


@pytest.mark.parametrize("mode", ["dialogue", "turn"])
def test_a_typed_action_makes_a_branch_that_is_kept_and_verifies(mode: str, tmp_path: Path) -> None:
    path = played(tmp_path, mode)
    before = path.read_bytes()
    what_if = WhatIf(EpisodeFile(path))
    end = what_if.type(Place(1, step=1), "One moment.")
    assert (end.branch, end.step) == (1, 2)
    (branch,) = read_episodes(branches_path(path))[1]
    original = read_episodes(path)[1][0]
    assert branch.branch == Branch(1, 0, 1, "typed")
    assert branch.steps[0] == original.steps[0]
    assert branch.steps[1].action == "One moment."
    assert verify(branches_path(path)).passed
    assert path.read_bytes() == before


def test_another_agent_plays_on_from_a_lost_episode_and_wins(tmp_path: Path) -> None:
    path = played(tmp_path)
    what_if = WhatIf(EpisodeFile(path))
    lost = what_if.at(Place(2))
    assert lost.outcome is not None
    assert not lost.outcome.success
    won = what_if.at(what_if.let(Place(2), "gold"))
    assert won.outcome is not None
    assert won.outcome.success
    assert won.stop is not None
    same = what_if.at(what_if.let(Place(1, step=2), "gold"))
    assert same.steps == what_if.at(Place(1)).steps  # gold on gold changes nothing
    assert verify(what_if.branches.path).passed


def test_nobody_plays_on_where_the_branch_could_not_be_kept(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    path = played(folder)
    what_if = WhatIf(EpisodeFile(path))
    path.unlink()
    folder.rmdir()
    folder.write_text("a file now")
    with pytest.raises(NotADirectoryError, match="expected a folder above"):
        what_if.let(Place(1), f"{__name__}:counted")
    with pytest.raises(NotADirectoryError, match="expected a folder above"):
        what_if.say(Place(1), "Bye.")
    assert ASKED == []
    assert what_if.branches.episodes == []


def test_an_own_agent_sees_the_conversation_so_far(tmp_path: Path) -> None:
    what_if = WhatIf(EpisodeFile(played(tmp_path)))
    end = what_if.let(Place(1, step=1), f"{__name__}:bye")
    episode = what_if.at(end)
    count = len(episode.opening) + 1 + len(episode.steps[0].answers)
    assert episode.steps[1].action == f"Bye after {count}."
    assert episode.stop is not None


def test_typing_on_makes_a_branch_longer_and_going_back_makes_another(tmp_path: Path) -> None:
    path = played(tmp_path)
    what_if = WhatIf(EpisodeFile(path))
    first = what_if.type(Place(1), "One moment.")
    longer = what_if.let(what_if.type(first, "/call get_order order_id=1"), "refuse")
    assert longer.branch == 1
    twig = what_if.type(Place(1, 1, 1), "No.")
    assert twig.branch == 2
    again = WhatIf(EpisodeFile(path))  # from the disk
    branches = dict(again.branches.of(1))
    assert branches[1].branch == Branch(1, 0, 0, "typed, refuse")
    assert branches[2].branch == Branch(1, 1, 1, "typed")
    assert branches[1].steps[0] == branches[2].steps[0]
    assert again.branches.of(2) == []
    assert verify(again.branches.path).equal == 2


def test_the_tree_shows_who_left_where(tmp_path: Path) -> None:
    what_if = WhatIf(EpisodeFile(played(tmp_path)))
    end = what_if.type(Place(1, step=1), "/call get_order order_id=1")
    what_if.let(end, "polite")
    what_if.type(Place(1, 1, 2), "\x1b[31mHo")
    console = Console(file=io.StringIO(), width=100)
    console.print(branch_tree(what_if.at(Place(1)), what_if.branches.of(1), 2))
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert text.startswith("the episode · ")
    assert "1 · after step 1 · typed, polite: → get_order(order_id=1)" in text
    assert "    └── ▸ 2 · after step 2 · typed: \\x1b[31mHo" in text
    assert "(-1." in text
    assert "\x1b" not in text


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (Place(3), "expected an episode from 1 to 2, got 3"),
        (Place(1, 4), "expected a branch of episode 1, got 4; it has none"),
        (Place(1, step=99), "expected a step from 0 to"),
        (Place(1, step=-1), "expected a step from 0 to"),
    ],
)
def test_places_that_do_not_exist_are_refused(place: Place, words: str, tmp_path: Path) -> None:
    what_if = WhatIf(EpisodeFile(played(tmp_path)))
    with pytest.raises(ValueError, match=words):
        what_if.say(place, "Hello.")
    assert not what_if.branches.path.exists()


def test_an_episode_that_is_over_is_not_gone_on_with(tmp_path: Path) -> None:
    what_if = WhatIf(EpisodeFile(played(tmp_path)))
    with pytest.raises(ValueError, match="after which the episode is over"):
        what_if.say(what_if.end_of(Place(1)), "Hello.")


def test_nothing_is_kept_of_a_line_that_means_nothing_or_an_agent_that_does_not_exist(
    tmp_path: Path,
) -> None:
    what_if = WhatIf(EpisodeFile(played(tmp_path)))
    with pytest.raises(BadCommand, match="got /nope"):
        what_if.type(Place(1), "/nope")
    with pytest.raises(ValueError, match="expected an agent: gold"):
        what_if.let(Place(1), "nobody")
    with pytest.raises(ValueError, match=r"holds no policy\.json"):
        what_if.let(Place(1), str(tmp_path))
    assert not what_if.branches.path.exists()


def test_an_episode_that_plays_otherwise_now_is_refused(tmp_path: Path) -> None:
    path = played(tmp_path)
    first, second, third = path.read_text("utf-8").splitlines()
    changed = json.loads(second)
    changed["steps"][0]["state_hash"] = "0123456789abcdef"
    path.write_text("\n".join([first, json.dumps(changed), third]), "utf-8")
    with pytest.raises(VerifyError, match="step 1 brings something else"):
        WhatIf(EpisodeFile(path)).say(Place(1, step=1), "Hello.")


def test_branches_of_other_episodes_are_not_mixed(tmp_path: Path) -> None:
    path = played(tmp_path)
    WhatIf(EpisodeFile(path)).say(Place(1), "Hello.")
    played(tmp_path, data="desk:21")
    with pytest.raises(StorageError, match="expected branches of these episodes"):
        WhatIf(EpisodeFile(path))
    played(tmp_path)
    branches_path(path).write_bytes(path.read_bytes())
    with pytest.raises(StorageError, match="expected branches alone"):
        WhatIf(EpisodeFile(path))


def test_the_command_shows_what_happened_and_where_it_is_kept(tmp_path: Path) -> None:
    what_if = WhatIf(EpisodeFile(played(tmp_path)))
    console = Console(file=io.StringIO(), width=100)
    options = WhatIfOptions(keep=0, say="Which order is it?", agent="gold")
    what_if_command(what_if, 2, options, console)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "Which order is it?" in text
    assert "▸ 1 · after step 0 · typed, gold" in text
    assert "run.branches.jsonl" in text


def test_options_that_would_do_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="expected --keep STEPS"):
        WhatIfOptions(agent="gold")
