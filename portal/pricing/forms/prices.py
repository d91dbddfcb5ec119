"""Ask staff for a version of the price book, and for the prices in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Length

from payments.money import EXPONENTS, Money
from portal.contracts.models import Product, Segment
from portal.kit import i18n
from portal.pricing import rules
from portal.pricing.forms.fields import SEGMENTS, EndForm, Period, Versioned, needed, read_price, tidy
from portal.pricing.models import PriceVersion


class VersionForm(Period, Versioned):
    """What a version is called, from when its prices hold, and why."""

    label = StringField(_l("Version of the price book"), [needed(), Length(max=40)], filters=[tidy])
    reason_en = TextAreaField(_l("Why, in English"), [Length(max=500)], filters=[tidy])
    reason_zh = TextAreaField(_l("Why, in Chinese"), [Length(max=500)], filters=[tidy])

    def holds(self, on: date) -> bool:
        """Is everything that was typed possible?"""
        self.validate()  # type: ignore[no-untyped-call]
        self.check_period(on)
        if bool(self.reason_en.data) != bool(self.reason_zh.data):
            sentence = _("Customers read it in their own language: fill in both, or none.")
            self.refuse(sentence, "reason_zh" if self.reason_en.data else "reason_en")
        return not self.errors

    def facts(self) -> dict[str, Any]:
        """The version, once everything holds."""
        told = {i18n.ENGLISH.code: self.reason_en.data or "", i18n.CHINESE.code: self.reason_zh.data or ""}
        return {
            "label": self.label.data, "valid_from": self.first_day, "valid_to": self.valid_to.day,
            "reasons": {code: text for code, text in told.items() if text},
        }  # fmt: skip


def filled_version(version: PriceVersion) -> Mapping[str, str]:
    """A draft as its form has it."""
    return {
        "label": version.label, "valid_from": version.valid_from.isoformat(),
        "valid_to": version.valid_to.isoformat() if version.valid_to else "",
        "reason_en": version.reasons.get(i18n.ENGLISH.code, ""),
        "reason_zh": version.reasons.get(i18n.CHINESE.code, ""), "version": str(version.rev),
    }  # fmt: skip


class PriceForm(Versioned):
    """One price of a version."""

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
    floor = StringField(_l("Lowest price after discounts"), filters=[tidy])

    def __init__(self, products: Iterable[Product], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.product.choices = [(each.code, i18n.named(each.names)) for each in products]
        self.unit_minor = 0
        self.floor_minor: int | None = None

    def holds(self) -> bool:
        """Is everything that was typed possible? Then `unit_minor` and `floor_minor` are read."""
        self.validate()  # type: ignore[no-untyped-call]
        kind = self.whom.data
        if kind == rules.BaseKind.SEGMENT and not self.segment.data:
            self.refuse(_("Choose the segment that gets this price."), "segment")
        if kind == rules.BaseKind.CONTRACT and not self.contract.data:
            self.refuse(_("Type the number of the contract that gets this price."), "contract")
        if not self.unit_price.errors and not self.currency.errors:
            self.unit_minor = read_price(self, "unit_price", self.currency.data) or 0
            if self.floor.data:
                self.floor_minor = read_price(self, "floor", self.currency.data)
            if self.unit_minor and (self.floor_minor or 0) > self.unit_minor:
                self.refuse(_("Not higher than the price itself."), "floor")
        return not self.errors

    @property
    def unit(self) -> Money:
        return Money(self.unit_minor, self.currency.data)

    @property
    def for_segment(self) -> Segment | None:
        return Segment(self.segment.data) if self.whom.data == rules.BaseKind.SEGMENT else None


class EndPriceForm(EndForm):
    """When a price ends."""

    off_sale = BooleanField(_l("Take the product off sale from that day on, where no other price follows"))
