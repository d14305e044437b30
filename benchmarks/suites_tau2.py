"""tau2-bench's tests of its retail and airline tools, as they are, against our worlds."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from benchmarks.tau2_stand_ins import DOMAINS

_HOME = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Tested:
    """What became of a domain's tests."""

    domain: str
    """Its name."""
    passed: tuple[str, ...]
    """The names of the tests that pass."""
    failed: tuple[tuple[str, str], ...]
    """(name, first line of the error) of all others."""

    def as_json(self) -> dict[str, object]:
        """All names."""
        return {"domain": self.domain, "passed": self.passed, "failed": dict(self.failed)}


def run_tests(checkout: Path) -> list[Tested]:
    """Runs the tests of both domains, in a process of their own.

    Args:
        checkout: The folder with tau2-bench's `tests/` in it.

    Raises:
        FileNotFoundError: if they are not there.
        ValueError: if pytest cannot run them.
    """
    tests = (checkout / "tests" / "test_domains").resolve()
    for folder in (tests / f"test_{domain}" for domain in DOMAINS):
        if not list(folder.glob("test_*.py")):
            raise FileNotFoundError(
                f"expected tau2-bench's tests, but there are none in {folder}; pass the folder "
                "into which it was cloned"
            )
    cases = _cases(tests)
    return [_read(domain, [one for one in cases if _is_of(domain, one)]) for domain in DOMAINS]


def _cases(tests: Path) -> list[ElementTree.Element]:
    """What pytest reports of each test."""
    with tempfile.TemporaryDirectory() as made:
        place = Path(made)
        report = place / "report.xml"
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *_options(tests, place, report)],
            env={**os.environ, "PYTHONPATH": str(_HOME), "PYTHONDONTWRITEBYTECODE": "1"},
            cwd=place,
            capture_output=True,
            text=True,
            check=False,
        )
        if report.exists():
            return list(ElementTree.parse(report).iter("testcase"))
    said = (done.stderr or done.stdout).strip().splitlines()
    raise ValueError(
        f"expected pytest to run tau2-bench's tests, got {said[-1] if said else 'nothing'}; "
        "install the extra dev"
    )


def _is_of(domain: str, case: ElementTree.Element) -> bool:
    """Whether a test, or a file that cannot be collected, is a domain's."""
    return f"{case.get('classname')}.{case.get('name')}".strip(".").startswith(f"test_{domain}.")


def _options(tests: Path, place: Path, report: Path) -> list[str]:
    """Which tests are run, without their configuration and conftest, and with nothing written."""
    (place / "pytest.ini").write_text("[pytest]\n", "utf-8")
    plugins = ("benchmarks.tau2_stand_ins", "no:cacheprovider")
    return [
        *(word for name in plugins for word in ("-p", name)),
        *("-c", str(place / "pytest.ini"), "--rootdir", str(tests)),
        *("--noconftest", "--import-mode=importlib", f"--junitxml={report}"),
        *(str(tests / f"test_{domain}") for domain in DOMAINS),
    ]


def _read(domain: str, cases: list[ElementTree.Element]) -> Tested:
    passed, failed = [], []
    for case in cases:
        name = str(case.get("name"))
        wrong = [child for child in case if child.tag in ("failure", "error", "skipped")]
        if wrong:
            failed.append((name, str(wrong[0].get("message", "")).partition("\n")[0]))
        else:
            passed.append(name)
    return Tested(domain, tuple(passed), tuple(failed))
