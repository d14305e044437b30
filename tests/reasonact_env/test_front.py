"""All commands by what one wants to do, and what of the installation works."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

from reasonact_env.__main__ import listed, main
from reasonact_env.front.commands import MODULES, about
from reasonact_env.front.doctor import examine

ROOT = Path(__file__).parent.parent.parent
SAME = {"agents.human", "tools.command", "reasonact_env"}
"""Another name of a listed one, what runs them, and the list itself."""


def modules_that_run() -> set[str]:
    """The modules of our packages that end in `run(main)` or `run(command)`."""
    found = set()
    for package in ("reasonact_env", "agents", "tasks", "tools", "train"):
        for path in (ROOT / package).rglob("*.py"):
            if re.search(
                r"^    (?:run|run_command)\((?:main|command)(?:, goes_on=True)?\)$",
                path.read_text("utf-8"),
                re.M,
            ):
                dotted = path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
                found.add(dotted.removesuffix(".__main__"))
    return found


def test_every_command_has_a_name_and_says_what_it_does() -> None:
    assert set(MODULES.values()) == modules_that_run() - SAME
    for name, module in MODULES.items():
        assert importlib.util.find_spec(module) is not None
        assert 10 < len(about(module)) < 100, name


def test_all_are_listed_and_fit_80_columns(capsys: pytest.CaptureFixture[str]) -> None:
    from rich.console import Console

    Console(width=80).print(listed())
    printed = capsys.readouterr().out
    assert all(re.search(rf"^  {name} ", printed, re.M) for name in MODULES)
    assert max(map(len, printed.splitlines())) <= 80
    assert printed.startswith("python -m reasonact_env NAME …")
    assert "play --help" in printed


def test_a_name_runs_its_command_with_its_arguments_and_status() -> None:
    def ran(*argv: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "reasonact_env", *argv],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )

    loaded = ran("load", "desk:5")
    assert loaded.returncode == 0
    assert "desk(n=5" in loaded.stdout
    refused = ran("load", "desk:five")
    assert refused.returncode != 0
    assert refused.stderr.count("\n") == 1
    assert ran("load", "--sed=1").returncode == 2


def test_a_mistyped_name_gets_the_nearest() -> None:
    with pytest.raises(ValueError, match="did you mean 'evaluate'; without a name all of them"):
        main(["evalute"])


def test_the_doctor_takes_no_argument(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="looks at the installation, got 'x'; an agent is"):
        main(["doctor", "x"])
    assert main(["doctor", "--help"]) == 0
    assert "usage: python -m reasonact_env doctor\n" in capsys.readouterr().out


def test_the_doctor_plays_an_episode_and_names_what_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "krippendorff", None)
    monkeypatch.delenv("REASONACT_LLM_BASE_URL", raising=False)
    found = {one.part: one for one in examine()}
    assert found["environments"].works
    assert "earns 1" in found["environments"].words
    assert found["training"].works
    assert not found["raters"].works
    assert "'.[rate]'" in found["raters"].words
    assert not found["endpoint"].works


def test_only_what_is_needed_makes_the_doctor_fail(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "krippendorff", None)
    assert main(["doctor"]) == 0
    assert "'.[rate]'" in " ".join(capsys.readouterr().out.split())
    monkeypatch.setitem(sys.modules, "gymnasium", None)
    assert main(["doctor"]) == 1
    assert "not here" in capsys.readouterr().out
