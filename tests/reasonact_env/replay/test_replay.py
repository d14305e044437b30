"""The replay of an episode as a reader meets it: keys in, screens out."""

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console

from reasonact_env.env import ReasonActEnv
from reasonact_env.episode import Episode
from reasonact_env.replay.cursor import start
from reasonact_env.replay.episode_keys import differs
from reasonact_env.replay.help import EPISODE_KEYS, LIST_KEYS, NEITHER, SIGNS
from reasonact_env.replay.keys import split_keys
from reasonact_env.replay.panels import gold_step, scores_beside_gold
from reasonact_env.replay.play import by_lines, on_screen
from reasonact_env.replay.shelf import Shelf
from tests.reasonact_env.replay.replayed import Desk, four, saved


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved(tmp_path_factory.mktemp("replay") / "run.jsonl", four())


@pytest.fixture
def desk(path: Path) -> Desk:
    """A replay that shows the first episode's opening."""
    made = Desk(path)
    made.press("enter")
    return made


class Typed:
    """Keys that were typed beforehand, then `q`."""

    def __init__(self, *keys: str) -> None:
        self.keys = [*keys, "q"]

    def read(self, timeout: float) -> str | None:
        return self.keys.pop(0)


def terminal(width: int = 80, height: int = 24) -> Console:
    return Console(file=io.StringIO(), width=width, height=height, force_terminal=True, record=True)


SIZES = [(80, 24), (120, 40), (200, 50), (60, 20), (50, 12), (20, 6), (8, 3)]


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_screen_is_filled_and_never_overrun(path: Path, width: int, height: int) -> None:
    desk = Desk(path)
    walks = [[], ["f", "m"], ["escape", "enter", "n"], ["end", "s"], ["?"], ["n", "g"], ["n", "r"]]
    for keys in [*walks, ["x", "]", "]", "n", "x"]]:
        desk.press(*keys)
        lines = desk.frame(width, height)
        assert len(lines) == height
        assert max(map(len, lines)) <= width


def test_steps_go_forwards_and_backwards(desk: Desk) -> None:
    opening = desk.press()
    assert "step 0/" in opening
    assert "the opening" in opening
    first = desk.press("right")
    assert "step 1/" in first
    episode = desk.cursor.episode(desk.shelf)
    assert f"→ {episode.steps[0].calls[0].name}" in first
    assert desk.press("n", " ", "left", "p") == first
    assert desk.press("home") == opening
    desk.press("end")
    assert desk.cursor.step == len(episode.steps)
    assert "this is the last step" in desk.press("n")
    assert "this is the opening" in desk.press("home", "p")


def test_episodes_follow_each_other(desk: Desk) -> None:
    assert "episode 2/4" in desk.press("]")
    assert "episode 1/4" in desk.press("[")
    assert "this is the first episode" in desk.press("[")
    assert "this is the last episode" in desk.press("]", "]", "]", "]")


def test_failed_episodes_are_found_going_round(desk: Desk) -> None:
    for wanted in (1, 3, 1):  # the fourth never ended
        desk.press("f")
        assert desk.cursor.at == wanted
    desk.press("F")
    assert desk.cursor.at == 3


def test_jumps_by_number_and_by_task(desk: Desk) -> None:
    assert "go to number or task id: 3▏" in desk.press(":", "4", "backspace", "3")
    desk.press("enter")
    assert desk.cursor.at == 2
    desk.press(":")
    desk.type(desk.shelf.columns.tasks[1])
    assert desk.cursor.at == 1
    desk.press(":")
    assert "expected an episode from 1 to 4, got '9'" in desk.type("9")
    desk.press(":")
    assert "no episode's task id contains 'zz'" in desk.type("zz")
    desk.press(":", "escape")
    assert not desk.cursor.entry


def test_text_is_found_in_a_step_going_round(desk: Desk) -> None:
    desk.press("]", "]", "/")
    desk.type("a thought OF mine")
    assert desk.cursor.step == 1
    desk.press("/")
    assert desk.cursor.step == 1  # the same text again, and it stands nowhere else
    assert "no step has 'zzz'" in desk.type("zzz")


def test_toggles_keep_the_place(desk: Desk) -> None:
    shown = desk.press("]", "]", "n")
    assert "A thought of mine." in shown
    hidden = desk.press("t")
    assert "A thought of mine." not in hidden
    assert "thoughts hidden" in hidden
    assert desk.press("t", "?", "escape") == shown
    rules = desk.press("r")
    assert desk.cursor.episode(desk.shelf).opening[0].content.split()[0] in rules
    assert desk.press("r") == shown
    assert "long texts in full" in desk.press("x")
    assert desk.cursor.step == 1


def test_next_problem_loss_and_write(desk: Desk) -> None:
    desk.press("]", "]", "e")
    assert desk.cursor.step == 1
    assert "no problem after this step" in desk.press("e")
    desk.press("w")
    episode = desk.cursor.episode(desk.shelf)
    assert any(call.effect.value == "write" for call in episode.steps[desk.cursor.step - 1].calls)
    desk.press("end", "E")
    assert desk.cursor.step == 1
    desk.press("[", "home", "l")
    assert "loss" not in desk.cursor.note
    assert desk.cursor.step >= 1


def test_a_step_where_something_is_missing_is_a_problem_too(desk: Desk) -> None:
    """What went wrong first need not be a call that failed."""
    desk.wait()
    found = 0
    for place in range(desk.shelf.episodes):
        cause, episode = desk.shelf.why(place).cause, desk.shelf.episode(place)
        desk.press(*["]"] * (place > 0))
        if cause is None or any(not call.ok for step in episode.steps for call in step.calls):
            continue
        desk.press("home", "e")
        assert desk.cursor.step == cause.step
        found += 1
    assert found


def test_the_goal_stands_beside_what_was_done(desk: Desk) -> None:
    desk.press("]", "end")
    desk.wait()
    screen = desk.press("g")
    assert "first wrong, in step" in screen
    wanted = desk.shelf.why(1).goal.missing[0]
    assert f"✗ {wanted.call.name}" in screen
    assert "│" in "\n".join(line[60:] for line in (desk.press("g"), *desk.frame(120, 40))[1:])


def test_a_goal_call_is_done_from_its_step_on(desk: Desk) -> None:
    desk.wait()
    call = next(call for call in desk.shelf.why(0).goal.calls if call.required)
    assert call.step is not None
    assert f"○ {call.call.name}" in desk.press(*["n"] * (call.step - 1))
    assert f"✓ {call.call.name}" in desk.press("n")


def test_components_stand_against_golds(desk: Desk) -> None:
    desk.press("end")
    desk.wait()
    assert "outcome   ····│███◆ +1.00" in desk.press("n")
    desk.press("]", "end")
    desk.wait()
    lost = desk.press("n")
    assert "outcome   ····│···◇ +0.00" in lost


def test_where_gold_has_no_such_step_the_bars_say_so(desk: Desk) -> None:
    desk.press("]")
    desk.wait()
    screen = desk.press("n")
    assert "the step's own scores:" in screen
    episode = desk.cursor.episode(desk.shelf)
    gold = desk.shelf.gold(1)
    assert gold is not None
    assert gold_step(episode, gold, len(episode.steps)) == (gold.steps[-1], "")
    longer = replace(gold, stop=None, steps=(*gold.steps, gold.steps[-1]))
    last = len(gold.steps)
    assert gold_step(longer, gold, last) == (gold.steps[-1], "")
    assert gold_step(longer, gold, last + 1) == (None, f"gold had ended, after its step {last}")
    assert gold_step(longer, None, 1) == (None, "gold is not at hand; d says why")
    otherwise = replace(gold, steps=(*gold.steps[:1], gold.steps[-1], *gold.steps[1:]))
    first = next(n for n, step in enumerate(otherwise.steps, 1) if differs(step, gold, n))
    told = f"gold did otherwise from step {first} on"
    assert gold_step(otherwise, gold, len(gold.steps)) == (None, told)
    shown = Console(width=80, file=io.StringIO())
    with shown.capture() as capture:
        shown.print(scores_beside_gold(longer, gold, last + 1))
    assert f"gold had ended, after its step {last}" in capture.get()


def test_the_next_step_that_differs_from_golds(desk: Desk) -> None:
    desk.press("]")
    desk.wait()
    desk.press("d")
    assert desk.cursor.step == 1


def test_broken_rules_are_told_in_full_at_their_step(tmp_path: Path) -> None:
    env = ReasonActEnv(data="procedures:30", split="all")
    episode, number = next(_broken(env))
    path = saved(tmp_path / "run.jsonl", [episode], data="procedures:30")
    desk = Desk(path, height=60)
    assert episode.outcome is not None
    broken = next(b for b in episode.outcome.violations if b.message == number)
    screen = " ".join(desk.press(*["n"] * number).replace("▌", " ").split())
    assert f"against the rules: {broken.rule}" in screen
    assert " ".join(broken.text.split()) in screen


def _broken(env: ReasonActEnv) -> Iterator[tuple[Episode, int]]:
    for task in env.tasks:
        env.reset(seed=0, options={"task_id": task.id})
        while env.episode.stop is None:
            env.step("Your request is refused. Goodbye.")
        verdict = env.episode.outcome
        for violation in verdict.violations if verdict else ():
            if 1 <= violation.message <= len(env.episode.steps):
                yield env.episode, violation.message


def test_scrolling_stays_within_the_text(desk: Desk) -> None:
    desk.press("end")
    assert desk.press("down") == desk.press()
    for _ in range(99):
        top = desk.press("pageup")
    assert "▌ system" in top
    for _ in range(5):
        assert desk.press("up") == top
    assert desk.press("down") != top  # nothing was saved up beyond the end


@pytest.mark.parametrize("width", [80, 100])
def test_help_is_complete_on_a_small_terminal(desk: Desk, width: int) -> None:
    desk.size = (width, 24)
    text = desk.press("?")
    for key, what in (*LIST_KEYS, *EPISODE_KEYS, *SIGNS, *NEITHER):
        assert f"{key}" in text
        assert what in text


def test_the_loop_draws_on_the_other_screen_and_leaves_it(path: Path) -> None:
    console, shelf = terminal(), Shelf([path])
    end = on_screen(shelf, start(shelf), Typed("enter", "n", "n", "?", "x"), console)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert text.startswith("\x1b[?1049h")
    assert "\x1b[?1049l" in text
    assert text.rstrip().endswith("\x1b[?25h")
    assert end.step == 2


def test_an_interrupt_leaves_the_terminal_as_it_was(path: Path) -> None:
    class Interrupted:
        def read(self, timeout: float) -> str | None:
            raise KeyboardInterrupt

    console, shelf = terminal(), Shelf([path])
    with pytest.raises(KeyboardInterrupt):
        on_screen(shelf, start(shelf), Interrupted(), console)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "\x1b[?1049l" in text
    assert "\x1b[?25h" in text


def test_without_a_terminal_commands_are_lines(path: Path) -> None:
    console, shelf = Console(file=io.StringIO(), width=80), Shelf([path])
    commands = "j\n:3\nn\n\ng\n?\nwhat\n/nope\nu\n/failed\nq\nn\n"
    by_lines(shelf, start(shelf), io.StringIO(commands), console)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "step 2/" in text
    assert "→ nope  ✗ unknown_tool" in text
    assert "wanted calls" in text
    assert "failed ones alone" in text
    assert "1 of 4 · ✓ 0 ✗ 1" in text
    assert text.rstrip().endswith("q")


def test_the_end_of_the_input_is_the_end(path: Path) -> None:
    shelf = Shelf([path])
    end = by_lines(shelf, start(shelf), io.StringIO("enter\nn\n"), Console(file=io.StringIO()))
    assert end.step == 1
    assert not end.done


@pytest.mark.parametrize(
    ("sent", "keys"),
    [
        ("n", ["n"]),
        ("\x1b[C\x1b[D", ["right", "left"]),
        ("\x1bOC\x1bOH", ["right", "home"]),
        ("\x1b[5~\x1b[6~", ["pageup", "pagedown"]),
        ("\x1b", ["escape"]),
        ("\x1b[1;5C", []),
        ("\x1b[200~ä\x00", ["ä"]),
        ("\r\x7f \t", ["enter", "backspace", " ", "tab"]),
        ("\x1b[", []),
    ],
)
def test_keys_have_names(sent: str, keys: list[str]) -> None:
    assert split_keys(sent) == keys


def test_a_broken_episode_is_a_note_and_not_the_end(path: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.jsonl"
    lines = path.read_text("utf-8").splitlines()
    bad.write_text("\n".join([*lines[:2], "{cut", *lines[3:]]), "utf-8")
    desk = Desk(bad)
    assert "a broken line" in desk.press()
    desk.press("enter", "]")
    assert "line 3: expected an episode" in desk.cursor.note
    assert desk.cursor.at == 0
    desk.press(":", "3", "enter")
    assert desk.cursor.at == 2


HOSTILE = st.text(
    st.characters() | st.sampled_from("\x1b\x07\x00\r\n\t[]{}<>\u202e\u200b\ud800🙂字"), max_size=80
)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(said=st.lists(HOSTILE, min_size=1, max_size=3), task=HOSTILE)
def test_hostile_text_is_inert_everywhere(
    said: list[str], task: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    episode = _hostile(said, task)
    desk = Desk(saved(tmp_path_factory.mktemp("hostile") / "run.jsonl", [episode, episode]))
    for keys in (["j"], ["m"], ["escape", "enter"], ["n"], ["g"], ["g", "x"], ["end"], ["escape"]):
        screen = desk.press(*keys)
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]", screen)
        assert len(screen.split("\n")) == 24


def _hostile(said: list[str], task: str) -> Episode:
    env = ReasonActEnv(data="desk:20", split="all")
    env.reset(seed=0, options={"task_id": env.tasks[0].id})
    for text in said:
        if env.episode.stop is None:
            env.step(f'{text}<tool_call>\n{{"name": "get_order", "arguments": {{}}}}\n</tool_call>')
    return replace(env.episode, task_id=task)


def test_four_are_what_the_tests_take_them_for() -> None:
    won = [episode.outcome and episode.outcome.success for episode in four()]
    assert won == [True, False, True, None]
