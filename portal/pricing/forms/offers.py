"""Ask staff for an offer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, StringField
from wtforms.validators import Length

from payments.money import EXPONENTS, Money
from portal.contracts.models import Product, Segment, Tag
from portal.kit import i18n
from portal.pricing import rules, words
from portal.pricing.actions import OfferTerms
from portal.pricing.agreements.cells import percentage
from portal.pricing.forms.fields import (
    SEGMENTS,
    PercentField,
    Period,
    Versioned,
    needed,
    read_price,
    tidy,
    whole,
)
from portal.pricing.models import Promotion
from portal.pricing.rules import PromotionKind


class OfferForm(Period, Versioned):
    """An offer."""

    kind = RadioField(
        _l("What it rewards"), choices=[(kind.value, label) for kind, label in words.PROMOTION_KINDS.items()]
    )
    name_en = StringField(_l("Name in English"), [needed(), Length(max=80)], filters=[tidy])
    name_zh = StringField(_l("Name in Chinese"), [needed(), Length(max=80)], filters=[tidy])
    percent = PercentField(_l("Per cent off"), least=1, most=rules.MOST_POINTS)
    amount = StringField(_l("Or an amount off the whole order"), filters=[tidy])
    currency = SelectField(_l("Currency of the amount"), choices=[(code, code) for code in sorted(EXPONENTS)])
    least = StringField(_l("At least this many"), filters=[tidy])
    code = StringField(_l("Discount code"), filters=[tidy])
    segment = SelectField(_l("Segment"), choices=[("", _l("Every segment")), *SEGMENTS])
    tag = SelectField(_l("Tag"))
    product = SelectField(_l("Product"))
    limit_total = StringField(_l("Contracts in all"), filters=[tidy])
    limit_company = StringField(_l("Contracts of one company"), filters=[tidy])

    def __init__(self, products: Iterable[Product], tags: Iterable[Tag], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.product.choices = [
            ("", _("Every product")),
            *((each.code, i18n.named(each.names)) for each in products),
        ]
        self.tag.choices = [("", _("Every contract")), *((str(each.id), i18n.named(each.names)) for each in tags)]
        self.at_least, self.off_minor = 0, 0
        self.coupon_code: str | None = None
        self.limits: dict[str, int | None] = {}

    def holds(self, on: date) -> bool:
        """Is everything that was typed possible? Then `terms` says what the offer is."""
        self.validate()  # type: ignore[no-untyped-call]
        self.check_period(on)
        if not self.kind.errors:
            self._read_condition(PromotionKind(self.kind.data))
            self._read_reduction(PromotionKind(self.kind.data))
        for name in ("limit_total", "limit_company"):
            sentence = _("A whole number from 1, or nothing for no limit.")
            self.limits[name] = self._read(name, rules.MOST_CONTRACTS, sentence)
        return not self.errors

    def _read_condition(self, kind: PromotionKind) -> None:
        """A coupon has a code; every other kind of offer counts something."""
        most = rules.MOST_LEAST[kind]
        sentence = _("A whole number from 1 to %(most)s.", most=i18n.number(most))
        if kind is not PromotionKind.COUPON:
            self.at_least = self._read("least", most, sentence) or 0
            if self.code.data:
                self.refuse(_("Only a discount code has one; leave it empty, or choose that kind."), "code")
            if not self.at_least and not self.least.errors:
                self.refuse(sentence, "least")
            return
        self.at_least, self.coupon_code = 1, rules.normal_code(self.code.data or "")
        if not self.coupon_code:
            self.refuse(
                _("%(least)s to %(most)s letters and digits, such as SPRING26.", least=rules.LEAST_CODE,
                  most=rules.MOST_CODE), "code",
            )  # fmt: skip

    def _read_reduction(self, kind: PromotionKind) -> None:
        """Per cent off, or an amount that a code alone can take off the whole."""
        if self.amount.data and kind is not PromotionKind.COUPON:
            self.refuse(_("Only a code takes an amount off; every other offer is in per cent."), "amount")
        elif self.amount.data and self.percent.data:
            self.refuse(_("Type a percentage or an amount, not both."), "amount")
        elif self.amount.data:
            self.off_minor = read_price(self, "amount", self.currency.data) or 0
        elif self.percent.points is None and not self.percent.errors:
            self.refuse(_("More than 0 and less than 100 per cent, such as 3 or 2.5."), "percent")

    def _read(self, name: str, most: int, sentence: str) -> int | None:
        """The number in a field; None where it is empty or wrong, and then the field says so."""
        if self[name].errors or not self[name].data:
            return None
        number = whole(self[name].data, most)
        if number is None:
            self.refuse(sentence, name)
        return number

    def terms(self) -> OfferTerms:
        """What the offer is, once everything holds."""
        return OfferTerms(
            kind=PromotionKind(self.kind.data),
            names={i18n.ENGLISH.code: self.name_en.data or "", i18n.CHINESE.code: self.name_zh.data or ""},
            basis_points=self.percent.points or 0,
            amount=Money(self.off_minor, self.currency.data) if self.off_minor else None,
            least=self.at_least,
            valid_from=self.first_day,
            valid_to=self.valid_to.day,
            segment=Segment(self.segment.data) if self.segment.data else None,
            tag_id=int(self.tag.data) if self.tag.data else None,
            product_code=self.product.data or None,
            code=self.coupon_code,
            **self.limits,
        )


def filled_offer(row: Promotion) -> dict[str, str]:
    """A draft as its form has it."""
    given = {
        "kind": row.kind.value,
        "name_en": row.names.get(i18n.ENGLISH.code),
        "name_zh": row.names.get(i18n.CHINESE.code),
        "percent": percentage(row.basis_points) if row.basis_points else None,
        "amount": row.amount.major if row.amount else None,
        "currency": row.currency or "CNY",
        "least": None if row.kind is PromotionKind.COUPON else row.least,
        "code": row.code,
        "segment": row.segment.value if row.segment else None,
        "tag": row.tag_id,
        "product": row.product_code,
        "valid_from": row.valid_from,
        "valid_to": row.valid_to,
        "limit_total": row.limit_total,
        "limit_company": row.limit_company,
        "version": row.version,
    }
    return {name: "" if value is None else str(value) for name, value in given.items()}
