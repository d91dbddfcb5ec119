"""Fields that pricing's forms share. Dates and amounts are read as an import reads them."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date
from typing import Any, Final, Self

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, StringField
from wtforms.validators import DataRequired, ValidationError

from portal.contracts import words as contract_words
from portal.contracts.imports import cells
from portal.kit.forms import Form
from portal.pricing import rules
from portal.pricing.agreements.cells import percentage, points_in

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


class PercentField(StringField):
    """A percentage such as 3, 2.5 or 2.5%; `points` is what it says in basis points, None while it is empty."""

    points: int | None = None

    def __init__(self, label: Any, *validators: Any, least: int, most: int, **kwargs: Any) -> None:
        """`least` and `most`: in basis points."""
        super().__init__(label, validators, filters=[tidy], **kwargs)  # type: ignore[no-untyped-call]
        self.least, self.most = least, most

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        if validation_stopped or not self.data:
            return
        points = points_in(self.data)
        if points is None or not self.least <= points <= self.most:
            raise ValidationError(
                _("A number from %(least)s to %(most)s, such as 3 or 2.5.", least=percentage(self.least),
                  most=percentage(self.most))
            )  # fmt: skip
        self.points = points


def whole(text: str | None, most: int) -> int | None:
    """The number from 1 to `most` that was typed; None for anything else."""
    typed = text or ""
    number = int(typed) if _WHOLE.fullmatch(typed) else 0
    return number if 1 <= number <= most else None


def read_price(form: Form, name: str, currency: str) -> int | None:
    """An amount in minor units from the field `name`, from 1 to the most that a price may be; None, and the field
    says why, when it is none."""
    try:
        minor = cells.price_in(form[name].data, currency)
    except cells.Wrong as wrong:
        facts = {key: value for key, value in wrong.facts.items() if key != "field"}
        form.refuse(contract_words.cell_problem(wrong.code, facts), name)
        return None
    if minor < 1:
        form.refuse(_("A price is more than nothing; to give something away, talk to finance."), name)
        return None
    if minor > rules.MOST_UNIT_MINOR:
        form.refuse(_("That is more than a price can be."), name)
        return None
    return minor


class Period(Form):
    """The days on which something holds."""

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


class Versioned(Form):
    """A form about something that others may change meanwhile; `version`: the one that its page was read with."""

    version = HiddenField()

    @property
    def seen_version(self) -> int:
        """0, which is no version, for anything that is none."""
        return whole(self.version.data, 999_999_999) or 0


class EndForm(Form):
    """When something ends. `seen`: the end it had when the page was read (ISO, empty: none)."""

    valid_to = day(_l("First day without it"), needed())
    seen = HiddenField()

    @classmethod
    def about(cls, ends: date | None) -> Self:
        """The form as it stands on the page of something with this end."""
        form = cls(formdata=None)
        return form.now(ends)

    def now(self, ends: date | None) -> Self:
        """Know what end the page tells; what was typed stays."""
        self.seen.data = ends.isoformat() if ends else ""
        return self

    @property
    def seen_end(self) -> date | None:
        with suppress(ValueError):
            return date.fromisoformat(self.seen.data or "")
        return None
