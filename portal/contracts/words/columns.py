"""Say what an import's columns are called, where an import stands, and what became of it."""

from __future__ import annotations

from typing import Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_babel.speaklater import LazyString

from portal.contracts.imports.models import ImportRun, RunState
from portal.kit import i18n

COLUMN_NAMES: Final[dict[str, LazyString]] = {
    "contract_number": _l("Contract number"),
    "company": _l("Company"),
    "product": _l("Product code"),
    "seats": _l("Seats"),
    "unit_price": _l("Price per seat and year"),
    "currency": _l("Currency"),
    "time_zone": _l("Time zone"),
    "starts_on": _l("First day"),
    "ends_on": _l("Last day"),
    "contact_email": _l("Contact’s e-mail"),
    "owner_email": _l("Account manager’s e-mail"),
    "segment": _l("Segment"),
    "language": _l("Language"),
    "country": _l("Country"),
}
STATES: Final[dict[RunState, tuple[str, LazyString]]] = {
    RunState.UPLOADED: ("info", _l("Not started")),
    RunState.WAITING: ("info", _l("Waiting")),
    RunState.RUNNING: ("info", _l("At work")),
    RunState.CHECKED: ("info", _l("Checked")),
    RunState.DONE: ("ok", _l("Imported")),
    RunState.STOPPED: ("warn", _l("Stopped")),
    RunState.FAILED: ("danger", _l("Cannot be used")),
}


def run_chip(run: ImportRun) -> tuple[str, str]:
    """Kind and word of the chip for an import's state; one that left rows out says so."""
    if run.state is RunState.DONE and run.refused:
        return "warn", _("Imported in part")
    kind, word = STATES[run.state]
    return kind, str(word)


def run_headline(run: ImportRun) -> str:
    """The answer on top of an import's page."""
    if run.state is RunState.CHECKED:
        return _checked(run)
    if run.state is RunState.DONE:
        if run.refused:
            return ngettext(
                "%(num)s row was left out, all others are kept", "%(num)s rows were left out, all others are kept",
                run.refused,
            )  # fmt: skip
        return _("All rows are kept")
    return {
        RunState.UPLOADED: _("This is how we read the file"),
        RunState.WAITING: _("The import waits for its turn"),
        RunState.RUNNING: _("The file is being checked") if run.dry_run else _("The import is at work"),
        RunState.STOPPED: _("The import was stopped"),
        RunState.FAILED: _("This file cannot be used as it is"),
    }[run.state]


def _checked(run: ImportRun) -> str:
    if not run.dry_run:
        return _("Nothing was kept, since some rows were refused")
    if run.refused:
        return ngettext("%(num)s row would be left out", "%(num)s rows would be left out", run.refused)
    return _("All rows can be kept")


def run_progress(run: ImportRun) -> str:
    """How far an import at work is, in figures."""
    if run.state is RunState.WAITING:
        return _("It begins within seconds, unless another import is at work.")
    if not run.contracts:
        return _("%(rows)s rows read", rows=i18n.number(run.rows))
    facts = {
        "place": i18n.number(run.place),
        "contracts": i18n.number(run.contracts),
        "rows": i18n.number(run.rows),
    }
    return _("%(place)s of %(contracts)s contracts, from %(rows)s rows", **facts)
