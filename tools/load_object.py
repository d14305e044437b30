"""Objects named `MODULE:NAME`: how agents, data, worlds, users and rewards come from outside."""

from __future__ import annotations

import importlib
import inspect
import os
import sys
from pathlib import Path
from typing import TypeGuard

from tools.interrupts import PACKAGES


def is_object_name(name: str) -> bool:
    """Whether a text has the form `MODULE:NAME`.

    >>> [is_object_name(name) for name in ("my_pkg.tasks:load", "desk:1000", "retail")]
    [True, False, False]
    """
    module, _, attribute = name.partition(":")
    return attribute.isidentifier() and all(part.isidentifier() for part in module.split("."))


def load_object(name: str, what: str) -> object:
    """Loads an object by `MODULE:NAME`; the working folder is searched, too.

    Args:
        name: The object's `MODULE:NAME`.
        what: What the object should be, for the error.

    Raises:
        ValueError: if the name has another form, there is no such module, the module has no such
            name, or it is the caller's own and cannot be imported.
    """
    module_name, colon, attribute = name.partition(":")
    if not (module_name and colon and attribute):
        raise ValueError(f"expected {what} as MODULE:NAME, got {name!r}")
    module = _module(module_name, name, what)
    if not hasattr(module, attribute):
        from difflib import get_close_matches  # for errors alone

        near = get_close_matches(attribute, dir(module), n=1)
        hint = f"; did you mean {module_name}:{near[0]}?" if near else ""
        raise ValueError(f"expected {what}, but module {module_name!r} has no {attribute!r}{hint}")
    found: object = getattr(module, attribute)
    return found


def name_of(found: object) -> str | None:
    """The `MODULE:NAME` by which any process can load an object; None if it has no such name.

    >>> [name_of(found) for found in (name_of, lambda: 0)]
    ['tools.load_object:name_of', None]
    """
    module, name = getattr(found, "__module__", ""), getattr(found, "__qualname__", "")
    if module == "__main__" or getattr(sys.modules.get(module), name, None) is not found:
        return None
    return f"{module}:{name}"


def takes(found: object, *arguments: object) -> bool:
    """Whether something can be called with these arguments, as far as its signature tells.

    >>> [takes(found, "a task") for found in (len, lambda: 0, "text")]
    [True, False, False]
    """
    if not callable(found):
        return False
    try:
        inspect.signature(found).bind(*arguments)
    except TypeError:
        return False
    except ValueError:  # a callable written in C may have no signature
        return True
    return True


def described(found: object) -> str:
    """A few words, for errors, on something that cannot be called as expected.

    >>> [described(found) for found in (lambda one, two: 0, "text")]
    ['one that takes (one, two)', 'a str']
    """
    if not callable(found):
        return f"a {type(found).__name__}"
    return f"one that takes {inspect.signature(found)}"


def _module(module_name: str, name: str, what: str) -> object:
    """Imports a module, from the working folder if need be.

    Raises:
        ValueError: if no module has that name, or it raises an error; those of our own modules are
            passed on.
    """
    if os.getcwd() not in sys.path and "" not in sys.path:  # a console script lacks it
        sys.path.append(os.getcwd())
    if module_name.startswith("."):  # a path, which Python would take for a relative import
        raise ValueError(
            f"expected {what} as MODULE:NAME, got {name!r}{_instead(module_name, name)}"
        )
    try:
        return importlib.import_module(module_name)
    except (Exception, SystemExit) as error:  # whatever somebody else's code raises
        if _is_missing(error, module_name):
            raise ValueError(
                f"expected {what} as MODULE:NAME, got {name!r}, and there is no module "
                f"{error.name!r}{_instead(module_name, name)}"
            ) from None
        if module_name.partition(".")[0] in PACKAGES:
            raise
        from tools.command import TO_DEBUG, raised, to_mend  # for errors alone

        raise ValueError(
            f"expected {what} from the module {module_name!r}, got {raised(error)}; "
            f"{to_mend(error)}; {TO_DEBUG}"
        ) from error


def _is_missing(error: BaseException, module_name: str) -> TypeGuard[ModuleNotFoundError]:
    """Whether there is no module of that name, or none of a package around it."""
    if not isinstance(error, ModuleNotFoundError) or error.name is None:
        return False
    return f"{module_name}.".startswith(f"{error.name}.")


def _instead(module_name: str, name: str) -> str:
    """What to do where a module was not found: its name if its file was given, or one like it."""
    from tools.nearest import did_you_mean  # for errors alone

    attribute = name.partition(":")[2]
    file = Path(f"{module_name.removesuffix('.py')}.py")
    if file.is_file():
        where = "" if file.parent == Path() else f", started in the folder {file.parent}"
        return f"; did you mean {file.stem}:{attribute}{where}?"
    known = [one.stem for one in Path().glob("*.py")]
    return did_you_mean(module_name, known) or "; start in its folder, or install it"
