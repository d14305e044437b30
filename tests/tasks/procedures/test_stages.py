"""What the stages of the pipeline show."""

import pytest

from tasks.procedures.__main__ import main
from tasks.procedures.graph import Noise
from tasks.procedures.library import library, named
from tasks.procedures.stages import STAGES, Example


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_has_something_to_show_for_every_procedure(stage: str) -> None:
    for procedure in library():
        assert list(STAGES[stage](Example.of(procedure, 0)))


def test_stages_build_on_each_other() -> None:
    example = Example.of(named("double_charge"), 0)
    shown = {stage: "\n".join(show(example)) for stage, show in STAGES.items()}
    assert "find -> offer [double]" in shown["flowgraph"]
    assert "user:offer -> refund [refund]" in shown["conversation-graph"]
    assert all(f"[{kind}]" in shown["noise"] for kind in Noise)
    assert f"-> end:{example.talk.end}" in shown["path"].splitlines()[-1]
    said = shown["conversation"].count("assistant: ")
    assert len(shown["tests"].splitlines()) == 3 * said


def test_the_command_shows_the_stages_that_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--trace", "double_charge", "apis", "path"]) == 0
    shown = capsys.readouterr().out
    assert "find_bill" in shown
    assert "flowgraph" not in shown
    assert main(["--trace", "double_charge"]) == 0
    shown = capsys.readouterr().out
    assert all(f"{stage}\n" in shown for stage in STAGES)
    assert main(["--trace", "double_charge", "none"]) == 2
    assert "expected stages out of intents" in capsys.readouterr().err
