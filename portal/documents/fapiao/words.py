"""Say where a fapiao stands, why not, and what its letters say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from portal.documents.fapiao import errors, rules
from portal.documents.fapiao.models import FapiaoKind, FapiaoRequest, FapiaoState
from portal.kit import i18n
from portal.kit.errors import Refusal
from portal.kit.mail import Letter

KINDS: Final[Mapping[FapiaoKind, LazyString]] = {
    FapiaoKind.GENERAL: _l("General fapiao (普票)"),
    FapiaoKind.SPECIAL: _l("Special fapiao (专票), whose VAT you deduct"),
}
STATES: Final[Mapping[FapiaoState, tuple[str, LazyString]]] = {
    FapiaoState.REQUESTED: ("info", _l("Asked for")),
    FapiaoState.ISSUING: ("info", _l("Being issued")),
    FapiaoState.ISSUED: ("ok", _l("Issued")),
    FapiaoState.RED_REQUESTED: ("warn", _l("Red-letter fapiao due")),
    FapiaoState.RED_ISSUED: ("ok", _l("Red-letter fapiao issued")),
    FapiaoState.FAILED: ("danger", _l("Could not be issued")),
    FapiaoState.WITHDRAWN: ("quiet", _l("Withdrawn")),
}
FIELDS: Final[Mapping[str, LazyString]] = {
    "title": _l("Title (抬头)"),
    "tax_id": _l("Unified social credit code"),
    "registered_address": _l("Registered address"),
    "phone": _l("Phone"),
    "bank": _l("Bank"),
    "account": _l("Bank account"),
    "email": _l("E-mail that gets it"),
}
_REFUSALS: Final[dict[type[Refusal], Callable[[Mapping[str, Any]], str]]] = {
    errors.NotForFapiao: lambda facts: _(
        "Order %(number)s has no fapiao now: it must be in CNY, of a company in China, and not called off or fully"
        " refunded; it is issued once the order is paid.", number=facts["number"],
    ),
    errors.AlreadyAsked: lambda facts: _(
        "A fapiao for order %(number)s is asked for already.", number=facts["number"]
    ),
    errors.FapiaoMoved: lambda facts: _("Somebody was faster; here it is as it stands now: %(state)s.",
                                        state=STATES[FapiaoState(facts["state"])][1]),
    errors.NumberWrong: lambda facts: _("A fapiao’s number has 20 digits."),
    errors.NumberTaken: lambda facts: _("Another fapiao has the number %(number)s.", number=facts["number"]),
    errors.NotAFapiao: lambda facts: _("Send the file as PDF, OFD or XML."),
}  # fmt: skip


def refusal(error: Refusal) -> str:
    """The sentence for a refusal."""
    return _REFUSALS[type(error)](error.facts)


def told(row: FapiaoRequest, state: FapiaoState, paid: bool) -> str:
    """What a request that stands in `state` comes to, for whoever asked."""
    if state is FapiaoState.REQUESTED and not paid:
        return _("We issue it once your payment has arrived.")
    to = row.buyer.get("email") or "–"
    red = i18n.money(row.red)
    if row.void_reason and state in {FapiaoState.RED_REQUESTED, FapiaoState.RED_ISSUED}:
        return _told_void(row.void_reason, state)
    sentences = {
        FapiaoState.REQUESTED: _("Finance will issue it and write to %(email)s.", email=to),
        FapiaoState.ISSUING: _("Finance is issuing it right now."),
        FapiaoState.ISSUED: _("Here it is; we wrote to %(email)s too.", email=to),
        FapiaoState.RED_REQUESTED: _(
            "Money went back to you, so finance issues a red-letter fapiao over %(amount)s.", amount=red
        ),
        FapiaoState.RED_ISSUED: _("Money went back to you; the red-letter fapiao is here too."),
        FapiaoState.FAILED: _(
            "It could not be issued: %(why)s Put it right and ask again.", why=row.failure or ""
        ),
        FapiaoState.WITHDRAWN: _withdrawn(row),
    }  # fmt: skip
    return sentences[state]


def _withdrawn(row: FapiaoRequest) -> str:
    order = row.order
    if rules.possible(order.company.country, order.currency, order.state):
        return _("The request was taken back. You can ask again at any time.")
    return _("Nothing will be issued: the order was called off or refunded.")


def _told_void(why: str, state: FapiaoState) -> str:
    """What a fapiao that is wrong comes to."""
    if state is FapiaoState.RED_REQUESTED:
        return _(
            "There is a mistake in it: %(why)s Finance takes it back by a red-letter fapiao; then you can ask for"
            " another.",
            why=why,
        )
    return _(
        "There was a mistake in it: %(why)s A red-letter fapiao took it back; ask for another below.", why=why
    )


def letter(row: FapiaoRequest, state: FapiaoState, mended: bool = False) -> Letter:
    """The letter to whoever gets the fapiao, about its coming into `state`: issued, red-letter issued, failed;
    `mended`: another number or file than we wrote before."""
    number = row.order.number
    if mended:
        return _letter(
            row, _("Corrected: your fapiao for order %(number)s", number=number),
            _("Another number or file was sent to you before by mistake. This one holds."), [_own(row)],
        )  # fmt: skip
    titles = {
        FapiaoState.ISSUED: _("Your fapiao for order %(number)s", number=number),
        FapiaoState.RED_ISSUED: _("Red-letter fapiao for order %(number)s", number=number),
        FapiaoState.FAILED: _("Your fapiao for order %(number)s could not be issued", number=number),
    }
    numbers = [_own(row)] if row.number else []
    if state is FapiaoState.RED_ISSUED:
        numbers = [
            (_("Number of the red-letter fapiao"), str(row.reds[-1]["number"])),
            (_("Takes back"), row.number or ""),
        ]
    said = told(row, state, paid=True)
    if state is FapiaoState.RED_ISSUED and row.void_reason:
        said = _(
            "There was a mistake in your fapiao: %(why)s A red-letter fapiao took it back; you can ask for another"
            " on the page of the order.",
            why=row.void_reason,
        )
    return _letter(row, titles[state], said, numbers)


def _own(row: FapiaoRequest) -> tuple[str, str]:
    return _("Number of the fapiao"), row.number or ""


def _letter(row: FapiaoRequest, title: str, said: str, numbers: list[tuple[str, str]]) -> Letter:
    facts = [(_("Order"), row.order.number), (str(FIELDS["title"]), row.buyer.get("title", ""))]
    return Letter(
        title=title, heading=title, paragraphs=[said], facts=[*facts, *numbers],
        button=(_("See the fapiao"), f"/orders/{row.order.number}/fapiao"),
    )  # fmt: skip
