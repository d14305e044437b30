"""Policies that come with the project, by name."""

from pathlib import Path

import pytest

pytest.importorskip("torch")

from agents.named import agent_of  # noqa: E402


def test_a_policy_that_comes_with_the_project_is_an_agent_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "reasonact-tiny").mkdir()  # a folder of that name is ./reasonact-tiny
    assert callable(agent_of("reasonact-tiny", [], "dialogue", "optional").act)
    with pytest.raises(ValueError, match="holds no policy"):
        agent_of("./reasonact-tiny", [], "dialogue", "optional")
