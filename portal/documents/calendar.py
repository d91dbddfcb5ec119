"""Set the end of a contract as a calendar file (RFC 5545): the same rows give the same bytes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from icalendar import Alarm, Calendar, Event, vCalAddress

# Two weeks before the last day, at nine in the morning: the event begins at midnight.
ALARM: Final = timedelta(hours=9) - timedelta(days=14)


@dataclass(frozen=True)
class End:
    """What is told of a contract's last day, in the reader's language. `address`: the contract's page, absolute;
    `revision` rises when the contract changes; `changed_at`: when it last did; `organizer`: an e-mail address."""

    on: date
    summary: str
    description: str
    address: str
    revision: int
    changed_at: datetime
    organizer: str


def to_ics(end: End) -> bytes:
    """The day as one event that lasts all day and leaves the day free. A calendar that holds it already moves it,
    since its id depends on the contract's address alone."""
    event = Event()
    event.add("uid", str(uuid5(NAMESPACE_URL, end.address)))
    event.add("sequence", end.revision)
    event.add("dtstamp", end.changed_at)
    event.add("last-modified", end.changed_at)
    event.add("dtstart", end.on)
    event.add("dtend", end.on + timedelta(days=1))
    event.add("transp", "TRANSPARENT")
    event.add("summary", end.summary)
    event.add("description", end.description)
    event.add("url", end.address)
    event.add("organizer", vCalAddress(f"mailto:{end.organizer}"))
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", ALARM)
    alarm.add("description", end.summary)
    event.add_component(alarm)
    calendar = Calendar()
    calendar.add("prodid", "-//Renewal portal//Contract end//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    made: bytes = calendar.to_ical()
    return made
