"""Messages that run into a limit of tokens: counted one by one, wherever a policy plays."""

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from rich.console import Console

from agents.play import Played, play
from agents.policy import Policy, trajectory_of
from agents.sampling import Sampling
from reasonact_env.agent import Observation
from reasonact_env.config import EnvConfig
from reasonact_env.episodes.storage import read_episodes
from reasonact_env.episodes.verify import verify
from tasks.load import load_tasks
from train import demo, evaluate, experiment, grpo, pipeline
from train.models.limits import MessageLimits
from train.models.model import tiny_model
from train.models.policies import TrainedPolicy, load_policy
from train.models.profiles import DEMO, TinyModel
from train.models.tokenizer import train_tokenizer
from train.runs.failure_detectors import Signature, failures
from train.runs.panel import Shown, panel
from train.runs.trends import read

pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning")

DATA = "desk:40"
GIVEN = ["--max-new-tokens", "3", "--max-thought-tokens", "2"]
LIMITS = MessageLimits(3, 2)


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a random policy, which seldom ends a message."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    tokenizer = train_tokenizer(load_tasks(DATA).split("train"), 600)
    shape = TinyModel(layers=1, hidden=32, heads=2, vocabulary=600, initial_std=0.2)
    made = TrainedPolicy(tiny_model(shape, tokenizer, seed=0), tokenizer, DEMO, "random weights")
    yield made.save(tmp_path_factory.mktemp("policy"), made.words)
    torch.set_num_threads(before)


def cut_by_tokens(played: Played, end: int) -> tuple[int, ...]:
    """The messages without the end token, read off the tokens."""
    trajectory = trajectory_of(played)
    mask, said, cut = [*trajectory.mask, 0], 0, []
    for place, sampled in enumerate(trajectory.mask):
        if sampled and not mask[place + 1]:
            if trajectory.completion_ids[place] != end:
                cut.append(said)
            said += 1
    return tuple(cut)


@pytest.mark.parametrize("tokens", [1, 25, 200])
def test_an_episode_says_which_of_its_messages_were_cut(policy: Path, tokens: int) -> None:
    loaded = load_policy(policy)
    agent = loaded.maker(1.0, MessageLimits(tokens))(0)
    wanted = [(task.id, None) for task in load_tasks(DATA).tasks[:4]]
    config, found = EnvConfig(split="all", data=DATA, max_turns=4), []
    for one in play(config, agent, wanted):
        assert one.episode.cut == cut_by_tokens(one, loaded.tokenizer.eos_token_id)
        found += [number in one.episode.cut for number in range(len(one.episode.steps))]
    assert any(found)
    assert tokens == 1 or not all(found)


def test_a_message_for_which_the_context_has_no_room_is_cut(policy: Path) -> None:
    loaded = load_policy(policy)
    sampling = Sampling(max_new_tokens=8)
    agent = Policy(loaded.model, loaded.tokenizer, sampling, max_context=10)
    (one,) = play(EnvConfig(split="all", data=DATA), agent, [(load_tasks(DATA).tasks[0].id, None)])
    assert one.episode.cut == (0, 1, 2)
    assert {step.action for step in one.episode.steps} == {""}


def polite(observation: Observation) -> str:
    """An agent that does not tell."""
    return "One moment, please."


def test_what_an_agent_does_not_tell_is_not_made_up(tmp_path: Path) -> None:
    size = ["--data", DATA, "--tasks", "2", "--out", str(tmp_path)]
    out = evaluate.main(["--agent", "tests.train.test_message_limits:polite", *size])
    assert all(episode.cut is None for episode in read_episodes(out / "episodes.jsonl")[1])
    assert '"cut"' not in (out / "episodes.jsonl").read_text()
    assert "messages_cut" not in json.loads((out / "summary.json").read_text())["metrics"]


@pytest.mark.parametrize("mode", ["dialogue", "turn"])
def test_an_evaluation_counts_them_and_says_the_limit(
    policy: Path, tmp_path: Path, mode: str, capsys: pytest.CaptureFixture[str]
) -> None:
    how = [
        "--policy",
        str(policy),
        "--sampling",
        "greedy",
        "--data",
        DATA,
        "--tasks",
        "4",
        "--mode",
        mode,
    ]
    out = evaluate.main([*how, "--out", str(tmp_path), *GIVEN])
    file = out / "episodes.jsonl"
    episodes = list(read_episodes(file)[1])
    messages = sum(len(one.steps) for one in episodes)
    cut = sum(len(one.cut or ()) for one in episodes)
    summary = json.loads((out / "summary.json").read_text())["metrics"]["messages_cut"]
    assert summary["value"] == cut / messages > 0.5
    shown = " ".join(capsys.readouterr().out.split())
    assert "messages cut at a token limit" in shown
    assert "3 tokens at most" in shown
    assert verify(file).passed, "what an agent tells of itself is no part of a replay"
    with pytest.raises(ValueError, match="max_new_tokens"):
        evaluate.main([*how, "--out", str(tmp_path), "--max-new-tokens", "4"])


def test_grpo_counts_them_and_overlong_knows_them(policy: Path, tmp_path: Path) -> None:
    size = ["--generations", "1", "--prompts", "2", "--group", "4", "--save-every", "1"]
    looks = ["--eval-every", "1", "--eval-tasks", "2", "--max-turns", "2"]
    options = ["--policy", str(policy), "--data", DATA, "--overlong", "mask", *size, *looks]
    out = grpo.main([*options, "--out", str(tmp_path / "out"), *GIVEN])
    lines = read(out / grpo.METRICS)
    episodes = list(read_episodes(out / "episodes" / "00001.jsonl")[1])
    share = sum(len(e.cut or ()) for e in episodes) / sum(len(e.steps) for e in episodes)
    assert lines[1]["messages/cut"] == pytest.approx(share)
    assert all(0.5 < line["held_out/cut"] <= 1 for line in lines)
    if all(episode.cut for episode in episodes):
        assert lines[1]["grad_norm"] == 0, "nothing carries a loss"
    recorded = json.loads((out / "run.json").read_text())["configuration"]["setup"]["limits"]
    assert recorded == {"max_new_tokens": 3, "max_thought_tokens": 2}


def test_the_panel_and_the_failures_tell_of_them() -> None:
    journal = Path(__file__).parents[1] / "data" / "journals" / "desk-weak.jsonl"
    lines = [{**line, "messages/cut": 0.25, "messages/mean": 3.0} for line in read(journal)]
    screen = Console(file=io.StringIO(), width=80, color_system=None)
    screen.print(panel(Shown("GRPO", lines, 100)))
    assert isinstance(screen.file, io.StringIO)
    assert "at a token limit 25%" in screen.file.getvalue()
    found = {failure.signature: failure for failure in failures(lines)}
    assert "25% of the messages" in found[Signature.OVERLONG].evidence
    assert "--max-new-tokens" in found[Signature.OVERLONG].advice


def test_every_command_that_plays_a_policy_takes_the_limits(policy: Path) -> None:
    start = ["--policy", str(policy), *GIVEN]
    assert grpo.options(start).setup.limits == LIMITS
    (one, *_) = experiment.planned(["ablation", "--seeds", "0", *start]).cells().values()
    assert one.limits == LIMITS
    plans = [pipeline.planned(GIVEN), demo.planned(replace(demo.DemoOptions(), limits=LIMITS))]
    for plan in plans:
        cells = list(plan.cells().values())
        assert all(cell.limits == LIMITS for cell in cells)
        training = cells[-1].train
        assert training is not None
        assert training.args[0].limits == LIMITS
        judged = cells[-1].judging(plan.views[0])
        assert judged["limits"] == {"max_new_tokens": 3, "max_thought_tokens": 2}
        usual = replace(cells[-1], limits=MessageLimits())
        assert "limits" not in usual.judging(plan.views[0])


@pytest.mark.parametrize(
    ("limits", "thinking", "longest"),
    [
        (MessageLimits(), False, 64),
        (MessageLimits(), True, 160),
        (MessageLimits(7), True, 103),
        (MessageLimits(7, 0), True, 7),
        (MessageLimits(max_thought_tokens=5), False, 64),
    ],
)
def test_limits_that_are_not_given_are_the_profiles(
    limits: MessageLimits, thinking: bool, longest: int
) -> None:
    assert limits.longest(DEMO, thinking) == longest


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--agent", "gold", *GIVEN], "with --policy"),
        (["--agent", "gold", "--sampling", "greedy"], "with --policy"),
        (["--agent", "gold", "--temperature", "0.5"], "with --policy"),
        (["--policy", "POLICY", "--max-new-tokens", "16384"], "context of 16,384 tokens"),
        (["--policy", "POLICY", "--max-new-tokens", "0"], "expected 1 or more"),
    ],
)
def test_a_limit_that_makes_no_sense_is_refused(
    policy: Path, tmp_path: Path, argv: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    own = [str(policy) if one == "POLICY" else one for one in argv]
    with pytest.raises((ValueError, SystemExit)) as raised:
        evaluate.main([*own, "--data", DATA, "--out", str(tmp_path / "out")])
    assert message in " ".join(f"{raised.value} {capsys.readouterr().err}".split())
