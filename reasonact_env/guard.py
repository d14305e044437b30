"""The check that `tools` and `tasks` are ours, and the way to our part of `agents`.

Such common top-level names are easily shadowed: by a file or a folder of the user's, or by another
distribution. Without the check, the user would later get an AttributeError that does not name the
cause.

`agents` is a namespace package: openai-agents installs an `agents/__init__.py` of its own, and as
both wheels lie in one folder, both work. Where ours lies elsewhere, in a checkout, Python looks for
`agents.gold` in their folder alone; `Beside` then looks in ours.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterable, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

IMPORTED = ("tools", "tasks")
"""The top-level packages that `import reasonact_env` needs."""
SHARED = "agents"
"""The package that other distributions may have a part of."""


class Beside:
    """Finds our modules of `agents` where another package of that name comes first.

    It is asked after all others, so that a module of theirs is never hidden by one of ours.
    """

    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Our module of that name, or None."""
        parent, _, rest = name.partition(".")
        if parent != SHARED or not rest or "." in rest:
            return None
        return PathFinder.find_spec(name, [os.path.join(_home(), SHARED)], target)


def check(names: Iterable[str] = IMPORTED) -> None:
    """Checks packages without importing any, and lets our part of `agents` be found.

    A package that does not exist at all is left to Python's own, clear error.

    Raises:
        ImportError: if one of the names belongs to another package; the text says which file it
            is and what to do.
    """
    if Beside not in sys.meta_path:
        sys.meta_path.append(Beside)
    for name in names:
        ours = os.path.join(_home(), name)
        found = _find(name)
        if found is None or (_real(found) == _join_init(ours) and _is_docstring(found)):
            continue
        raise _shadowed(name, ours, found)


def require_agents() -> None:
    """Checks that `agents` is a package, ours or one that ours can stand beside.

    Raises:
        ImportError: if it is a plain module, such as a script of the user's.
    """
    check(())
    found = _find(SHARED) or ""
    name, ending = os.path.splitext(os.path.basename(found))
    if ending and name != "__init__":
        raise _shadowed(SHARED, os.path.join(_home(), SHARED), found)


def _shadowed(name: str, ours: str, found: str) -> ImportError:
    return ImportError(
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
    """Whether a file is one docstring, as our packages' `__init__.py` are.

    Two distributions installed into one folder overwrite each other's `__init__.py`, so the path
    alone does not tell which distribution it belongs to.
    """
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read().strip()
    except OSError:  # inside an archive
        return True
    return text.startswith('"""') and text.endswith('"""') and text.count('"""') == 2


def _home() -> str:
    return os.path.dirname(os.path.dirname(_real(__file__)))


def _join_init(folder: str) -> str:
    return os.path.join(folder, "__init__.py")


def _real(path: str) -> str:
    return os.path.normcase(os.path.realpath(path))
