"""A cold start as a user runs it: from traces, and from a model at an endpoint of our own."""

from __future__ import annotations

import json
import re
import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("openai")

from safetensors.torch import load_file  # noqa: E402

from agents.play import play  # noqa: E402
from agents.policy import trajectory_of  # noqa: E402
from reasonact_env.config import EnvConfig  # noqa: E402
from tasks.load import load_tasks  # noqa: E402
from tools.chat_endpoint import BASE_URL, CACHE, KEY, MODEL, disconnect  # noqa: E402
from tools.protocol import parse, render  # noqa: E402
from tools.types import ToolCall  # noqa: E402
from train import cold_start as script  # noqa: E402
from train.cold_start import SAMPLES, ColdStartSettings, cold_start, gathered  # noqa: E402
from train.imitation.lessons import DECISION  # noqa: E402
from train.models.model import tiny_model  # noqa: E402
from train.models.policies import TrainedPolicy, load_policy  # noqa: E402
from train.models.profiles import DEMO, TinyModel  # noqa: E402
from train.models.tokenizer import train_tokenizer  # noqa: E402
from train.runs.run import METRICS  # noqa: E402

DATA = "desk:60"


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a random policy that does not think."""
    tokenizer = train_tokenizer(load_tasks(DATA).split("train"), 600)
    shape = TinyModel(layers=1, hidden=32, heads=2, vocabulary=600, initial_std=0.2)
    made = TrainedPolicy(tiny_model(shape, tokenizer, seed=0), tokenizer, DEMO, "random weights")
    return made.save(tmp_path_factory.mktemp("policy"), made.words)


@pytest.fixture(scope="module")
def trained(policy: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return cold_start(plan(policy), tmp_path_factory.mktemp("cold"))


def plan(policy: Path, **others: object) -> ColdStartSettings:
    return ColdStartSettings(str(policy), DATA, **{"samples": 12, "epochs": 2.0, **others})  # type: ignore[arg-type]


def samples(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / SAMPLES).read_text("utf-8").splitlines()]


def test_a_run_leaves_a_thinking_policy_and_its_samples(trained: Path, policy: Path) -> None:
    learned = load_policy(trained)
    assert learned.thinking
    lines = samples(trained)
    assert f"12 dialogues with {len(lines)} thoughts" in learned.words
    assert len({line["task"] for line in lines}) == 12
    assert all(line["learned"] for line in lines)
    held_out = {task.id for task in load_tasks(DATA).split("test")}
    assert not held_out & {line["task"] for line in samples(trained)}
    before, after = (load_file(folder / "model.safetensors") for folder in (policy, trained))
    assert any(not torch.equal(before[name], after[name]) for name in before)


def test_a_sample_may_be_a_single_decision(policy: Path, tmp_path: Path) -> None:
    picked = gathered(plan(policy, unit=DECISION), load_tasks(DATA).split("train"), tmp_path)
    assert [len(lesson.kinds) for lesson in picked] == [1] * 12


def test_a_thinking_policy_is_asked_for_its_thought(trained: Path, policy: Path) -> None:
    wanted = [(load_tasks(DATA).tasks[0].id, None)]
    config = EnvConfig(mode="dialogue", split="all", data=DATA)
    ends = []
    for folder in (trained, policy):
        loaded = load_policy(folder)
        (played,) = play(config, loaded.maker(1.0)(0), wanted)
        ends.append(loaded.tokenizer.decode(trajectory_of(played).prompt_ids)[-20:])
    assert ends[0].endswith("assistant\n")
    assert ends[1].endswith("</think>\n\n")


def test_a_killed_run_ends_where_an_unbroken_one_does(
    trained: Path, policy: Path, tmp_path: Path
) -> None:
    """A folder as a kill leaves it: an earlier checkpoint, and half of a later one."""
    earlier, later = sorted(
        trained.glob("checkpoint-*"), key=lambda path: int(path.name.split("-")[1])
    )
    shutil.copytree(earlier, tmp_path / earlier.name)
    shutil.copytree(later, tmp_path / later.name)
    (tmp_path / later.name / "trainer_state.json").unlink()
    for name in ("run.json", METRICS, SAMPLES):
        shutil.copy(trained / name, tmp_path / name)
    with (tmp_path / METRICS).open("a") as file:
        file.write('{"step": 9')
    cold_start(plan(policy), tmp_path)
    resumed, whole = (load_file(folder / "model.safetensors") for folder in (tmp_path, trained))
    assert all(torch.equal(resumed[name], whole[name]) for name in whole)
    assert _learned(tmp_path / METRICS) == _learned(trained / METRICS)


def _learned(journal: Path) -> list[dict[str, float]]:
    """The journal without what a clock says."""
    lines = map(json.loads, journal.read_text("utf-8").splitlines())
    return [{k: v for k, v in line.items() if not k.startswith("time/")} for line in lines]


def test_with_every_sample_another_dialogue_is_rehearsed(policy: Path, tmp_path: Path) -> None:
    rehearsed = "kaleidoscope:40:3"
    folder = cold_start(plan(policy, rehearsed=rehearsed), tmp_path)
    (counted,) = re.findall(r"rehearsing (.*)$", load_policy(folder).words)
    assert counted == load_tasks(rehearsed).source
    lines = [json.loads(line) for line in (folder / METRICS).read_text("utf-8").splitlines()]
    assert max(line["step"] for line in lines) == 2 * (12 + 12) / DEMO.sft_batch


def test_a_hundred_samples_are_refused(policy: Path) -> None:
    for count in (0, 100):
        with pytest.raises(ValueError, match="expected 1 to 99 samples"):
            plan(policy, samples=count)


def test_data_without_thoughts_say_where_else_to_get_them(policy: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="--thoughts endpoint"):
        cold_start(plan(policy, thoughts="calls"), tmp_path)


def test_other_thoughts_are_not_mixed_in(trained: Path, policy: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.jsonl"
    mine.write_text(json.dumps(samples(trained)[0] | {"learned": True}) + "\n")
    out = tmp_path / "out"
    cold_start(plan(policy, thoughts=str(mine)), out)
    (out / "policy.json").unlink()
    mine.write_text(json.dumps(samples(trained)[0] | {"learned": True, "thought": "New."}) + "\n")
    with pytest.raises(ValueError, match="has changed since"):
        cold_start(plan(policy, thoughts=str(mine)), out)


class Model(BaseHTTPRequestHandler):
    """A model that thinks, and does what the desk's agent does only with an order's number."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        said = [m["content"] for m in asked["messages"] if m["role"] == "user"]
        order = re.findall(r"\d+", f"1 {said[-1]}")[-1]
        call = render([ToolCall("get_order", {"order_id": order})])
        content = f"Thought: The order is {order}; the rules say get_order.\nAct: {call}"
        body = json.dumps({"choices": [{"message": {"content": content}}]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Keeps quiet."""


@pytest.fixture
def _model(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Model)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    monkeypatch.setenv(BASE_URL, f"http://127.0.0.1:{server.server_address[1]}/v1")
    monkeypatch.setenv(MODEL, "m")
    monkeypatch.delenv(KEY, raising=False)
    monkeypatch.delenv(CACHE, raising=False)
    yield
    disconnect()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.usefixtures("_model")
def test_what_a_model_writes_is_kept_where_it_then_does_the_right_thing(
    policy: Path, tmp_path: Path
) -> None:
    out = script.main(
        ["--policy", str(policy), "--data", DATA, "--thoughts", "endpoint", "--samples", "8"]
        + ["--cold-epochs", "1", "--out", str(tmp_path / "out")]
    )
    kept = samples(out)
    by_id = {task.id: task for task in load_tasks(DATA).tasks}
    assert kept
    for line in kept:
        (call,) = by_id[line["task"]].decisions[line["decision"]].calls
        assert call.name == "get_order"
        assert str(call.arguments["order_id"]) in line["thought"]
    asked = (out / "answers.jsonl").read_text("utf-8").split()
    assert len(asked) > len(kept), "most of what it does is wrong, and not kept"


def test_without_an_endpoint_it_says_which_variables_to_set(
    policy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(BASE_URL, raising=False)
    with pytest.raises(ValueError, match=f"{BASE_URL}.*--thoughts endpoint"):
        cold_start(plan(policy, thoughts="endpoint"), tmp_path)


def test_an_endpoints_form_is_read_and_anything_else_passed_on() -> None:
    from agents.endpoint import _read

    parsed = parse(_read("Thought: It is pending.\n\nAct: Why do you want to cancel it?\nTell me."))
    assert parsed.thought == "It is pending."
    assert parsed.text == "Why do you want to cancel it?\nTell me."
    assert _read("Hello") == "Hello"
