"""Ask staff for a term, seats and a discount code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, RadioField, StringField, ValidationError

from portal.pricing import rules, words
from portal.pricing.errors import SeatsMissing, SeatsOutOfRange


class SeatsField(Field):
    """One seat count for each line, all called `seats`. What was typed is kept beside what it means."""

    data: list[int]
    typed: list[str]
    wrong: int | None = None  # the line whose count is refused; None when it is no single one

    def process_data(self, value: Any) -> None:
        self.data = list(value or ())
        self.typed = [str(count) for count in self.data]

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist:
            self.typed = [value.strip() for value in valuelist]
            self.data = [_count(value) for value in self.typed]


def _count(text: str) -> int:
    """The number that was typed; 0, which no rule accepts, for anything else."""
    text = text.replace(",", "").replace("，", "")
    return int(text) if text.isdecimal() and len(text) <= 9 else 0


class QuoteForm(FlaskForm):
    """Term, seats and a code. The CSRF token is checked before the view and stands in the page by the kit's
    macro."""

    class Meta(FlaskForm.Meta):
        csrf = False

    term_months = RadioField(_l("Term"), coerce=lambda typed: _count(str(typed)), validate_choice=False)
    seats = SeatsField(_l("Seats"), id="seats-0")  # type: ignore[no-untyped-call]
    code = StringField(_l("Discount code of the customer"))

    def __init__(self, given: Any, months: int, seats: Sequence[int]) -> None:
        """`given`: what came in, or None; `months` and `seats` (one for each line): what stands there at first."""
        super().__init__(given, data={"term_months": months, "seats": seats})  # type: ignore[no-untyped-call]
        self.lines = len(seats)

    def holds(self) -> bool:
        """Is everything that was typed possible? The fields then know what is not."""
        return bool(self.validate())  # type: ignore[no-untyped-call]

    @property
    def coupon(self) -> str:
        """The code as it is kept; empty for none."""
        return rules.normal_code(self.code.data or "")

    def validate_seats(self, field: SeatsField) -> None:
        try:
            rules.check_seats(field.data, self.lines)
        except SeatsOutOfRange as refused:
            field.wrong = refused.line
            field.id = f"seats-{refused.line}"  # where the error summary leads
            raise ValidationError(words.refusal(refused)) from None
        except SeatsMissing as refused:
            raise ValidationError(words.refusal(refused)) from None
