import subprocess
import sys

import pytest

HEAVY = ("accelerate", "datasets", "pandas", "peft", "tokenizers", "torch", "transformers", "trl")
LATER = ("jsonschema", "rich", "tyro")
"""What an environment or a command needs, and the import does not."""
OURS_AT_MOST = 24
"""The import loads at most this many modules of ours."""
OURS = ("agents", "reasonact_env", "tasks", "tools", "train")


def loaded(code: str) -> set[str]:
    """The modules that a fresh Python has loaded after running `code`."""
    command = [sys.executable, "-c", f"{code}\nimport sys\nprint(*sys.modules)"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_package_loads_nothing_heavy() -> None:
    assert not loaded("import reasonact_env") & {*HEAVY, *LATER}


def test_playing_an_episode_loads_nothing_heavy() -> None:
    code = (
        "import gymnasium, reasonact_env\n"
        "env = gymnasium.make('ReasonAct-APIGen-v0', data='desk:20', split='all')\n"
        "env.reset(seed=1)\n"
        "env.step('Hello.')\n"
    )
    assert not loaded(code) & {*HEAVY, "agents", "train", "rich", "tyro"}


def test_the_package_loads_few_modules() -> None:
    ours = {name for name in loaded("import reasonact_env") if name.split(".")[0] in OURS}
    assert len(ours) <= OURS_AT_MOST, sorted(ours)


GENERATORS = ("agenda", "airline", "desk", "generation", "kaleidoscope", "procedures", "retail")
"""The packages of `tasks` that only some data need."""


LISTENING = ("agenda", "generation")
"""What users need who answer what they are asked."""


@pytest.mark.parametrize(
    ("data", "needed"),
    [
        ("desk:3", {"desk", *LISTENING}),
        ("kaleidoscope:3", {"kaleidoscope", *LISTENING}),
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
