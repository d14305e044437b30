"""Objects named `MODULE:NAME`: how agents, data, worlds, users and rewards come from outside."""

from __future__ import annotations

import difflib
import importlib
import inspect
import os
import sys
from collections.abc import Callable


def is_object_name(name: str) -> bool:
    """Whether a text has the form `MODULE:NAME`.

    >>> [is_object_name(name) for name in ("my_pkg.tasks:load", "desk:1000", "retail")]
    [True, False, False]
    """
    module, _, attribute = name.partition(":")
    return attribute.isidentifier() and all(part.isidentifier() for part in module.split("."))


def load_object(name: str, what: str) -> object:
    """Loads anything by `MODULE:NAME`; the working folder is searched, too.

    Args:
        name: Where it is.
        what: What is expected there, for the error.

    Raises:
        ValueError: if the name has another form, there is no such module, or the module has no
            such name.
    """
    module_name, colon, attribute = name.partition(":")
    if not colon or not attribute:
        raise ValueError(f"expected {what} as MODULE:NAME, got {name!r}")
    module = _module(module_name, name, what)
    if not hasattr(module, attribute):
        near = difflib.get_close_matches(attribute, dir(module), n=1)
        hint = f"; did you mean {module_name}:{near[0]}?" if near else ""
        raise ValueError(f"expected {what}, but module {module_name!r} has no {attribute!r}{hint}")
    found: object = getattr(module, attribute)
    return found


def object_name(found: object) -> str:
    """`MODULE:NAME` of a function or class, for messages and results; else the type's.

    >>> object_name(is_object_name), object_name(3)
    ('tools.load_object:is_object_name', 'builtins:int')
    """
    named = found if hasattr(found, "__qualname__") else type(found)
    return f"{named.__module__}:{getattr(named, '__qualname__', '')}"


def takes_arguments(found: Callable[..., object], count: int) -> bool:
    """Whether a class or function can be called with so many arguments.

    >>> takes_arguments(is_object_name, 1), takes_arguments(is_object_name, 2)
    (True, False)
    """
    try:
        inspect.signature(found).bind(*range(count))
    except TypeError:
        return False
    except ValueError:  # a callable written in C tells no signature
        return True
    return True


def described(found: object) -> str:
    """What an object is, for the error that it is something else.

    >>> described(3), described(lambda task: task)
    ('an object of type int', 'one that takes (task)')
    """
    if not callable(found):
        return f"an object of type {type(found).__name__}"
    return f"one that takes {inspect.signature(found)}"


def _module(module_name: str, name: str, what: str) -> object:
    """Imports a module, from the working folder if need be.

    Raises:
        ValueError: if there is none of that name; whatever goes wrong inside it is passed on.
    """
    if os.getcwd() not in sys.path and "" not in sys.path:  # as a console script would miss it
        sys.path.append(os.getcwd())
    try:
        return importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module_name}.".startswith(f"{error.name}."):
            raise
        raise ValueError(
            f"expected {what} as MODULE:NAME, got {name!r}, and there is no module "
            f"{error.name!r}; start where it lies, or install it"
        ) from None
