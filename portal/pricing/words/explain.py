"""Why this price: the stored steps in the language in force."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Protocol

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_babel.speaklater import LazyString

from payments.money import Money
from portal.kit import i18n
from portal.kit.db import Json
from portal.pricing.rules import ExemptReason, Pick


@dataclass(frozen=True)
class StepText:
    """A row of "Why this price". `change` is empty where a step changes nothing."""

    title: str
    reason: str
    change: str
    result: str


class Told(Protocol):
    """A quote, or an offer that may become one."""

    @property
    def document(self) -> Json: ...
    @property
    def currency(self) -> str: ...
    @property
    def months(self) -> int: ...
    @property
    def net(self) -> Money: ...
    @property
    def tax(self) -> Money: ...


Facts = Mapping[str, Any]

EXEMPT_REASONS: Final[Mapping[ExemptReason, LazyString]] = {
    ExemptReason.PUBLIC_BODY: _l("public body"),
    ExemptReason.CHARITY: _l("charity"),
    ExemptReason.EDUCATION: _l("school or university"),
    ExemptReason.DIPLOMATIC: _l("diplomatic mission"),
    ExemptReason.RESALE: _l("bought for resale"),
    ExemptReason.ABROAD: _l("delivered abroad"),
}


def explain(steps: Sequence[Facts], currency: str, lines: Sequence[Facts] = ()) -> list[StepText]:
    """The stored steps as sentences. With several lines they are told line by line, each by its product's name."""
    told = sorted(steps, key=lambda step: len(lines) if step["line"] is None else step["line"])
    return [_step(step, currency, lines) for step in told]


def _step(step: Facts, currency: str, lines: Sequence[Facts]) -> StepText:
    title, reason = _SAY[step["code"]](step["facts"], currency)
    if len(lines) > 1 and step["line"] is not None:
        title = _("%(product)s: %(step)s", product=line_name(lines[step["line"]]), step=title)
    change = Money(step["change_minor"], currency)
    return StepText(
        title=title,
        reason=reason,
        change=i18n.amount(change, signed=True) if change.minor else "",
        result=i18n.amount(Money(step["result_minor"], currency)),
    )


def _base(title: str, facts: Facts, currency: str) -> tuple[str, str]:
    since = i18n.day(date.fromisoformat(facts["valid_from"]))
    last = facts["last_unit_minor"]
    if not last:
        reason = _("Price book %(book)s, in force since %(day)s", book=facts["book"], day=since)
    else:
        reason = _(
            "Price book %(book)s, in force since %(day)s; your last term: %(last)s",
            book=facts["book"], day=since, last=i18n.amount(Money(last, currency)),
        )  # fmt: skip
    return title, reason


def _last_price(facts: Facts, _currency: str) -> tuple[str, str]:
    since = i18n.day(date.fromisoformat(facts["valid_from"]))
    title = _("Price per seat and year, as in your last term")
    if facts["discounted"]:
        return title, _("Before the discounts that it had; that term began on %(day)s", day=since)
    return title, _("Your contract keeps it; that term began on %(day)s", day=since)


def _uplift(facts: Facts, _currency: str) -> tuple[str, str]:
    title = _("Adjustment agreed in your contract, +%(rate)s", rate=i18n.percent(facts["basis_points"]))
    parts = []
    if facts["rate"] is not None:
        parts.append(_("%(rate)s agreed", rate=i18n.percent(facts["rate"])))
    if facts["series"]:
        parts.append(_index(facts))
    reason = parts[0]
    if len(parts) > 1 and facts["pick"] == Pick.LESSER:
        reason = _("The lower of: %(one)s; %(other)s", one=parts[0], other=parts[1])
    elif len(parts) > 1:
        reason = _("The higher of: %(one)s; %(other)s", one=parts[0], other=parts[1])
    if facts["cap"] is not None:
        reason = _(
            "%(reason)s. The adjustment is never more than %(cap)s of the price before discounts",
            reason=reason, cap=i18n.percent(facts["cap"]),
        )  # fmt: skip
    return title, reason


def _index(facts: Facts) -> str:
    told = {
        "series": facts["series"], "month": i18n.month(date.fromisoformat(facts["index_month"])),
        "change": i18n.percent(facts["index_basis_points"]), "points": i18n.percent(facts["points"]),
    }  # fmt: skip
    if facts["points"]:
        return _("%(series)s of %(month)s, %(change)s, and %(points)s more", **told)
    return _("%(series)s of %(month)s, %(change)s", **told)


def _offer(title: str, facts: Facts) -> tuple[str, str]:
    if facts["until"]:
        until = i18n.day(date.fromisoformat(facts["until"]))
        return title, _("Offer “%(name)s”, for prices held by %(day)s", name=i18n.named(facts["names"]), day=until)
    return title, _("Offer “%(name)s”", name=i18n.named(facts["names"]))


def _early_offer(facts: Facts, _currency: str) -> tuple[str, str]:
    title = ngettext(
        "Renewed %(count)s day early or more, −%(rate)s", "Renewed %(count)s days early or more, −%(rate)s",
        facts["least"], count=i18n.number(facts["least"]), rate=i18n.percent(facts["basis_points"]),
    )  # fmt: skip
    return _offer(title, facts)


def _multi_year_offer(facts: Facts, _currency: str) -> tuple[str, str]:
    rate = i18n.percent(facts["basis_points"])
    return _offer(_("Term of %(months)s or more, −%(rate)s", months=term_label(facts["least"]), rate=rate), facts)


def _loyalty_offer(facts: Facts, _currency: str) -> tuple[str, str]:
    title = ngettext(
        "With us for %(count)s year or more, −%(rate)s", "With us for %(count)s years or more, −%(rate)s",
        facts["least"], count=i18n.number(facts["least"]), rate=i18n.percent(facts["basis_points"]),
    )  # fmt: skip
    return _offer(title, facts)


def _win_back_offer(facts: Facts, _currency: str) -> tuple[str, str]:
    return _offer(_("Welcome back, −%(rate)s", rate=i18n.percent(facts["basis_points"])), facts)


def _coupon_offer(facts: Facts, currency: str) -> tuple[str, str]:
    if "amount_minor" in facts:
        off = i18n.money(Money(facts["amount_minor"], currency))
        return _offer(_("Code %(code)s, −%(amount)s off the whole", code=facts["code"], amount=off), facts)
    rate = i18n.percent(facts["basis_points"])
    return _offer(_("Code %(code)s, −%(rate)s", code=facts["code"], rate=rate), facts)


def _special_price(facts: Facts, _currency: str) -> tuple[str, str]:
    title = _("Special price for you, −%(rate)s", rate=i18n.percent(facts["basis_points"]))
    until = i18n.day(date.fromisoformat(facts["until"]))
    return title, _("Agreed with your account manager, for prices held by %(day)s", day=until)


def _floor_price(facts: Facts, currency: str) -> tuple[str, str]:
    floor = i18n.amount(Money(facts["floor_minor"], currency))
    return _("Discounts end here"), _("The lowest price per seat and year is %(floor)s", floor=floor)


def _seats(facts: Facts, _currency: str) -> tuple[str, str]:
    years, odd = divmod(facts["months"], 12)
    length = term_label(facts["months"]) if odd else _years(years)
    title = _("%(seats)s × %(length)s", seats=seats_label(facts["seats"]), length=length)
    last = facts["last_seats"]
    if last == facts["seats"]:
        return title, _("Seats unchanged")
    return title, _("%(seats)s in your last term", seats=seats_label(last))


def _term_discount(facts: Facts, _currency: str) -> tuple[str, str]:
    title = _("%(months)s-month term, −%(rate)s", months=facts["months"], rate=i18n.percent(facts["basis_points"]))
    rule = f"TERM-{facts['months']}"
    return title, _("Price book %(book)s, rule %(rule)s", book=facts["book"], rule=rule)


def _tax_exempt(facts: Facts, _currency: str) -> tuple[str, str]:
    title = _("Without tax: %(reason)s", reason=EXEMPT_REASONS[ExemptReason(facts["reason"])])
    return title, _("Certificate %(number)s", number=facts["certificate"])


def _tax(facts: Facts, _currency: str) -> tuple[str, str]:
    name = tax_name(facts["kind"])
    title = _("%(tax)s, %(rate)s", tax=name[:1].upper() + name[1:], rate=i18n.percent(facts["basis_points"]))
    return title, _("Added to the net price")


_SAY: Final[dict[str, Callable[[Facts, str], tuple[str, str]]]] = {
    "contract_price": lambda facts, currency: _base(
        _("Price per seat and year, agreed for this contract"), facts, currency
    ),
    "segment_price": lambda facts, currency: _base(
        _("Price per seat and year, for your customer group"), facts, currency
    ),
    "list_price": lambda facts, currency: _base(_("Price per seat and year, list"), facts, currency),
    "last_price": _last_price,
    "uplift": _uplift,
    "seats": _seats,
    "term_discount": _term_discount,
    "multi_year_offer": _multi_year_offer,
    "early_offer": _early_offer,
    "loyalty_offer": _loyalty_offer,
    "win_back_offer": _win_back_offer,
    "coupon_offer": _coupon_offer,
    "special_price": _special_price,
    "floor_price": _floor_price,
    "tax": _tax,
    "tax_exempt": _tax_exempt,
}


def line_name(line: Facts) -> str:
    """The product's name in the language in force."""
    return i18n.named(line["names"])


def term_label(months: int) -> str:
    return ngettext("%(count)s month", "%(count)s months", months, count=i18n.number(months))


def _years(years: int) -> str:
    return ngettext("%(count)s year", "%(count)s years", years, count=i18n.number(years))


def seats_label(seats: int) -> str:
    return ngettext("%(count)s seat", "%(count)s seats", seats, count=i18n.number(seats))


def seats_for(names: Mapping[str, str]) -> str:
    """The label of a seat count where a contract has several products."""
    return _("Seats for %(product)s", product=i18n.named(names))


def tax_name(kind: str) -> str:
    names = {
        "vat": _("VAT"),
        "gst": _("GST"),
        "sales_tax": _("sales tax"),
        "consumption_tax": _("consumption tax"),
    }
    return names.get(kind) or _("tax")


def total_label(told: Told) -> str:
    """What the total row is called: it says whether tax is in it."""
    tax = told.document["tax"]
    if tax["kind"] == "none":
        return _("You pay")
    if tax["inclusive"]:
        return _("You pay, %(tax)s included", tax=tax_name(tax["kind"]))
    return _("You pay, %(tax)s added", tax=tax_name(tax["kind"]))


def tax_note(told: Told) -> str:
    """The sentence below the steps: how much tax, on what."""
    tax = told.document["tax"]
    if "exempt" in tax:
        exempt = tax["exempt"]
        return _(
            "No tax is charged: %(reason)s, certificate %(number)s.",
            reason=EXEMPT_REASONS[ExemptReason(exempt["reason"])], number=exempt["certificate"],
        )  # fmt: skip
    if tax["kind"] == "none":
        return _("No tax is charged.")
    facts = {"tax": tax_name(tax["kind"]), "sum": i18n.money(told.tax), "net": i18n.money(told.net)}
    if tax["basis_points"] is None:
        if tax["inclusive"]:
            return _(
                "Includes %(tax)s of %(sum)s on a net price of %(net)s; the rate differs by product.", **facts
            )
        return _("%(sum)s %(tax)s is added to the net price of %(net)s; the rate differs by product.", **facts)
    facts["rate"] = i18n.percent(tax["basis_points"])
    if tax["inclusive"]:
        return _("Includes %(rate)s %(tax)s of %(sum)s on a net price of %(net)s.", **facts)
    return _("%(rate)s %(tax)s of %(sum)s is added to the net price of %(net)s.", **facts)
