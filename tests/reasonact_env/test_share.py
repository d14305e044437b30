"""Pages, pictures and training data: whole, escaped, and with nothing loaded from elsewhere."""

import io
import json
import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console
from rich.text import Text

from reasonact_env.env import ReasonActEnv
from reasonact_env.episode import Episode
from reasonact_env.failures import goal_of
from reasonact_env.replay.export import Listed, export_sft, sft_examples, write_svg
from reasonact_env.replay.html import element, screen_page, table, text
from reasonact_env.replay.html_episode import comparison_page, component_bars, episode_page
from reasonact_env.replay.share import ShareOptions, share
from reasonact_env.replay.why import Why
from reasonact_env.view.episode import episode_view
from reasonact_env.view.goal import goal_line, goal_view
from tools.protocol import render
from tools.types import ToolCall

EVIL = '<script>alert(1)</script><img src=x onerror=alert(1)>\x1b[31m\u202e" onload="x'


def played(*actions: str, mode: str = "dialogue") -> Episode:
    env = ReasonActEnv(data="desk:20", split="all", mode=mode)
    env.reset(seed=0, options={"task_id": "desk-00000"})
    for action in actions:
        if env.episode.stop is None:
            env.step(action)
    return env.episode


def won() -> Episode:
    env = ReasonActEnv(data="desk:20", split="all")
    task = env.tasks[0]
    return played(*(task.messages[turn.index].content for turn in task.turns))


class Tags(HTMLParser):
    """The tags and attributes of a page, and whether every tag is closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.ids: set[str] = set()
        self.links: set[str] = set()
        self.open: list[str] = []
        self.said = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.ids |= {str(value) for name, value in attrs if name == "id"}
        self.links |= {str(value) for name, value in attrs if name in ("href", "src")}
        if tag not in ("meta", "br", "wbr"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.said += data


ALLOWED = {
    *("html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "p", "span", "nav", "a"),
    *("ul", "li", "b", "i", "code", "pre", "div", "details", "summary", "section"),
    *("table", "tr", "th", "td", "wbr"),
}


def require_inert(page: str) -> Tags:
    """A page with our own tags alone, that loads nothing."""
    tags = Tags(page)
    assert not tags.open
    assert tags.names <= ALLOWED
    assert not {name for name in tags.attributes if name.startswith("on") or name == "src"}
    assert all(link.startswith("#") and link[1:] in tags.ids for link in tags.links)
    assert 'content="default-src &#x27;none&#x27;; style-src' in page
    assert "@import" not in page
    assert "url(" not in page
    assert "\x1b" not in page
    assert "\u202e" not in page
    return tags


def test_a_page_has_all_of_an_episode() -> None:
    episode = won()
    tags = require_inert(episode_page(episode, "gold"))
    assert episode.task_id in tags.said
    assert "✓ success" in tags.said
    assert "✓ done" in tags.said
    for message in episode.opening[1:]:
        assert message.content in tags.said
    for step in episode.steps:
        for record in step.calls:
            assert str(record.name) in tags.said
    assert "×" in tags.said
    assert {f"step-{n + 1}" for n in range(len(episode.steps))} <= tags.ids


def test_tables_scroll_in_a_box_of_their_own_and_names_may_break() -> None:
    episode = won()
    page = episode_page(episode, "gold")
    assert page.count("<table>") == page.count('<div class="scroll"><table>') > 0
    rows = [("transfer_to_human", "149.32", "on 2024-05-09, <b>"), ("a", "1,204", "-0.5")]
    tags = Tags(shown := table(("a_name", "number", "words"), rows))
    assert all(cell in tags.said for row in rows for cell in row)
    assert "transfer_<wbr>to_<wbr>human" in shown
    assert '<td class="number">149.32</td>' in shown
    assert ".scroll, .screen { overflow-x: auto;" in page


def test_problems_are_in_a_page_in_full() -> None:
    bad = render([ToolCall("nope", {"a": EVIL})], thought=EVIL)
    episode = played(bad, "<tool_call>{", EVIL)
    tags = require_inert(episode_page(episode))
    assert "unknown_tool" in tags.said
    assert "The raw message:" in tags.said
    assert "<script>alert(1)</script>" in tags.said  # as text
    assert "\\x1b[31m\\u202e" in tags.said


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.text(st.characters(), max_size=60), min_size=1, max_size=3))
def test_whatever_an_agent_writes_stays_text(actions: list[str]) -> None:
    episode = played(*[f"{EVIL}{action}" for action in actions])
    require_inert(episode_page(episode, EVIL)).said.encode()
    require_inert(comparison_page((episode, episode), (EVIL, "b")))
    require_inert(screen_page(EVIL, episode_view(episode))).said.encode()


def test_turn_mode_has_a_page_too() -> None:
    tags = require_inert(episode_page(played("Hello.", "Bye.", mode="turn")))
    assert "decision 1" in tags.said
    assert "assistant · record" in tags.said


def test_a_comparison_frames_the_first_difference_beyond_thoughts() -> None:
    episode = won()
    first = episode.steps[0].action
    other = played(f"<think>\nHm.\n</think>\n\n{first}", "Bye.", "Bye.")
    page = comparison_page((episode, other), ("gold", "mine"))
    require_inert(page)
    framed = page.split("The first difference:")
    assert len(framed) == 2
    assert 'id="b-step-1"' in framed[0]
    assert 'id="b-step-2"' in framed[1]
    same = comparison_page((episode, episode), ("a", "b"))
    assert "The first difference" not in same


def test_bars_tell_minus_from_plus_without_colour() -> None:
    bars = component_bars({"tool": -0.5, "answer": 0.5, "format": None}, {"tool": 0.6})
    minus, plus = bars.split("answer")
    assert "left:25.0%;width:25.0%" in minus
    assert "minus" in minus
    assert "left:50.0%;width:25.0%" in plus
    assert "minus" not in plus
    assert "format" not in bars


def test_elements_escape_what_is_not_markup() -> None:
    assert text("<&>\"'") == "&lt;&amp;&gt;&quot;&#x27;"
    inner = element("b", "<i>")
    assert element("a", inner, "<u>", href='"') == (
        '<a href="&quot;"><b>&lt;i&gt;</b>&lt;u&gt;</a>'
    )


def test_a_screen_keeps_its_lines() -> None:
    page = screen_page("Screen", Text("one\n[red]two[/] & <three>", style="red"), 30)
    assert '<span class="c1">one</span>\n<span class="c1">[red]two[/] &amp; &lt;three&gt;' in page


def test_a_picture_loads_nothing_and_escapes(tmp_path: Path) -> None:
    path = write_svg(Text(EVIL.replace("\x1b", "")), tmp_path / "a.svg", title="<b>")
    picture = path.read_text("utf-8")
    assert "<script" not in picture
    assert not re.search(
        r"url\((?!#)|@font-face|@import|https?://(?!www\.w3\.org/2000/svg)", picture
    )
    assert picture.lstrip().startswith("<svg")


def test_a_dialogue_is_one_example_up_to_its_last_message() -> None:
    episode = won()
    (line,) = sft_examples(episode)
    said = line["messages"]
    assert isinstance(said, list)
    assert said[: len(episode.opening)] == [dict(one.as_dict()) for one in episode.opening]
    own = [one["content"] for one in said if isinstance(one, dict) and one["role"] == "assistant"]
    assert own == [step.action for step in episode.steps]
    assert said[-1] == {"role": "assistant", "content": episode.steps[-1].action}
    assert line["tools"] == [tool.as_dict() for tool in episode.tools]


def test_in_turn_mode_each_decision_has_the_recorded_history() -> None:
    episode = played("First.", "Second.", mode="turn")
    first, second = sft_examples(episode)
    assert first["messages"] == [
        *(dict(one.as_dict()) for one in episode.opening),
        {"role": "assistant", "content": "First."},
    ]
    roles = json.dumps(second["messages"])
    assert "First." not in roles
    assert roles.endswith('{"role": "assistant", "content": "Second."}]')


def test_all_is_written_and_told(tmp_path: Path) -> None:
    good = Listed(1, won(), failed=False)
    bad = Listed(2, played("<tool_call>{", "Bye.\udc80"), failed=True)
    options = ShareOptions(
        html=tmp_path / "new" / "a.html",
        svg=tmp_path / "a.svg",
        export="sft",
        out=tmp_path / "a.jsonl",
    )
    told = share(options, good, "gold", [good, bad], of=2)
    which = "desk-00000 (1 of 2; --episode chooses another)"
    names = [f"Page of {which}", f"Picture of {which}", "Training data"]
    assert [line.partition(": ")[0] for line in told] == names
    assert told[2].endswith(
        "2 examples, 1 of a failed episode (--where won leaves it out); "
        "1 of their messages has a problem (not_json 1), in episode 2"
    )
    lines = options.out.read_text("utf-8").splitlines()
    assert [sorted(json.loads(line)) for line in lines] == [["messages", "tools"]] * 2
    assert options.html is not None
    assert "✓ success" in options.html.read_text("utf-8")
    assert options.asked
    assert not ShareOptions().asked


def test_training_data_say_what_they_should_not_teach(tmp_path: Path) -> None:
    unknown = render([ToolCall("nope", {})])
    bad = played("<tool_call>{", unknown, unknown, "Bye.")
    every = [Listed(3, won(), failed=False), *(Listed(n, bad, failed=True) for n in (4, 9))]
    found = export_sft(every, tmp_path / "a.jsonl")
    assert found.words == (
        "3 examples, 2 of failed episodes (--where won leaves them out); "
        "6 of their messages have a problem (unknown_tool 4, not_json 2), the first in episode 4"
    )
    assert export_sft(every[:1], tmp_path / "b.jsonl").words == "1 example"
    turns = played("<tool_call>{", "One.", mode="turn")
    found = export_sft([Listed(1, turns, failed=True)], tmp_path / "c.jsonl")
    assert found.words.startswith("2 examples, 2 of failed episodes (")


def test_a_picture_has_the_goal_and_the_steps(tmp_path: Path) -> None:
    env = ReasonActEnv(data="desk:20", split="all")
    env.reset(options={"task_id": "desk-00002"})
    env.step("Bye.")
    goal = goal_of(env.task, env.episode)
    why = Why(goal, None, None, "")
    one = Listed(1, env.episode, failed=True)
    told = share(ShareOptions(svg=tmp_path / "a.svg"), one, "gold", [], why=why)
    assert told == [f"Picture of desk-00002: {tmp_path / 'a.svg'}"]  # it is the only one
    picture = unescape((tmp_path / "a.svg").read_text("utf-8")).replace("\xa0", " ")
    assert goal.missing[0].call.name in picture
    assert ">goal " in picture
    assert ">steps " in picture


def test_a_place_that_cannot_be_written_is_refused_first(tmp_path: Path) -> None:
    options = ShareOptions(html=tmp_path / "a.html", svg=tmp_path)
    with pytest.raises(IsADirectoryError, match="expected a file to write to"):
        share(options, Listed(1, won(), failed=False), "gold", [])
    assert not (tmp_path / "a.html").exists()


def test_no_page_is_written_over_episodes(tmp_path: Path) -> None:
    others = tmp_path / "others.jsonl"
    others.write_text('{"format":"reasonact-episodes","version":2}\n')
    with pytest.raises(ValueError, match="than one of episodes"):
        ShareOptions(html=others).require()
    assert others.read_text() == '{"format":"reasonact-episodes","version":2}\n'
    (tmp_path / "old.html").write_text("<p>an older page")
    ShareOptions(html=tmp_path / "old.html").require()


def test_what_a_running_dialogue_has_not_done_is_open_and_not_lost() -> None:
    env = ReasonActEnv(data="desk:20", split="all")
    env.reset(options={"task_id": "desk-00002"})
    env.step("One moment, please.")
    goal = goal_of(env.task, env.episode)
    shown = Console(width=80, record=True, file=io.StringIO())
    shown.print(goal_line(goal), goal_view(goal))
    seen = shown.export_text()
    assert goal.missing
    assert f"… {goal.missing[0].call.name}" in seen
    assert "✗" not in seen
    assert "due by" not in seen
