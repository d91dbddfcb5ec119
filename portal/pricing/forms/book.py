"""Ask staff for a price or an offer. Dates and amounts are read as an import reads them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField, SelectField, StringField
from wtforms.validators import DataRequired, Length, ValidationError

from payments.money import EXPONENTS
from portal.contracts import words as contract_words
from portal.contracts.imports import cells
from portal.contracts.models import Product, Segment
from portal.kit import i18n
from portal.kit.forms import Form
from portal.pricing import rules, words

_PERCENT: Final = re.compile(r"\d{1,3}(\.\d{1,2})?", re.ASCII)
_WHOLE: Final = re.compile(r"\d{1,9}", re.ASCII)
SEGMENTS: Final = [(each.value, label) for each, label in contract_words.SEGMENTS.items()]


def tidy(text: str | None) -> str:
    return " ".join((text or "").split())


def needed() -> DataRequired:
    return DataRequired(_l("Please fill this in."))


class DayField(StringField):
    """A day as 2026-12-13; `day` is what it says, None while it is empty."""

    day: date | None = None

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        text = tidy(self.data)
        if validation_stopped or not text:
            return
        try:
            self.day = cells.value("starts_on", text)
        except cells.Wrong as wrong:
            raise ValidationError(contract_words.cell_problem(wrong.code, wrong.facts)) from None


def day(label: Any, *validators: Any) -> DayField:
    return DayField(label, validators)  # type: ignore[no-untyped-call]


class Period(Form):
    """The days on which a price or an offer holds."""

    valid_from = day(_l("First day"), needed())
    valid_to = day(_l("First day without it"))

    @property
    def first_day(self) -> date:
        """The first day, once everything holds."""
        if self.valid_from.day is None:
            raise ValueError("the form does not hold")
        return self.valid_from.day

    def check_period(self, on: date) -> None:
        """What has been sold stays as it was: nothing begins before `on`, today."""
        first, end = self.valid_from.day, self.valid_to.day
        if first and first < on:
            self.refuse(_("Today or a later day: days that are over keep their prices."), "valid_from")
        if first and end and end <= first:
            self.refuse(_("This must be a later day than the first one."), "valid_to")


class PriceForm(Period):
    """A base price."""

    product = SelectField(_l("Product"))
    whom = RadioField(
        _l("Whom it is for"),
        choices=[
            (rules.BaseKind.LIST.value, _l("Everybody (list price)")),
            (rules.BaseKind.SEGMENT.value, _l("One segment")),
            (rules.BaseKind.CONTRACT.value, _l("One contract")),
        ],
    )
    segment = SelectField(_l("Segment"), choices=[("", _l("Choose a segment")), *SEGMENTS])
    contract = StringField(_l("Contract number"), filters=[tidy], validators=[Length(max=40)])
    currency = SelectField(_l("Currency"), choices=[(code, code) for code in sorted(EXPONENTS)])
    unit_price = StringField(_l("Price per seat and year"), [needed()], filters=[tidy])
    book = StringField(_l("Version of the price book"), [needed(), Length(max=40)], filters=[tidy])
    instead = BooleanField(_l("Let the price that holds until then end on the first day"))

    def __init__(self, products: Iterable[Product], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.product.choices = [(each.code, i18n.named(each.names)) for each in products]
        self.unit_minor = 0

    def holds(self, on: date) -> bool:
        """Is everything that was typed possible? Then `unit_minor` is the price in minor units."""
        self.validate()  # type: ignore[no-untyped-call]
        self.check_period(on)
        kind = self.whom.data
        if kind == rules.BaseKind.SEGMENT and not self.segment.data:
            self.refuse(_("Choose the segment that gets this price."), "segment")
        if kind == rules.BaseKind.CONTRACT and not self.contract.data:
            self.refuse(_("Type the number of the contract that gets this price."), "contract")
        if not self.unit_price.errors and not self.currency.errors:
            self._read_price()
        return not self.errors

    def _read_price(self) -> None:
        try:
            self.unit_minor = cells.price_in(self.unit_price.data, self.currency.data)
        except cells.Wrong as wrong:
            facts = {name: value for name, value in wrong.facts.items() if name != "field"}
            self.refuse(contract_words.cell_problem(wrong.code, facts), "unit_price")
            return
        if not 1 <= self.unit_minor <= rules.MOST_UNIT_MINOR:
            self.refuse(_("A price is more than nothing; to give something away, talk to finance."), "unit_price")

    @property
    def for_segment(self) -> Segment | None:
        return Segment(self.segment.data) if self.whom.data == rules.BaseKind.SEGMENT else None


class OfferForm(Period):
    """An offer."""

    kind = RadioField(
        _l("What it rewards"), choices=[(kind.value, label) for kind, label in words.PROMOTION_KINDS.items()]
    )
    name_en = StringField(_l("Name in English"), [needed(), Length(max=80)], filters=[tidy])
    name_zh = StringField(_l("Name in Chinese"), [needed(), Length(max=80)], filters=[tidy])
    percent = StringField(_l("Per cent off"), [needed()], filters=[tidy])
    least = StringField(_l("At least this many"), filters=[tidy])
    code = StringField(_l("Discount code"), filters=[tidy])
    segment = SelectField(_l("Segment"), choices=[("", _l("Every segment")), *SEGMENTS])
    product = SelectField(_l("Product"))
    limit_total = StringField(_l("Contracts in all"), filters=[tidy])
    limit_company = StringField(_l("Contracts of one company"), filters=[tidy])

    def __init__(self, products: Iterable[Product], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        named = [(each.code, i18n.named(each.names)) for each in products]
        self.product.choices = [("", _("Every product")), *named]
        self.basis_points = self.at_least = 0
        self.coupon_code: str | None = None
        self.limits: dict[str, int | None] = {}

    def holds(self, on: date) -> bool:
        """Is everything that was typed possible? Then `basis_points`, `at_least` and `limits` are read."""
        self.validate()  # type: ignore[no-untyped-call]
        self.check_period(on)
        self._read_percent()
        if not self.kind.errors:
            self._read_condition(rules.PromotionKind(self.kind.data))
        for name in ("limit_total", "limit_company"):
            sentence = _("A whole number from 1, or nothing for no limit.")
            self.limits[name] = self._read(name, rules.MOST_CONTRACTS, sentence)
        return not self.errors

    def _read_condition(self, kind: rules.PromotionKind) -> None:
        """A coupon has a code; every other kind of offer counts something."""
        most = rules.MOST_LEAST[kind]
        sentence = _("A whole number from 1 to %(most)s.", most=i18n.number(most))
        if kind is not rules.PromotionKind.COUPON:
            self.at_least = self._read("least", most, sentence) or 0
            if not self.at_least and not self.least.errors:
                self.refuse(sentence, "least")
            return
        self.at_least, self.coupon_code = 1, rules.normal_code(self.code.data or "")
        if not self.coupon_code:
            self.refuse(
                _("%(least)s to %(most)s letters and digits, such as SPRING26.", least=rules.LEAST_CODE,
                  most=rules.MOST_CODE), "code",
            )  # fmt: skip

    def _read_percent(self) -> None:
        text = (self.percent.data or "").removesuffix("%").removesuffix("％").strip()
        self.basis_points = int(Decimal(text) * 100) if _PERCENT.fullmatch(text) else 0
        if not self.percent.errors and not 1 <= self.basis_points <= rules.MOST_POINTS:
            self.refuse(_("More than 0 and less than 100 per cent, such as 3 or 2.5."), "percent")

    def _read(self, name: str, most: int, sentence: str) -> int | None:
        """The number in a field; None where it is empty or wrong, and then the field says so."""
        text = self[name].data or ""
        number = int(text) if _WHOLE.fullmatch(text) else 0
        if self[name].errors or not text:
            return None
        if not 1 <= number <= most:
            self.refuse(sentence, name)
        return number

    @property
    def names(self) -> dict[str, str]:
        return {i18n.ENGLISH.code: self.name_en.data or "", i18n.CHINESE.code: self.name_zh.data or ""}

    @property
    def for_segment(self) -> Segment | None:
        return Segment(self.segment.data) if self.segment.data else None


class EndForm(Form):
    """When a price or an offer ends. `seen`: the end it had when the page was read (ISO, empty: none)."""

    valid_to = day(_l("First day without it"), needed())
    seen = HiddenField()

    @classmethod
    def about(cls, ends: date | None) -> EndForm:
        """The form as it stands on the page of something with this end."""
        form = cls(formdata=None)
        return form.now(ends)

    def now(self, ends: date | None) -> EndForm:
        """Know what end the page tells; what was typed stays."""
        self.seen.data = ends.isoformat() if ends else ""
        return self

    @property
    def seen_end(self) -> date | None:
        with suppress(ValueError):
            return date.fromisoformat(self.seen.data or "")
        return None
