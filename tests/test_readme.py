import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = (
    *("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "train/README.md"),
    "reasonact_env/README.md",
    *("tools/worlds/README.md", "tasks/procedures/README.md"),
)


def page(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def test_the_first_block_is_the_first_example() -> None:
    (block,) = re.findall(r"```python\n(.*?)```", page("README.md"), re.DOTALL)[:1]
    assert block == (ROOT / "examples" / "first_episode.py").read_text("utf-8")
    assert len(block.splitlines()) <= 15


@pytest.mark.parametrize("name", PAGES)
def test_every_command_names_a_module_that_exists(name: str) -> None:
    named = set(re.findall(r"python -m ((?:[a-z_]+\.)+[a-z_]+)", page(name)))
    missing = [module for module in sorted(named) if importlib.util.find_spec(module) is None]
    assert not missing


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_somewhere(name: str) -> None:
    links = re.findall(r"\]\((?!http|#)([^)]+)\)", page(name))
    folder = (ROOT / name).parent
    assert [link for link in links if not (folder / link.partition("#")[0]).exists()] == []


@pytest.mark.parametrize("name", PAGES)
def test_every_make_target_exists(name: str) -> None:
    # As code begins a command: in back quotes, or at the start of a line of a block.
    targets = set(re.findall(r"(?:`|^)make ([a-z]+)", page(name), re.MULTILINE))
    known = set(re.findall(r"^([a-z]+):", page("Makefile"), re.MULTILINE))
    assert targets <= known
