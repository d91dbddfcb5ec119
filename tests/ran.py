"""Which tests passed in the runs of `make test`, and whether those that the security pages name are among them:
`python -m tests.ran` at its end."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Final

import pytest

from portal.kit.settings import ROOT

FOLDER: Final = ROOT / ".pytest_cache" / "ran"
PAGES: Final = (ROOT / "docs" / "security.md", ROOT / "docs" / "asvs.md")
NAME: Final = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def note(session: pytest.Session, passed: set[str]) -> None:
    """Keep the names of the tests that passed in this run; a whole run is several, so they add up."""
    if hasattr(session.config, "workerinput") or not passed:
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "passed.txt").open("a", encoding="utf-8") as file:
        file.writelines(f"{name}\n" for name in sorted(passed))


def bare(nodeid: str) -> str:
    """The test's name without its parameters and classes: file::function."""
    file, _sep, rest = nodeid.partition("::")
    return f"{file}::{rest.rpartition('::')[2].partition('[')[0]}"


def missing(passed: set[str]) -> list[str]:
    """What the pages name and did not pass."""
    named = {f"{file}::{name}" for page in PAGES for file, name in NAME.findall(page.read_text(encoding="utf-8"))}
    return sorted(named - passed)


def main() -> None:
    kept = FOLDER / "passed.txt"
    lines: set[str] = set(kept.read_text(encoding="utf-8").split("\n")) if kept.exists() else set()
    if not_run := missing(lines):
        sys.exit("Named on the security pages, but not run:\n  " + "\n  ".join(not_run))
    sys.stdout.write("Every test that the security pages name was run and passed.\n")


if __name__ == "__main__":
    main() if sys.argv[1:] != ["--begin"] else Path(FOLDER / "passed.txt").unlink(missing_ok=True)
