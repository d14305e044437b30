import subprocess
import sys

import pytest

HEAVY = ("accelerate", "datasets", "pandas", "peft", "tokenizers", "torch", "transformers", "trl")
OURS_AT_MOST = 300
"""So many modules more than Gymnasium itself may the import load."""


def loaded(code: str) -> set[str]:
    """The modules that a fresh Python has loaded after running `code`."""
    command = [sys.executable, "-c", f"{code}\nimport sys\nprint(*sys.modules)"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_package_loads_nothing_heavy() -> None:
    assert not loaded("import reasonact_env") & set(HEAVY)


def test_playing_an_episode_loads_nothing_heavy() -> None:
    code = (
        "import gymnasium, reasonact_env\n"
        "env = gymnasium.make('ReasonAct-APIGen-v0', data='desk:20', split='all')\n"
        "env.reset(seed=1)\n"
        "env.step('Hello.')\n"
    )
    assert not loaded(code) & {*HEAVY, "msgspec"}  # msgspec only reads and writes episodes


def test_the_package_loads_not_many_more_modules_than_gymnasium() -> None:
    more = loaded("import reasonact_env") - loaded("import gymnasium")
    assert len(more) < OURS_AT_MOST, sorted(more)


GENERATORS = ("agenda", "airline", "desk", "generation", "kaleidoscope", "procedures", "retail")
"""The packages of `tasks` that only some data need."""


@pytest.mark.parametrize(
    ("data", "needed"),
    [
        ("desk:3", {"desk"}),
        ("kaleidoscope:3", {"kaleidoscope"}),
        ("procedures:3", {"procedures"}),
        ("examples.own_reader:load", set()),
    ],
)
def test_data_load_the_generators_they_ask_for(data: str, needed: set[str]) -> None:
    made = f"gymnasium.make('ReasonAct-APIGen-v0', data={data!r}, split='all')"
    code = f"import gymnasium, reasonact_env\n{made}"
    found = {name.split(".")[1] for name in loaded(code) if name.startswith("tasks.")}
    assert found & set(GENERATORS) == needed


@pytest.mark.parametrize(
    "module",
    [
        "agents.baselines",
        "agents.gold",
        "agents.human",
        "agents.play",
        "agents.validate",
        "reasonact_env.replay",
        "tasks.load",
        "train.audit",
        "train.evaluate",
    ],
)
def test_what_needs_no_model_runs_on_the_core_install(module: str) -> None:
    block = f"import sys\nsys.modules.update(dict.fromkeys({HEAVY!r}))\n"
    command = [sys.executable, "-c", f"{block}import {module}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
