"""Set a contract's last day as a calendar file (RFC 5545) from words that it is given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from icalendar import Alarm, Calendar, Event

ALARM_DAYS: Final = 30


@dataclass(frozen=True)
class EndDay:
    """The last day of a contract. `uid` never changes for a contract; `sequence` rises with each of its terms, so
    that a calendar puts the new end in the old one's place; `changed_at`: when the end became this day."""

    uid: str
    sequence: int
    on: date
    changed_at: datetime
    title: str
    text: str
    url: str
    lang: str


def to_ics(end: EndDay) -> bytes:
    """The file; the same day gives the same bytes. An all-day event that blocks nobody's time, with a reminder
    ALARM_DAYS before."""
    event = Event()
    event.add("uid", end.uid)
    event.add("sequence", end.sequence)
    event.add("dtstamp", end.changed_at)
    event.add("last-modified", end.changed_at)
    event.add("dtstart", end.on)
    event.add("dtend", end.on + timedelta(days=1))
    event.add("transp", "TRANSPARENT")
    event.add("summary", end.title, parameters={"LANGUAGE": end.lang})
    event.add("description", end.text, parameters={"LANGUAGE": end.lang})
    event.add("url", end.url)
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", end.title)
    alarm.add("trigger", timedelta(days=-ALARM_DAYS))
    event.add_component(alarm)
    calendar = Calendar()
    calendar.add("prodid", "-//Renewal portal//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    made: bytes = calendar.to_ical()
    return made
