"""Why not: the sentences for pricing's refusals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from flask_babel import gettext as _

from portal.contracts.rules import Standing
from portal.kit import i18n
from portal.kit.errors import Refusal
from portal.pricing import errors
from portal.pricing.words.standings import names_list, standing_sentence

Facts = Mapping[str, Any]


def refusal(error: Refusal) -> str:
    """The sentence for one of pricing's refusals."""
    return _SAY[type(error)](error.facts)


def _not_renewable(facts: Facts) -> str:
    if facts["standing"] == Standing.RENEWED:
        return _("This contract is already renewed.")
    if facts["standing"] == Standing.DECLINED:
        return _(
            "This contract was set to end on %(day)s. Undo that first, then renew.",
            day=i18n.day(date.fromisoformat(facts["ends_on"])),
        )
    return _("This contract can be renewed from %(day)s.", day=i18n.day(date.fromisoformat(facts["opens_on"])))


def _period(facts: Facts) -> str:
    start = i18n.day(date.fromisoformat(facts["valid_from"]))
    if facts["valid_to"] is None:
        return _("since %(start)s, without an end", start=start)
    end = i18n.day(date.fromisoformat(facts["valid_to"]))
    return _("from %(start)s until, and without, %(end)s", start=start, end=end)


def _not_to_be_ended(facts: Facts) -> str:
    earliest = i18n.day(date.fromisoformat(facts["earliest"]))
    if facts["valid_to"] is None:
        return _(
            "Choose a day after %(earliest)s. What has begun can only be ended, not taken back.", earliest=earliest
        )
    return _(
        "Choose a day after %(earliest)s and before %(end)s, when it ends anyway.",
        earliest=earliest, end=i18n.day(date.fromisoformat(facts["valid_to"])),
    )  # fmt: skip


def _ended_meanwhile(facts: Facts) -> str:
    if facts["valid_to"] is None:
        return _("Not saved: somebody changed its end meanwhile. It has none now; set yours again if it counts.")
    return _(
        "Not saved: somebody let it end on %(end)s meanwhile. Set yours again if it shall count instead.",
        end=i18n.day(date.fromisoformat(facts["valid_to"])),
    )


def _mixed_tax(facts: Facts) -> str:
    if facts["inclusive"]:
        return _("Prices in %(country)s already stand with tax included.", country=facts["country"])
    return _("Prices in %(country)s already stand without tax.", country=facts["country"])


_SAY: Final[dict[type[Refusal], Callable[[Facts], str]]] = {
    errors.PriceUnavailable: lambda facts: _("We have no price for this yet. Ask us; you are not charged."),
    errors.NothingToPay: lambda facts: _(
        "Nothing would be left to pay. Ask us; a renewal for nothing is for people to decide."
    ),
    errors.UnknownTerm: lambda facts: _("Choose one of the term lengths shown."),
    errors.SeatsMissing: lambda facts: _("Give a number of seats for each product."),
    errors.SeatsOutOfRange: lambda facts: _(
        "Seats: a whole number from %(least)s to %(most)s.",
        least=i18n.number(facts["least"]), most=i18n.number(facts["most"]),
    ),
    errors.ContractNotRenewable: _not_renewable,
    errors.ContractHasOpenOrder: lambda facts: _(
        "Contract %(number)s has an open order, so nothing was changed. Cancel it first, or let the customer go on"
        " with it.",
        number=facts["number"],
    ),
    errors.QuoteNotValid: lambda facts: standing_sentence(facts["standing"]),
    errors.NobodyToSendTo: lambda facts: _(
        "Nobody at %(company)s may renew yet. Invite an owner or a renewer first; nothing was sent.",
        company=facts["company"],
    ),
    errors.SentToday: lambda facts: _(
        "%(names)s got this price today. Nobody gets it twice in a day.", names=names_list(facts["names"])
    ),
    errors.PeriodOverlap: lambda facts: _(
        "Another row already holds on some of these days: %(period)s. Nothing was added.", period=_period(facts)
    ),
    errors.PriceInTheWay: lambda facts: _(
        "%(product)s in %(currency)s has a price of version %(label)s %(period)s. Choose a first day after that"
        " one began, an end before it, or bring that version back first. Nothing was published.",
        product=facts["product_code"], currency=facts["currency"], label=facts["book"], period=_period(facts),
    ),
    errors.PeriodReversed: lambda facts: _("The last day must come after the first."),
    errors.AmountOutOfRange: lambda facts: _(
        "The figure must lie between %(least)s and %(most)s.",
        least=i18n.number(facts["least"]), most=i18n.number(facts["most"]),
    ),
    errors.MixedTax: _mixed_tax,
    errors.NotCharged: lambda facts: _(
        "Cards are charged in %(currency)s in steps of %(step)s of the smallest unit; end the price on a 0.",
        currency=facts["currency"], step=i18n.number(facts["step"]),
    ),
    errors.ForeignCurrency: lambda facts: _(
        "Contract %(number)s is in %(currency)s; give its price in that currency.",
        number=facts["number"], currency=facts["currency"],
    ),
    errors.ProductNotInContract: lambda facts: _(
        "Contract %(number)s does not have this product; choose one of its products.", number=facts["number"]
    ),
    errors.NotToBeEnded: _not_to_be_ended,
    errors.EndedMeanwhile: _ended_meanwhile,
    errors.FollowedByAnother: lambda facts: _(
        "The price of version %(label)s follows this one already; bring that back first.", label=facts["book"]
    ),
    errors.OfVersion: lambda facts: _(
        "This price came with version %(label)s, of which customers were told. Bring the earlier prices back from"
        " the version’s page.",
        label=facts["book"],
    ),
    errors.CodeTaken: lambda facts: _(
        "The code %(code)s was given out before. Choose another.", code=facts["code"]
    ),
    errors.PromotionUsedUp: lambda facts: _(
        "The offer “%(name)s” has just been used up by others. Here is today's price without it.",
        name=i18n.named(facts["names"]),
    ),
    errors.NotADraft: lambda facts: _("It is no draft any more, so nothing was changed."),
    errors.OwnDraft: lambda facts: _("Somebody else must look at it: nobody says yes to their own."),
    errors.ChangedMeanwhile: lambda facts: _(
        "Somebody changed it since you opened this page, so nothing was saved. Here it is as it stands now."
    ),
    errors.BegunAlready: lambda facts: _(
        "Its first day, %(day)s, is over, and what was sold since stays as it was. Change the day first.",
        day=i18n.day(date.fromisoformat(facts["valid_from"])),
    ),
    errors.IndexKnown: lambda facts: _(
        "%(series)s of %(month)s is %(rate)s already. Save once more if yours counts instead.",
        series=facts["series"], month=i18n.month(date.fromisoformat(facts["month"])),
        rate=i18n.percent(facts["basis_points"]),
    ),
    errors.NoRate: lambda facts: _("Type a rate, or choose an index."),
    errors.AlreadyProposed: lambda facts: _(
        "A special price for contract %(number)s waits for a decision already.", number=facts["number"]
    ),
    errors.AboveLimit: lambda facts: _(
        "%(rate)s is more than the %(limit)s that you may agree to; finance decides.",
        rate=i18n.percent(facts["basis_points"]), limit=i18n.percent(facts["limit"]),
    ),
    errors.TwoOfAKind: lambda facts: _("This version has a price for the same product, currency and customers."),
    errors.NothingToPublish: lambda facts: _("This version has no prices yet."),
    errors.NothingToRevert: lambda facts: _("This version replaced no price, so there is none to bring back."),
    errors.NotTried: lambda facts: _("See who is affected first: this version was not tried as it stands."),
    errors.GapAhead: lambda facts: _(
        "From %(day)s no price of %(product)s in %(currency)s would be left. Add the price that follows first.",
        day=i18n.day(date.fromisoformat(facts["on"])), product=facts["product_code"],
        currency=facts["currency"],
    ),
    errors.NotOneOf: lambda facts: _(
        "%(field)s: “%(value)s” is none of %(known)s.",
        field=facts["field"], value=facts["value"], known=", ".join(facts["known"]) or "–",
    ),
    errors.NotAPercentage: lambda facts: _(
        "%(field)s: a number from %(least)s to %(most)s, such as 3 or 2.5.",
        field=facts["field"], least=facts["least"], most=facts["most"],
    ),
    errors.NoSuchContract: lambda facts: _("There is no contract %(number)s.", number=facts["number"]),
    errors.AgreedTwice: lambda facts: _(
        "Row %(row)s says something else about contract %(number)s already; keep one of the two.",
        row=facts["row"], number=facts["number"],
    ),
}  # fmt: skip
