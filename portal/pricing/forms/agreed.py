"""Ask staff what was agreed with one customer: how the next price is found, a special price, no tax; and for a
price index."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Length

from portal.kit import i18n
from portal.kit.forms import Form
from portal.pricing import rules, words
from portal.pricing.agreements.cells import MOST_INDEX_POINTS
from portal.pricing.forms.fields import PercentField, Period, Versioned, day, needed, tidy
from portal.pricing.rules import ExemptReason, Method, Pick, RenewalRow

_MONTH: Final = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])", re.ASCII)


class RenewalForm(Versioned):
    """How the next price of a contract is found."""

    product = SelectField(_l("Product"))
    method = RadioField(
        _l("The next price starts from"), choices=[(each.value, label) for each, label in words.METHODS.items()]
    )
    rate = PercentField(_l("Fixed rate, per cent a renewal"), least=0, most=rules.MOST_UPLIFT)
    series = SelectField(_l("Price index"))
    points = PercentField(_l("Points added to the index"), least=-MOST_INDEX_POINTS, most=MOST_INDEX_POINTS)
    month = SelectField(_l("Month of the index"))
    pick = RadioField(
        _l("Where both a rate and an index are given"),
        choices=[(each.value, label) for each, label in words.PICKS.items()],
    )
    cap = PercentField(_l("Never more than, per cent"), least=0, most=rules.MOST_UPLIFT)

    def __init__(self, products: Iterable[tuple[str, str]], series: Iterable[str], **kwargs: Any) -> None:
        """`products`: codes and names of those in the contract."""
        super().__init__(**kwargs)
        self.product.choices = [("", _("Every product")), *products]
        self.series.choices = [("", _("None")), *((each, each) for each in series)]
        months = [(str(number), i18n.month_name(number)) for number in range(1, 13)]
        self.month.choices = [("", _("The newest one")), *months]

    def holds(self) -> bool:
        """Is everything that was typed possible?"""
        self.validate()  # type: ignore[no-untyped-call]
        uplift = self.method.data == Method.UPLIFT
        if not uplift and (self.rate.data or self.series.data):
            self.refuse(
                _("Only an adjustment has a rate or an index; leave them empty, or choose that."), "method"
            )
        if uplift and self.rate.points is None and not self.series.data and not self.rate.errors:
            self.refuse(_("Type a rate, or choose an index."), "rate")
        return not self.errors

    def row(self) -> RenewalRow:
        """The agreement, once everything holds; what its method does not ask for is left out."""
        product, method = self.product.data or None, Method(self.method.data)
        if method is not Method.UPLIFT:
            return RenewalRow(product, method)
        return RenewalRow(
            product, method, rate=self.rate.points, series=self.series.data or None,
            points=(self.points.points or 0) if self.series.data else 0,
            month=int(self.month.data) if self.month.data and self.series.data else None,
            pick=Pick(self.pick.data), cap=self.cap.points,
        )  # fmt: skip


class SpecialForm(Form):
    """A special price for one contract."""

    percent = PercentField(_l("Per cent off"), needed(), least=1, most=rules.MOST_POINTS)
    valid_to = day(_l("First day without it"), needed())
    reason = TextAreaField(_l("Why"), [needed(), Length(max=500)], filters=[tidy])


class ExemptForm(Period):
    """A company that pays no tax."""

    reason = SelectField(_l("Why"), choices=[(each.value, label) for each, label in words.EXEMPT_REASONS.items()])
    certificate = StringField(_l("Number of the certificate"), [needed(), Length(max=80)], filters=[tidy])

    def holds(self, on: date) -> bool:
        """Is everything that was typed possible?"""
        self.validate()  # type: ignore[no-untyped-call]
        self.check_period(on)
        return not self.errors

    def exemption(self) -> rules.Exemption:
        return rules.Exemption(ExemptReason(self.reason.data), self.certificate.data or "")


class IndexForm(Form):
    """A price index's change of one month against the year before."""

    series = StringField(_l("Price index"), [needed(), Length(max=40)], filters=[tidy])
    month = StringField(_l("Month"), [needed()], filters=[tidy])
    percent = PercentField(_l("Change against the year before, per cent"), needed(), least=-5_000, most=10_000)
    seen = HiddenField()  # basis points that the month has, once whoever types was told

    @property
    def seen_points(self) -> int | None:
        typed = (self.seen.data or "").removeprefix("-")
        return int(self.seen.data or 0) if typed.isascii() and typed.isdigit() and len(typed) < 6 else None

    def holds(self, on: date) -> bool:
        """Is everything that was typed possible? No month that has not begun on `on`."""
        self.validate()  # type: ignore[no-untyped-call]
        if not self.month.errors and (self.first_day is None or self.first_day > on):
            self.refuse(_("A month that has begun, as 2026-06."), "month")
        return not self.errors

    @property
    def first_day(self) -> date | None:
        """The first day of the month that was typed; None when it is none."""
        found = _MONTH.fullmatch(self.month.data or "")
        return date(int(found[1]), int(found[2]), 1) if found else None
