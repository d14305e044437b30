"""`train.demo --real` with a small stand-in from a GGUF file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("torch")

from train import demo  # noqa: E402


def test_all_stages_run_from_a_file_and_end_in_replays(
    llama_gguf: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    short = ["--max-new-tokens", "16", "--max-thought-tokens", "16"]
    asked = ["--real", "--quick", "--model", str(llama_gguf), "--out", str(tmp_path), *short]
    numbers = json.loads(demo.main(asked).read_text("utf-8"))
    assert {"base", "SFT", "cold-start", "GRPO"} <= numbers["sampled turn"].keys()
    said = capsys.readouterr().out.replace("\n", "")
    for stage in ("SFT", "GRPO"):
        played = tmp_path / f"eval-{stage}-sampled-turn"
        assert f"python -m reasonact_env.replay {played}" in said
        assert (played / "episodes.jsonl").is_file()
    configured = json.loads((tmp_path / "sft" / "run.json").read_text("utf-8"))["configuration"]
    assert configured["profile"] == "smollm2-135m"
    written = (tmp_path / "grpo" / "policy.json").stat().st_mtime_ns
    demo.main(asked)
    assert (tmp_path / "grpo" / "policy.json").stat().st_mtime_ns == written
