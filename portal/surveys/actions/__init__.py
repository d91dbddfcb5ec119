"""Keep answers; ask people."""

from __future__ import annotations

from portal.surveys.actions.answers import Said, answer, answer_by_mail
from portal.surveys.actions.asks import MAIL_JOB, ask, drop, link_for, note_opened, opt_in, opt_out
from portal.surveys.actions.erasing import forget_person

__all__ = [
    "MAIL_JOB",
    "Said",
    "answer",
    "answer_by_mail",
    "ask",
    "drop",
    "forget_person",
    "link_for",
    "note_opened",
    "opt_in",
    "opt_out",
]
