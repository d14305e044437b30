"""What a run takes from outside the project: code of your own, and models behind an endpoint.

`my_module:MyAgent` is a name. What plays is the file behind it, and the files that it imports; a
run's identity therefore holds a hash of these. Code that reads further files says itself what tells
it from another version: by an attribute or a method `identity` of the agent.
"""

from __future__ import annotations

import ast
import hashlib
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from importlib.util import find_spec
from os import environ
from pathlib import Path

from tasks.joined import PLUS
from tasks.part import whole_of
from tools.chat_address import LLM
from tools.chat_endpoint import BASE_URL, MODEL
from tools.load_object import is_object_name
from tools.types import Json

ROOT = Path(__file__).parents[2]
"""The project's folder."""
LAYERS = ("tools", "tasks", "reasonact_env", "agents", "train")
"""The project's own code, whose version `surroundings` tells as a whole."""
DATA = ("data", "rehearsed")
"""The settings that name data."""


def outside(named: Mapping[str, str | None]) -> dict[str, Json]:
    """What stands behind the names of a run's settings; {} where all of it is the project's own.

    Args:
        named: What for (user, reward, …) -> `MODULE:NAME`, a path, or a name of ours.
    """
    found: dict[str, Json] = {}
    codes = False
    for what, name in named.items():
        parts = _parts(what, name or "")
        codes |= any(map(is_object_name, parts))
        if sources := [one for part in parts if (one := _source(what, part))]:
            found[what] = {"name": name, "source": "+".join(sources)}
    return found | endpoint() if codes or named.get("user") == LLM else found


def agent_outside(name: str, agent: object) -> dict[str, Json]:
    """What tells an agent from another one of the same name.

    Args:
        name: As `--agent` takes it.
        agent: The agent itself; what its attribute or method `identity` says takes the place of
            its source.
    """
    behind = getattr(agent, "function", agent)
    own = getattr(behind, "identity", None)
    said = own() if callable(own) else own
    if said is not None:
        return {"agent": {"name": name, "identity": str(said)}, **endpoint()}
    if is_object_name(name):
        return outside({"agent": name})
    home = getattr(behind, "__module__", type(agent).__module__)
    return {"agent": {"name": name, "source": source_hash(f"{home}:{name}")}}


def endpoint() -> dict[str, Json]:
    """Address and model of the endpoint that the environment names; {} without one."""
    url, model = environ.get(BASE_URL), environ.get(MODEL)
    return {"endpoint": {"base_url": url, "model": model}} if url or model else {}


def source_hash(name: str) -> str:
    """16 hex characters over the file of a `MODULE:NAME` and the files of yours that it imports."""
    root = name.partition(":")[0]
    texts: dict[str, bytes] = {}
    waiting = [root]
    while waiting:
        module = waiting.pop()
        if module in texts or (module != root and not _is_yours(module, root)):
            continue
        if (file := _file_of(module)) is None:
            continue
        texts[module] = file.read_bytes()
        waiting += _imports(texts[module], module, file.name == "__init__.py")
    return _hash(sorted(texts.items()))


@lru_cache(maxsize=1)
def code_hash() -> str:
    """16 hex characters over the project's own code."""
    return files_hash(file for layer in LAYERS for file in (ROOT / layer).rglob("*.py"))


def files_hash(files: Iterable[Path]) -> str:
    """16 hex characters over names and contents of files, wherever their folder lies."""
    texts = sorted((file.name, file.read_bytes()) for file in files)
    return _hash(texts)


def _parts(what: str, name: str) -> list[str]:
    """The names in a name: of data that are joined, each."""
    if what not in DATA or Path(name).is_file():
        return [name]
    return [whole_of(part) for part in name.split(PLUS)]


def _source(what: str, name: str) -> str:
    """A hash of what stands behind a name; "" for what is the project's own."""
    if is_object_name(name):
        return source_hash(name)
    files = _beside(what, Path(name)) if name else []
    return files_hash(files) if files else ""


def _beside(what: str, place: Path) -> list[Path]:
    """The files that `data_identity` does not tell: a database's, and goals and users of data."""
    if what == "database":
        return sorted(_files(place)) if place.exists() else []
    sidecar = place.with_suffix(".meta.json")
    return [sidecar] if what in DATA and sidecar.is_file() else []


def _files(place: Path) -> Iterator[Path]:
    return (file for file in (place, *place.rglob("*")) if file.is_file())


def _hash(texts: Iterable[tuple[str, bytes]]) -> str:
    digest = hashlib.sha256()
    for name, text in texts:
        digest.update(f"{name}\x00{len(text)}\x00".encode())
        digest.update(text)
    return digest.hexdigest()[:16]


def _is_yours(module: str, root: str) -> bool:
    """Whether a module is neither Python's, nor the project's, nor an installed package's."""
    top = module.partition(".")[0]
    if top == root.partition(".")[0]:
        return top not in LAYERS
    if top in sys.stdlib_module_names or top in LAYERS:
        return False
    place = _place_of(top)
    installed = [sysconfig.get_path(name) for name in ("purelib", "platlib")]
    return place is not None and not any(place.is_relative_to(one) for one in installed)


def _file_of(module: str) -> Path | None:
    """A module's file; None for one that is built in, a folder without a file, or nothing."""
    place = _place_of(module)
    return place if place and place.is_file() else None


def _place_of(module: str) -> Path | None:
    """A module's file, or the folder of a package without one; None for all others."""
    try:
        spec = find_spec(module)
    except (ImportError, AttributeError, ValueError):
        return None
    if spec is None:
        return None
    places = [spec.origin] if spec.origin else list(spec.submodule_search_locations or ())
    return Path(places[0]) if places else None


def _imports(text: bytes, module: str, is_package: bool) -> Iterator[str]:
    """The names of all modules that a file may import, wherever in it."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):  # compiled, or not Python: nothing to read
        return
    package = module if is_package else module.rpartition(".")[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            start = ".".join([*above, node.module or ""] if node.level else [node.module or ""])
            start = start.strip(".")
            yield start
            yield from (f"{start}.{alias.name}" for alias in node.names if alias.name != "*")
