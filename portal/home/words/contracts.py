"""Say where a contract stands and what the customer can do about it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from babel.dates import format_date
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.contracts.rules import GRACE_DAYS, Standing, grace_ends, opens_on
from portal.home import rules
from portal.kit import i18n
from portal.pricing import words as price_words

COUNTED: Final = {
    2: "Two", 3: "Three", 4: "Four", 5: "Five", 6: "Six", 7: "Seven", 8: "Eight", 9: "Nine",
}  # fmt: skip


def counted(number: int) -> str:
    """A small number at the head of a sentence: "Two" in English, "2" in Chinese."""
    spelled = COUNTED.get(number) if i18n.speaking_now() is i18n.ENGLISH else None
    return spelled or i18n.number(number)


def headline(needing: int, pressing: int, contracts: int) -> str:
    """The answer that the contracts page begins with."""
    if needing:
        return ngettext("One contract needs you", "%(count)s contracts need you", needing, count=counted(needing))
    if pressing:
        return ngettext(
            "One contract is due for renewal", "%(count)s contracts are due for renewal", pressing,
            count=counted(pressing),
        )  # fmt: skip
    return _("Nothing needs you now") if contracts else _("No contracts yet")


def days(standing: Standing, ends_on: date, on: date) -> tuple[str, str]:
    """The largest figure of a card, and its unit."""
    left = rules.days_to_act(standing, ends_on, on)
    if standing is Standing.IN_GRACE:
        if left == 0:
            return _("Today"), _("last day of grace")
        return i18n.number(left), ngettext("day of grace left", "days of grace left", left)
    if left == 0:
        return _("Today"), _("last day")
    return i18n.number(left), ngettext("day left", "days left", left)


def price_from(count: int) -> str:
    return ngettext("%(num)s month from", "%(num)s months from", count)


def tax_in(kind: str) -> str:
    """Says beside a total that tax is in it; nothing where none is charged."""
    return "" if kind == "none" else _("incl. %(tax)s", tax=price_words.tax_name(kind))


def code_takes_all() -> str:
    """Why a code is not taken that would leave nothing to pay."""
    return _("This code would leave nothing to pay, so it is not taken here. Ask us.")


def no_coupon(too_often: bool) -> str:
    """Why a coupon's code takes nothing off."""
    if too_often:
        return _("Too many codes were tried. Try again in an hour; the price below is without one.")
    return _(
        "This code takes nothing off here today: it may be spelled otherwise, be over, or be used up by another"
        " price that you hold. The price below is without it."
    )


def one_payment(kind: str) -> str:
    """What the total of an offer is: one payment, and whether tax is in it."""
    if kind == "none":
        return _("One payment, no tax")
    return _("One payment, %(tax)s included", tax=price_words.tax_name(kind))


def by_itself(ends_on: date, on_payment: bool) -> str:
    if on_payment:
        return _("No. We will ask you again before the new term ends.")
    return _("No. We will ask you again before %(day)s.", day=i18n.day(ends_on))


def month(day: date) -> str:
    """A month and its year: "March 2026"."""
    pattern = {"en": "MMMM y", "zh_Hans_CN": "y年M月"}[i18n.speaking_now().code]
    return str(format_date(day, pattern, locale=i18n.speaking_now().code))


def when_ends(ends_on: date, on: date) -> str:
    """The end in words and in days: "ends on 12 December 2026, in 20 days"."""
    left = (ends_on - on).days
    day = i18n.day(ends_on)
    if left == 0:
        return _("ends today, %(day)s", day=day)
    if left > 0:
        return ngettext("ends on %(day)s, in one day", "ends on %(day)s, in %(num)s days", left, day=day)
    return ngettext("ended on %(day)s, one day ago", "ended on %(day)s, %(num)s days ago", -left, day=day)


def quiet(standing: Standing, ends_on: date, on: date, new_start: date | None) -> tuple[str, str]:
    """The two short lines of a contract in the quiet list."""
    day = i18n.day_short(ends_on)
    left = (ends_on - on).days
    if standing is Standing.RENEWED and new_start:
        return _("Ends %(day)s", day=day), _("new term from %(day)s", day=i18n.day_short(new_start))
    if left < 0:
        return _("Ended %(day)s", day=day), _("you can start again")
    if standing is Standing.UPCOMING and on < opens_on(ends_on):
        return _("Ends %(day)s", day=day), _("can be renewed from %(day)s", day=i18n.day_short(opens_on(ends_on)))
    return _("Ends %(day)s", day=day), ngettext("in one day", "in %(num)s days", left)


def ended_rail(ends_on: date) -> tuple[str, str]:
    """The line of a term that is over, and has no grace: its sentence, and the words at its end."""
    label = _("The term ended on %(end)s and is not renewed.", end=i18n.day(ends_on))
    return label, _("Ended %(day)s", day=i18n.day_short(ends_on))


def next_step(standing: Standing, ends_on: date, on: date, can_renew: bool) -> str:
    """Where the contract stands and what to do, in one or two sentences."""
    day, grace = i18n.day(ends_on), i18n.day_month(grace_ends(ends_on))
    if standing is Standing.IN_GRACE:
        return _(
            "Your service keeps running until %(grace)s. Renew by then and the new term starts on %(start)s, "
            "without a gap.",
            grace=grace, start=i18n.day_month(ends_on + timedelta(days=1)),
        )  # fmt: skip
    if standing is Standing.ENDS_TODAY:
        return _(
            "Your service keeps running for %(days)s days of grace, until %(grace)s. Renew by then and nothing "
            "stops.",
            days=i18n.number(GRACE_DAYS), grace=grace,
        )  # fmt: skip
    if standing is Standing.DUE:
        return _("Renew by %(day)s and nothing stops.", day=day)
    if standing is Standing.LAPSED:
        return _("The service has ended. Renew, and a new term starts on the day we receive your payment.")
    if standing is Standing.DECLINED and on > ends_on:
        return _("You decided not to renew, so the service has ended. You can still renew.")
    if standing is Standing.DECLINED:
        return _("You decided not to renew. The service runs until %(day)s.", day=day)
    if can_renew:
        return _("You can renew now. The new term starts after this one, so you lose no day.")
    return _("Nothing to do yet.")


def declined(ended: bool) -> str:
    """The news after deciding not to renew; `ended`: the term was over already."""
    if ended:
        return _("Stopped as you asked. The service has ended.")
    return _("Renewal ended as you asked.")


def already_renewed(until: date) -> tuple[str, str]:
    """There is nothing left to buy: headline and sentence."""
    return (
        _("This contract is already renewed until %(day)s", day=i18n.day(until)),
        _("There is nothing to pay now."),
    )


def refused(
    standing: Standing, ends_on: date, new_end: date | None, on: date, bought: bool = False
) -> tuple[str, str]:
    """Why there is no offer: headline and sentence. `bought`: the running term was renewed here."""
    if standing is Standing.RENEWED and new_end:
        return already_renewed(new_end)
    if standing is Standing.DECLINED:
        return (
            _("You decided not to renew this contract"),
            _("Take that back on the contract's page, then see your price here. You can until %(day)s.",
              day=i18n.day(ends_on)),
        )  # fmt: skip
    opens = i18n.day(opens_on(ends_on))
    if bought:
        title, _text = already_renewed(ends_on)
        return title, _("You can renew it again from %(opens)s on.", opens=opens)
    return (
        _("It is too early to renew this contract"),
        _(
            "It runs until %(day)s. From %(opens)s on you find your price here.",
            day=i18n.day(ends_on),
            opens=opens,
        ),
    )
