"""Logs: JSON lines in UTC on standard error; no mail addresses, no keys, no tokens."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Final

import structlog

# The last line of defence: nothing of ours logs these, but an exception's text may quote what somebody sent.
_SECRETS: Final = (
    (re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+"), "<mail>"),
    (re.compile(r"\b(sk|rk|pk|whsec)_[A-Za-z0-9_]{6,}"), r"<\1 key>"),
    (re.compile(r"(/(?:set-password|sign-in/link|survey)/)[\w-]{20,}"), r"\1<token>"),
    (re.compile(r"(?i)((?:authorization|cookie|csrf_token|password|signature)['\"]?\s*[:=]\s*)\S+"), r"\1<kept>"),
    (re.compile(r"\$argon2id\$\S+"), "<hash>"),
)


def configure(human: bool) -> None:
    """Set up structlog once for the process: coloured lines for people, JSON for machines."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            without_secrets,
            structlog.dev.ConsoleRenderer() if human else structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=False,
    )


def without_secrets(_logger: Any, _name: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The line with marks in place of addresses, keys and tokens, wherever among its values they stand."""
    return {name: _clean(value) for name, value in line.items()}


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        for pattern, mark in _SECRETS:
            value = pattern.sub(mark, value)
        return value
    if isinstance(value, dict):
        return {name: _clean(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(inner) for inner in value]
    return value if isinstance(value, int | float | bool | None) else _clean(str(value))
