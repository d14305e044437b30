"""The check that `tools`, `tasks`, `agents` and `train` are ours.

Such common top-level names are easily shadowed: by a folder of the user's, or by another
distribution (`openai-agents` installs `agents/`). Without this check, the user would later get an
AttributeError that does not name the cause.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterable

SIBLINGS = ("tools", "tasks", "agents", "train")
"""The top-level packages that are installed next to `reasonact_env`."""


def check() -> None:
    """Checks all siblings without importing any.

    A sibling that does not exist at all is left to Python's own, clear error.

    Raises:
        ImportError: if one of the names belongs to another package; the text says which file it
            is and what to do.
    """
    home = os.path.dirname(os.path.dirname(_real(__file__)))
    for name in SIBLINGS:
        ours = os.path.join(home, name)
        found = _find(name)
        if found is None or (_real(found) == _join_init(ours) and _is_docstring(found)):
            continue
        raise ImportError(
            f"expected ReasonAct's own package {name!r} in {ours}, but Python finds {found}; "
            "rename or move that file, start from another folder, or keep the distribution that "
            "installed it in an environment of its own",
            name=name,
            path=str(found),
        )


def _find(name: str) -> str | None:
    """The file or folder that `import name` means, or None."""
    if name in sys.modules:
        module = sys.modules[name]
        return getattr(module, "__file__", None) or _first(getattr(module, "__path__", ()))
    spec = importlib.util.find_spec(name)
    if spec is None:
        return None
    return spec.origin if spec.has_location else _first(spec.submodule_search_locations or ())


def _first(locations: Iterable[str]) -> str | None:
    """The first of a package's folders; a package without `__init__.py` has no file."""
    return next(iter(locations), None)


def _is_docstring(path: str) -> bool:
    """Whether a file is one docstring, as the siblings' `__init__.py` are.

    Two distributions installed into one folder overwrite each other's `__init__.py`, so the path
    alone does not tell which distribution it belongs to.
    """
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read().strip()
    except OSError:  # inside an archive
        return True
    return text.startswith('"""') and text.endswith('"""') and text.count('"""') == 2


def _join_init(folder: str) -> str:
    return os.path.join(folder, "__init__.py")


def _real(path: str) -> str:
    return os.path.normcase(os.path.realpath(path))
