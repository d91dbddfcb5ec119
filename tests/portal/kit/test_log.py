"""No address, key or token reaches a log, whatever an exception quotes."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import structlog

from portal.kit import log
from portal.kit.log import without_secrets
from tests import leaks


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("no account for owner@aurora.example here", "no account for <mail> here"),
        ("key sk_live_51HxYz refused", "key <sk key> refused"),
        ("whsec_abcdef123 is old", "<whsec key> is old"),
        ("GET /set-password/abcdefghijklmnopqrstuvwxyz0123 410", "GET /set-password/<token> 410"),
        ("GET /sign-in/link/abcdefghijklmnopqrstuvwxyz0123", "GET /sign-in/link/<token>"),
        ("{'password': 'hunter2'}", "{'password': <kept>"),
        ("Cookie: portal=abc.def", "Cookie: <kept>"),
        ("order RNW-2026-000124 of company:5 paid", "order RNW-2026-000124 of company:5 paid"),
    ],
)
def test_secrets_become_marks(text: str, kept: str) -> None:
    assert without_secrets(None, "info", {"event": text})["event"] == kept


def test_they_are_found_wherever_they_stand() -> None:
    line = {"event": "x", "facts": {"to": ["a@b.example", 5]}, "error": ValueError("a@b.example"), "count": 3}
    told = without_secrets(None, "info", line)
    assert told == {"event": "x", "facts": {"to": ["<mail>", 5]}, "error": "<mail>", "count": 3}


@pytest.mark.parametrize(
    "leak",
    ["owner@aurora.example", "sk_test_portal", "whsec_test", "$argon2id$v=19", "/set-password/" + "a" * 30],
)
def test_the_search_after_the_suite_finds_a_leak(tmp_path: Path, leak: str) -> None:
    file = tmp_path / "1.txt"
    file.write_text(f'{{"event": "fine"}}\n{{"event": "{leak}"}}\n', encoding="utf-8")
    (line,) = leaks.leaks(file)
    assert leak not in line


def test_the_search_is_quiet_about_what_is_fine(tmp_path: Path) -> None:
    file = tmp_path / "1.txt"
    file.write_text('{"ip": "203.0.113.7", "event": "signin.refused"}\n', encoding="utf-8")
    assert leaks.leaks(file) == []


def test_a_line_is_json_in_utc_and_stays_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """What a stranger sends makes no line of its own, and each line says when and for which request."""
    log.configure(human=False)
    structlog.contextvars.bind_contextvars(request_id="5f")
    try:
        structlog.get_logger("x").warning("request.refused", path='/x\n{"event": "made up"}')
    finally:
        structlog.contextvars.unbind_contextvars("request_id")
    (line,) = capsys.readouterr().err.splitlines()
    told = json.loads(line)
    assert (told["event"], told["request_id"], told["level"]) == ("request.refused", "5f", "warning")
    assert datetime.fromisoformat(told["timestamp"]).utcoffset() == timedelta(0)
