import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LAYERS = ("tools", "tasks", "reasonact_env", "agents", "train")
HEAVY = {"accelerate", "datasets", "peft", "tokenizers", "torch", "transformers", "trl"}
MODELS = {
    f"agents/{name}.py"
    for name in (
        "beginning",
        "cache",
        "cached_rows",
        "chat",
        "generation",
        "groups",
        "policy",
        "sampling",
        "two_parts",
    )
}
TEMPLATES = {"agents/chat.py", "train/models/additions.py", "train/models/tokenizer.py"}
"""Who renders a chat template: the one that encodes it, the one that asks what a base's own shows,
and the one that learns merges from it."""
TRL = {
    "train/rl/bridge.py": "GRPO: rollouts of ours become batches of TRL's",
    "train/rl/playing.py": "no activations are computed anew while it plays",
    "train/rl/trainer.py": "GRPO: the trainer itself",
    "train/imitation/trainer.py": "SFT: the trainer itself",
    "train/imitation/compact.py": "SFT and GRPO: a switch of TRL's output head, set on CPUs",
    "train/models/tokenizer.py": "TRL's training variant of Qwen3's chat template",
}
"""Who may import TRL, and what for; a file that no longer does leaves this list."""
FILES = [path for layer in LAYERS for path in sorted((ROOT / layer).rglob("*.py"))]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def modules(nodes: Iterator[ast.AST]) -> set[str]:
    """The top-level names of all that is imported there."""
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: imports are absolute here"
            found.add(str(node.module).split(".")[0])
    return found


def outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes that run at import."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield child
            yield from outside_functions(child)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_layer_imports_only_layers_to_its_left(path: Path) -> None:
    layer = LAYERS.index(path.relative_to(ROOT).parts[0])
    imported = modules(ast.walk(ast.parse(path.read_text("utf-8"))))
    right = imported & set(LAYERS[layer + 1 :])
    assert not right, f"{name_of(path)} imports {sorted(right)}, to its right"
    assert not imported & {"tests", "examples", "benchmarks"}


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_only_models_and_training_load_torch_and_its_kin(path: Path) -> None:
    if path.is_relative_to(ROOT / "train") or name_of(path) in MODELS:
        return
    heavy = modules(outside_functions(ast.parse(path.read_text("utf-8")))) & HEAVY
    assert not heavy, f"{name_of(path)} loads {sorted(heavy)} when imported"


def test_there_is_no_drawer_for_everything() -> None:
    assert not [name_of(p) for p in FILES if p.stem in {"common", "utils", "helpers", "misc"}]


def test_trl_is_known_to_few_files_and_each_says_what_for() -> None:
    users = [p for p in FILES if "trl" in modules(ast.walk(ast.parse(p.read_text("utf-8"))))]
    assert {name_of(p) for p in users} == TRL.keys()


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_one_place_renders_and_encodes_conversations(path: Path) -> None:
    """There, text is kept from becoming a turn."""
    called = ("apply_chat_template", "render_jinja_template")
    tree = ast.walk(ast.parse(path.read_text("utf-8")))
    names = {
        n.attr if isinstance(n, ast.Attribute) else n.id
        for n in tree
        if isinstance(n, ast.Attribute | ast.Name)
    }
    assert name_of(path) in TEMPLATES or not names & set(called)


@pytest.mark.parametrize(
    "path", [path for path in FILES if not path.is_relative_to(ROOT / "tasks")], ids=name_of
)
def test_nothing_that_is_printed_is_read_as_markup(path: Path) -> None:
    """Else a name or a hint like `.[rate]` loses what stands in brackets."""
    tree = list(ast.walk(ast.parse(path.read_text("utf-8"))))
    calls = [node for node in tree if isinstance(node, ast.Call)]
    made = [one for one in calls if isinstance(one.func, ast.Name) and one.func.id == "Console"]
    for one in made:
        told = {option.arg: ast.unparse(option.value) for option in one.keywords}
        assert told.get("markup") == "False", f"line {one.lineno}: Console without markup=False"
    assert "rich.markup" not in {n.module for n in tree if isinstance(n, ast.ImportFrom)}
