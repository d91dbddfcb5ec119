"""The switchboard: who reacts to which event, what runs in the background, and what each page's menu shows."""

from __future__ import annotations

from flask import Flask

from portal.kit import jobs, mail
from portal.kit.events import switchboard
from portal.kit.settings import Settings


def connect(app: Flask, settings: Settings) -> None:
    """Connect the rooms. Called once for each application; a second call replaces the first."""
    switchboard.clear()
    jobs.timetable.clear()
    switchboard.job(mail.SEND, mail.send)
