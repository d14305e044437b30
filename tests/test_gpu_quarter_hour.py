"""The prepared quarter of an hour on a GPU: its dry run on a CPU, its parts, its calculation."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.gpu_quarter_hour.__main__ import main
from benchmarks.gpu_quarter_hour.calculation import (
    CASES,
    Rows,
    matrix_weights,
    reading_flops,
    table,
    training_flops,
)
from benchmarks.gpu_quarter_hour.chip import peak_of
from benchmarks.gpu_quarter_hour.parts import join, pack
from benchmarks.gpu_quarter_hour.rows import FULL, TINY, random_model, with_adapters
from benchmarks.gpu_quarter_hour.schedule import leave, limit

STAGES = ("base", "SFT", "cold-start", "GRPO")


def left(out: Path) -> dict[str, tuple[int, object]]:
    """What every piece holds, and when it was written."""
    return {
        path.name: (path.stat().st_mtime_ns, json.loads(path.read_text("utf-8")))
        for path in out.glob("*.json")
        if path.name != "summary.json" and not path.name.endswith(".phase.json")
    }


def test_a_phase_over_its_limit_leaves_the_others_and_is_made_up_for(tmp_path: Path) -> None:
    dry = ["--tiny", "--seeds", "1", "--out", str(tmp_path)]
    # A thousandth of a minute is less than the libraries take to load.
    assert main([*dry, "--minutes", "140", "--shares", "3", "0.0001", "3", "6"]) == 1
    phases = {
        p.name.split(".")[0]: json.loads(p.read_text()) for p in tmp_path.glob("*.phase.json")
    }
    ended = {name: state["ended"] for name, state in phases.items()}
    assert ended == {
        "environment": "done",
        "sft": "killed at its limit",
        "grpo": "done",
        "pipeline": "done",
    }, phases
    before = left(tmp_path)
    paths = ("ours", "plain", "ours-recomputed")
    grpo = {f"grpo-{length}-{path}.json" for length in TINY.lengths for path in paths}
    stages = {f"pipeline-0-{stage}.json" for stage in STAGES}
    assert before.keys() == {"environment.json", *grpo, *stages}

    assert main([*dry, "--minutes", "140", "--phases", "environment", "sft", "grpo"]) == 0
    after = left(tmp_path)
    sft = {f"sft-{length}-{path}.json" for length in TINY.lengths for path in ("ours", "plain")}
    assert after.keys() == before.keys() | sft
    assert {name: after[name] for name in before} == before  # nothing was done twice
    summary = json.loads((tmp_path / "summary.json").read_text("utf-8"))
    assert summary["sft-64-ours"]["tokens"] == 2 * 64
    assert len(summary["sft-64-plain"]["steps"]) == 2
    assert summary["grpo-96-ours"]["messages"] == TINY.messages
    assert summary["pipeline-0-GRPO"]["generations"] == 2
    report = (tmp_path / "report.txt").read_text("utf-8")
    assert all(words in report for words in ("ours, recomputed", "seed 0, GRPO", "well-formed"))


def test_a_measurement_that_fails_leaves_its_error_and_is_tried_again(tmp_path: Path) -> None:
    def fails() -> dict[str, object]:
        raise RuntimeError("out of memory")

    assert not leave(tmp_path, "sft-1", fails)
    assert "out of memory" in json.loads((tmp_path / "sft-1.json").read_text())["error"]
    assert leave(tmp_path, "sft-1", lambda: {"seconds": 1})
    assert leave(tmp_path, "sft-1", fails)  # done before


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_text('{"model_type": "llama"}')
    (folder / "tokenizer.json").write_text("{}" * 700)
    (folder / "README.md").write_text("stays here")
    torch.manual_seed(0)
    save_file({"a": torch.randn(40, 50), "b": torch.arange(3)}, folder / "model.safetensors")
    return folder


def test_a_model_travels_in_parts_and_its_weights_are_halved(model: Path, tmp_path: Path) -> None:
    parts = tmp_path / "parts"
    folders = pack(model, parts, 0.002)
    sizes = [sum(one.stat().st_size for one in folder.glob("*.bytes")) for folder in folders]
    assert len(folders) == 3
    assert max(sizes) <= 2_000
    joined = join(parts, tmp_path / "joined")
    assert {one.name for one in joined.iterdir()} == {
        "config.json",
        "tokenizer.json",
        "model.safetensors",
    }
    assert (joined / "tokenizer.json").read_bytes() == (model / "tokenizer.json").read_bytes()
    before, after = (load_file(one / "model.safetensors") for one in (model, joined))
    assert torch.equal(after["a"], before["a"].bfloat16())
    assert torch.equal(after["b"], before["b"])


def test_one_file_travels_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "small.gguf").write_bytes(bytes(range(256)) * 20)
    pack(tmp_path / "small.gguf", tmp_path / "parts", 0.002)
    joined = join(tmp_path / "parts", tmp_path / "joined")
    assert joined.name == "small.gguf"
    assert joined.read_bytes() == (tmp_path / "small.gguf").read_bytes()


def test_parts_that_are_missing_or_changed_are_named(model: Path, tmp_path: Path) -> None:
    parts = tmp_path / "parts"
    pack(model, parts, 0.002)
    with pytest.raises(FileExistsError, match="without parts"):
        pack(model, parts, 0.002)
    spoiled = next((parts / "1").glob("*.bytes"))
    whole = spoiled.read_bytes()
    spoiled.write_bytes(whole[:-1] + b"?")
    with pytest.raises(ValueError, match=f"1/{spoiled.name}"):
        join(parts, tmp_path / "joined")
    spoiled.unlink()
    with pytest.raises(FileNotFoundError, match=f"1/{spoiled.name}"):
        join(parts, tmp_path / "joined")
    assert not list((tmp_path / "joined").glob("model*"))


SHAPE = replace(TINY.shape, layers=8)


def counted(model: torch.nn.Module, length: int, *, backward: bool) -> int:
    """The matrix operations that torch counts; a row of eager attention sees all tokens."""
    ids = torch.arange(10, 10 + length)[None]
    with FlopCounterMode(display=False) as counter:
        output = model(input_ids=ids, use_cache=False)
        if backward:
            output.logits.sum().backward()
    return int(counter.get_total_flops())


def test_reading_needs_the_operations_that_torch_counts() -> None:
    length, model = 64, random_model(SHAPE, 128)
    model.set_attn_implementation("eager")
    unseen = 2 * SHAPE.queries * SHAPE.layers * length**2  # what is masked is computed there
    head = 2 * SHAPE.vocabulary * SHAPE.hidden * length
    expected = reading_flops(SHAPE, Rows(length, 0)) + unseen + head
    assert counted(model, length, backward=False) == expected


def test_training_adapters_needs_what_torch_counts() -> None:
    length, model = 64, with_adapters(random_model(SHAPE, 128), 4)
    model.base_model.model.set_attn_implementation("eager")
    unseen = 3 * 2 * SHAPE.queries * SHAPE.layers * length**2
    expected = training_flops(SHAPE, Rows(length, length), 4) + unseen
    # Nothing learns before the first layer, whose input needs no gradient.
    assert counted(model, length, backward=True) == pytest.approx(expected, rel=0.03)


def test_a_shared_prompt_is_needed_once() -> None:
    alone = training_flops(FULL.shape, Rows(4_096, 512, count=8), 16)
    shared = training_flops(FULL.shape, Rows(2_048, 512, shared=2_048, count=8), 16)
    assert 0.5 < shared / alone < 0.65
    one = training_flops(FULL.shape, Rows(4_096, 512), 16)
    split = training_flops(FULL.shape, Rows(2_048, 512, shared=2_048), 16)
    assert split == pytest.approx(one)


def test_the_rows_have_the_lengths_that_are_said() -> None:
    for size in (FULL, TINY):
        for length in size.lengths:
            said = size.said(length)
            assert len(said) == size.after(length) <= length // 2 + 1
            assert (sum(said), said[-1]) == (size.labelled, 1)


def test_the_calculation_is_of_the_models_it_names() -> None:
    qwen, _, smol = CASES
    assert matrix_weights(qwen.shape) == pytest.approx(1.41e9, rel=0.01)
    assert smol.shape.vocabulary * smol.shape.hidden + matrix_weights(smol.shape) == pytest.approx(
        134.5e6, rel=0.001
    )
    steps = [int(cell) for cell in table(14).rows[-1][1:]]
    assert steps[0] > steps[1] > 0
    assert [case.steps(1) for case in CASES] == [0, 0, 0]  # the start alone takes longer


def test_known_chips_and_limits() -> None:
    assert peak_of("NVIDIA H200") == 989e12
    assert peak_of("NVIDIA L40S") == 362e12
    assert peak_of("cpu") is None


def test_phases_share_the_time_that_is_left() -> None:
    """What one leaves goes to those after it; what is not asked for, or is done, takes nothing."""
    shares = {"environment": 1.0, "sft": 4.0, "pipeline": 3.0}
    assert limit("environment", shares, 80) == 10
    assert limit("sft", shares, 70) == 40
    assert limit("pipeline", shares, 60) == 60
    assert limit("sft", {"sft": 4.0, "grpo": 0.0}, 70) == 70
    assert limit("grpo", {"sft": 4.0, "grpo": 0.0}, 70) == 0


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["--pack", "there"], "--model"),
        (["--shares", "1", "2"], "expected 4 numbers"),
        (["--minutes", "0"], "minutes"),
        (["--model", "a", "--parts", "b"], "leave one out"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    argv: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(argv)
    assert words in capsys.readouterr().err
