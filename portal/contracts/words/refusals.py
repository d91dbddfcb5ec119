"""Say why the contracts room refused something."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from flask_babel import gettext as _

from portal.contracts import errors
from portal.kit import i18n
from portal.kit.errors import Refusal


def refusal(error: Refusal) -> str:
    """The sentence for a refusal of this room."""
    return _SENTENCES[type(error)](error)


_SENTENCES: Final[dict[type[Refusal], Callable[[Refusal], str]]] = {
    errors.NumberUnusable: lambda error: _(
        "A contract number has up to 40 letters, digits, dots, dashes or underscores, and begins with a letter or"
        " digit."
    ),
    errors.NumberTaken: lambda error: _("There is a contract %(number)s already.", **error.facts),
    errors.NoLines: lambda error: _("A contract needs at least one product."),
    errors.UnknownProduct: lambda error: _("The price book has no product “%(product)s”.", **error.facts),
    errors.DatesReversed: lambda error: _("The last day comes before the first one."),
    errors.TermOverlaps: lambda error: _(
        "The term before this one runs until %(day)s; choose a later first day.", day=_day(error, "ends_on")
    ),
    errors.TermDoesNotJoin: lambda error: _(
        "The contract changed after the order was placed: the new term should begin on %(expected)s, the order"
        " says %(starts_on)s.",
        **error.facts,
    ),
    errors.TermInUse: lambda error: _(
        "A later term follows the one that order %(order)s bought, so it cannot be ended.", **error.facts
    ),
    errors.TermTaken: lambda error: _(
        "Another term has taken the place of the one that order %(order)s bought.", **error.facts
    ),
    errors.EndsOutside: lambda error: _(
        "Choose a day from %(first)s on and before %(last)s.",
        first=_day(error, "starts_on"),
        last=_day(error, "ends_on"),
    ),
    errors.ContractHasOrders: lambda error: _(
        "This contract has an order here, so its dates, currency, products and prices stay as they were sold."
    ),
    errors.PriceKept: lambda error: _(
        "It was agreed that the next price of this contract starts from what it costs now, so that does not change"
        " here. Finance takes the agreement back first."
    ),
    errors.CurrencyHasHistory: lambda error: _(
        "Earlier terms of this contract are in %(currency)s, so its currency stays.", **error.facts
    ),
    errors.ContractChangedMeanwhile: lambda error: _(
        "Somebody else saved this contract while you were typing. Open it again, look at what changed, and repeat"
        " what is still needed. Nothing of yours was saved."
    ),
    errors.CannotDecline: lambda error: _(
        "This contract is renewed, ended for good, or you have told us already that you will not renew it."
    ),
    errors.CannotUndoDecline: lambda error: _(
        "This could be undone until %(day)s. You can still renew the contract.", day=_day(error, "ends_on")
    ),
}


def _day(error: Refusal, fact: str) -> str:
    return i18n.day(error.facts[fact])  # type: ignore[arg-type]
