"""The words of a calendar file."""

from __future__ import annotations

from flask_babel import gettext as _

from portal.contracts import words as contract_words
from portal.contracts.models import Contract, Term
from portal.kit import i18n


def summary(contract: Contract, term: Term) -> str:
    """What stands in the calendar on the day."""
    name = contract_words.called([i18n.named(line.product.names) for line in term.lines])
    return _("Last day of %(name)s (%(number)s)", name=name, number=contract.number)


def description(contract: Contract, address: str) -> str:
    """Whose contract it is and where to go on. A declined one has nothing to renew."""
    whose = _("Contract %(number)s of %(company)s.", number=contract.number, company=contract.company.name)
    if contract.declined_at is not None:
        onward = _("You decided not to renew it. See it here: %(address)s", address=address)
    else:
        onward = _("See it and renew it here: %(address)s", address=address)
    return f"{whose}\n{onward}"
