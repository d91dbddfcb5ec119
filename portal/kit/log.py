"""Logs: JSON lines in UTC on standard error; no mail addresses, no keys, no tokens."""

from __future__ import annotations

import logging
import sys

import structlog


def configure(human: bool) -> None:
    """Set up structlog once for the process: coloured lines for people, JSON for machines."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.dev.ConsoleRenderer() if human else structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=False,
    )
