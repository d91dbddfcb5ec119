"""Nothing that the whole suite logs may hold an address, a key or a token (SEC26).

Every line that structlog renders, and every record of the standard library's logging, is also written to a file of
this process; when all tests are done the run looks through the files of all its processes and fails on a find.
"""

from __future__ import annotations

import logging
import os
import re
from pathlib import Path
from typing import Any, Final

import pytest
import structlog

from portal.kit.settings import ROOT

FOLDER: Final = ROOT / ".pytest_cache" / "logged"
# What the tests seed: people's addresses, keys, secrets, and the shapes of tokens and hashes.
LEAKS: Final = re.compile(
    r"[\w.+-]+@[\w.-]+\.example|sk_test_\w|sk_live_\w|rk_live_\w|whsec_\w|\$argon2id\$"
    r"|/(?:set-password|sign-in/link)/[\w-]{20,}|korrekt pferd batterie|renewal-demo-2026",
)


class _Tap(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        # Playwright, asyncio and the like; what our own code says goes through structlog.
        note(record.getMessage())


def note(text: str) -> None:
    with (FOLDER / f"{os.getpid()}.txt").open("a", encoding="utf-8", errors="replace") as file:
        file.write(text + "\n")


def start(config: pytest.Config) -> None:
    """Begin to listen, in each process of the run."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    if not hasattr(config, "workerinput"):  # the one that began the run
        for old in FOLDER.glob("*.txt"):
            old.unlink()
    for kind in (structlog.processors.JSONRenderer, structlog.dev.ConsoleRenderer):
        _listen(kind)
    logging.getLogger().addHandler(_Tap(logging.INFO))


def _listen(kind: Any) -> None:
    render = kind.__call__

    def listening(self: Any, *given: Any) -> Any:
        line = render(self, *given)
        note(str(line))
        return line

    kind.__call__ = listening


def found() -> list[str]:
    """Lines that hold what nobody may log, without repeating it."""
    lines: list[str] = []
    for file in sorted(FOLDER.glob("*.txt")):
        lines += leaks(file)
    return lines


def leaks(file: Path) -> list[str]:
    told = []
    for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
        if match := LEAKS.search(line):
            told.append(f"{match.group(0)[:4]}… in: {LEAKS.sub('<LEAK>', line)[:300]}")
    return told


def finish(session: pytest.Session) -> None:
    """When all processes are done, look through what they logged."""
    if hasattr(session.config, "workerinput"):
        return
    lines = found()
    if lines:
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        for line in lines[:20]:
            if reporter:
                reporter.write_line(f"LEAK IN THE LOGS: {line}", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
