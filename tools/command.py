"""Runs a command: a caller's mistake is one line on standard error, and a bug shows its traceback.

Every command ends in `run`, which takes `--debug` in all of them: the traceback stands above
the line. Tests and other code call `main` itself, which raises. Exit statuses are the same in all
commands: 0 for success, 1 where a check has found something or a part of the work failed, 2 for a
caller's mistake, 3 where an evaluation lacks episodes, 130 after Ctrl-C.
"""

from __future__ import annotations

import gc
import os
import shlex
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import NoReturn

from tools.inert import one_line, safe
from tools.interrupts import DEBUG, MISTAKE, PACKAGES, STATUS, caught, lacking, started
from tools.nearest import like_missing
from tools.own_code import HOME, frames_of, is_ours, own_place, place_of

_EXTRAS = {
    **dict.fromkeys(("torch", "transformers", "trl", "peft", "datasets", "tokenizers"), "train"),
    **dict.fromkeys(("accelerate", "huggingface_hub", "safetensors"), "train"),
    **{"gguf": "gguf", "krippendorff": "rate", "openai": "llm", "re2": "re2"},
    **dict.fromkeys(("matplotlib", "networkx"), "plots"),
    **dict.fromkeys(("anyio", "mcp", "mcp_types"), "mcp"),
    **{"openenv": "openenv", "uvicorn": "recorder"},
    **dict.fromkeys(("pytest", "hypothesis"), "dev"),
}
"""A package of others -> the extra of ours that brings it."""
TO_DEBUG = f"{DEBUG} shows the traceback"
"""The end of a line that stands for a traceback."""
_MOST = 300
"""Characters of an error of other people's that a line repeats at most. Chosen by hand."""
_shows_tracebacks = False
"""Whether it was given; a process runs one command."""


def run(main: Callable[[], object], *, goes_on: bool = False) -> NoReturn:
    """Runs a command's `main` and ends the process.

    The exit status is what `main` returns if that is an int, and else 0; 2 for a caller's mistake;
    130 after Ctrl-C. Errors that are bugs are passed on, with their traceback.

    Args:
        main: Reads the process's arguments.
        goes_on: Whether the same command goes on where it was stopped; Ctrl-C then ends in it.
    """
    _open_closed_streams()
    _take_debug()
    try:
        caught()
        found = main()
        sys.stdout.flush()  # a closed pipe is noticed here and not while Python shuts down
    except KeyboardInterrupt:
        gc.freeze()  # or Python looks through all that is loaded once more, for seconds
        _end(f"interrupted; to go on: {again()}" if goes_on else "interrupted", STATUS)
    except BrokenPipeError:  # whoever read the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except SystemExit as error:
        if isinstance(error.__context__, BrokenPipeError):  # rich ends with 1 for the same
            sys.exit(0)
        raise
    except Exception as error:
        if (line := line_of(error)) is None:
            raise
        _show_traceback(error)
        _end(f"error: {line}", MISTAKE)
    sys.exit(int(found) if isinstance(found, int) else 0)


def _open_closed_streams() -> None:
    """Leads standard streams that the shell has closed (`>&-`) to nowhere.

    Python has None in their place, and the next file that is opened would get their number, to
    which whatever a library or another process writes would go.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_RDWR)
            setattr(sys, name, os.fdopen(nowhere, mode, encoding="utf-8", errors="replace"))


def _take_debug() -> None:
    """Takes `--debug` out of the process's arguments, which the command reads next."""
    global _shows_tracebacks
    end = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
    if DEBUG in sys.argv[1:end]:
        _shows_tracebacks = True
        sys.argv[1:end] = [word for word in sys.argv[1:end] if word != DEBUG]


def _show_traceback(error: BaseException) -> None:
    if _shows_tracebacks:
        print(safe("".join(traceback.format_exception(error))), end="", file=sys.stderr)


def is_callers(error: Exception) -> bool:
    """Whether an error tells the caller what to mend: a file's, or one that our code words.

    A ValueError of a library, or of an expression in our code, is a bug.
    """
    if isinstance(error, OSError):
        return True
    if not isinstance(error, ValueError | ImportError) and not _is_own(error):
        return False
    frames = frames_of(error)
    return bool(frames) and is_ours(frames[-1].file) and frames[-1].text.startswith("raise ")


def line_of(error: Exception) -> str | None:
    """What a command says of an error, in one line; None for a bug of ours."""
    if isinstance(error, ImportError) and (package := _missing(error)):
        return _lacks(package)
    place = own_place(error)
    if is_callers(error) and not (place and isinstance(error, OSError)):
        return sentence(error)
    if place is None:
        return None
    return f"expected no error in your own code, got {raised(error)}; mend it; {TO_DEBUG}"


def raised(error: BaseException) -> str:
    """An error of somebody's own code: its kind, what it says, and FILE:LINE where that is theirs.

    What our code has worded needs no place in it.
    """
    known = isinstance(error, Exception) and is_callers(error)
    place = own_place(error) if known else place_of(error)
    said = sentence(error)
    said = said if len(said) <= _MOST else f"{said[:_MOST]}…"
    return f"{type(error).__name__}: {said}{f' ({place})' if place else ''}"


def to_mend(error: BaseException) -> str:
    """What to do about an error of somebody's own module."""
    if package := _missing(error):
        return _brings(package)
    if isinstance(error, ModuleNotFoundError):
        return "install it, or mend the import"
    if isinstance(error, SystemExit):
        return "take out what ends the process, or put it below `if __name__ == '__main__':`"
    return "mend it"


def _is_own(error: Exception) -> bool:
    """Whether it is a RuntimeError of a class of ours, such as an endpoint's."""
    return isinstance(error, RuntimeError) and type(error).__module__.split(".")[0] in PACKAGES


def sentence(error: BaseException) -> str:
    """What an error says, as one line that controls no terminal."""
    text = (isinstance(error, SyntaxError) and error.msg) or str(error)  # its place is told beside
    if isinstance(error, OSError) and error.strerror:  # in place of `[Errno 2] …`
        text = _of_system(error)
    return one_line(text) or type(error).__name__


def _of_system(error: OSError) -> str:
    """What the system says of a file: what was expected, what is there, what to do."""
    name = error.filename
    if not isinstance(name, str | bytes | os.PathLike):
        return str(error.strerror)
    told = os.fsdecode(name)  # as it was given: a Path takes an empty name for the present folder
    path = Path(told)
    if isinstance(error, FileNotFoundError):
        return f"expected a file or a folder, got {told!r}: nothing is there{like_missing(path)}"
    if isinstance(error, IsADirectoryError):
        return f"expected a file, got the folder {str(path)!r}; give another path"
    if isinstance(error, NotADirectoryError):
        file = next((one for one in (path, *path.parents) if one.is_file()), path)
        return f"expected a folder, got the file {str(file)!r}; give another path"
    return f"{error.strerror}: {str(path)!r}; give another path"


def complain(prog: str, error: Exception | str) -> int:
    """Prints a caller's mistake as one line on standard error; returns the exit status for it.

    With `--debug`, an error's traceback stands above the line.

    Args:
        prog: How the command is called.
        error: What was wrong.
    """
    words = error if isinstance(error, str) else line_of(error) or sentence(error)
    if isinstance(error, Exception):
        _show_traceback(error)
    print(f"{prog}: error: {one_line(words)}", file=sys.stderr)
    return MISTAKE


def _end(words: str, status: int) -> NoReturn:
    print(f"{program()}: {words}", file=sys.stderr)
    sys.exit(status)


def _missing(error: BaseException | None) -> str | None:
    """The package of an extra for want of which something cannot be imported."""
    while error is not None:
        name = (getattr(error, "name", None) or "").partition(".")[0]
        if isinstance(error, ModuleNotFoundError) and name in _EXTRAS:
            return name
        error = error.__cause__ or error.__context__
    return None


def _say_what_is_missing(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """The last word of a command that could not even be imported."""
    if (package := _missing(error)) is None:
        lacking(kind, error, trace)
        return
    _take_debug()
    _show_traceback(error)
    print(f"python -m {started()}: error: {_lacks(package)}", file=sys.stderr, flush=True)
    os._exit(MISTAKE)  # Python itself would end with 1 after an excepthook


def _lacks(package: str) -> str:
    return f"expected the package {package!r}, which is not installed; {_brings(package)}"


def _brings(package: str) -> str:
    extra = _EXTRAS[package]
    checkout = (HOME / "pyproject.toml").is_file()
    brings = f"pip install -e '.[{extra}]'" if checkout else f"pip install 'reasonact[{extra}]'"
    return f"{brings} brings it"


if started().partition(".")[0] in PACKAGES:  # what a command imports comes before its `run`
    sys.excepthook = _say_what_is_missing


def program() -> str:
    """How the running command is called: `python -m MODULE`, or its file's name."""
    spec = getattr(sys.modules["__main__"], "__spec__", None)
    if spec is None:
        return Path(sys.argv[0]).name
    return f"python -m {spec.name.removesuffix('.__main__')}"


def called() -> str:
    """The running command as it was typed, to be pasted."""
    return f"{program()} {shlex.join(sys.argv[1:])}".rstrip()


def again() -> str:
    """The command that goes on with what the running one has begun: without `--again`."""
    words = [word for word in sys.argv[1:] if word != "--again"]
    return f"{program()} {shlex.join(words)}".rstrip()


def command(module: str, *given: object, **options: object) -> str:
    """A command for somebody to paste; options that are None or False are left out.

    Args:
        module: What is run.
        *given: What stands before the options, such as files.
        **options: The options.

    >>> command("reasonact_env.replay", "my run.jsonl", episode=2)
    "python -m reasonact_env.replay 'my run.jsonl' --episode 2"
    >>> command("train.evaluate", policy="runs/my sft", data=None, max_new_tokens=80, again=True)
    "python -m train.evaluate --policy 'runs/my sft' --max-new-tokens 80 --again"
    """
    words = ["python", "-m", module, *map(str, given)]
    for name, value in options.items():
        if value is None or value is False:
            continue
        words.append(f"--{name.replace('_', '-')}")
        words += [] if value is True else [str(value)]
    return shlex.join(words)
