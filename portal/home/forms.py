"""What the customer's pages ask for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, HiddenField, RadioField, StringField, TextAreaField, ValidationError
from wtforms.validators import DataRequired, InputRequired, Length
from wtforms.widgets import TextInput

from payments.money import Money
from portal.documents.fapiao import rules as fapiao_rules
from portal.documents.fapiao import words as fapiao_words
from portal.documents.fapiao.models import FapiaoKind
from portal.home.rules import TaxIdProblem, tax_id_problem
from portal.kit import i18n
from portal.kit.forms import Form
from portal.pricing.rules import MOST_SEATS

TRANSFER: Final = "transfer"
LONGEST: Final = 40  # digits that are read


def tidy(text: str | None) -> str:
    """What was typed, without spaces around it."""
    return (text or "").strip()


class SeatsField(Field):
    """The seats of one line. All lines' fields are called "seats"; this one reads the value at its position."""

    widget = TextInput()

    def __init__(self, *args: Any, position: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[no-untyped-call]
        self.position = position
        self.typed: str | None = None

    def process_formdata(self, valuelist: list[str]) -> None:
        if self.position < len(valuelist):
            self.typed = tidy(valuelist[self.position])
            self.data = _whole(self.typed)

    def _value(self) -> str:
        if self.typed is not None:
            return self.typed
        return "" if self.data is None else str(self.data)

    def pre_validate(self, form: Any) -> None:
        if self.data is None:
            raise ValidationError(_("Type a whole number, such as 20"))
        if self.data < 1:
            raise ValidationError(_("At least one; to end the contract, decline it instead"))
        if self.data > MOST_SEATS:
            raise ValidationError(_("At most %(limit)s; ask us for more", limit=i18n.number(MOST_SEATS)))


def _whole(text: str) -> int | None:
    """The whole number that was typed. One of endless digits is cut: it is too large for anything all the same."""
    digits = text.removeprefix("-")
    return int(text[:LONGEST]) if digits.isdecimal() else None


def at_most(count: int) -> Length:
    return Length(max=count, message=_l("Use at most %(max)d characters"))


class OfferForm(Form):
    """Term, seats, and a coupon's code. Anything else that a request carries (a price, another contract) is not
    read. `refused`: why the code takes nothing off."""

    code = StringField(_l("Discount code"), filters=[tidy], validators=[at_most(LONGEST)])
    refused: str | None = None
    term_months = RadioField(_l("Term"), coerce=lambda typed: _whole(str(typed)), validate_choice=False)

    def validate_term_months(self, field: RadioField) -> None:
        if field.data not in [months for months, _label in field.choices]:
            raise ValidationError(_("Choose one of the terms"))

    def validate_code(self, field: StringField) -> None:
        if self.refused:
            raise ValidationError(self.refused)

    def is_good(self) -> bool:
        """Is the choice possible? It may come by POST or in the address."""
        return bool(self.validate())  # type: ignore[no-untyped-call]

    def seats(self) -> list[int]:
        return [field.data for field in self.seat_fields()]

    def good_seats(self) -> list[int] | None:
        """The seats, or None as long as one of the counts cannot be."""
        counts = self.seats()
        return counts if all(count is not None and 1 <= count <= MOST_SEATS for count in counts) else None

    def seat_fields(self) -> list[SeatsField]:
        return [field for field in self if isinstance(field, SeatsField)]


def offer_form(
    months: Sequence[int], chosen: int, lines: Sequence[tuple[str, int]], given: Any | None = None
) -> OfferForm:
    """The form for a contract: `lines` are (product's name, seats of the last term); `given` is what came in,
    by POST or in the address."""

    class ThisOffer(OfferForm):
        pass

    for position, (name, _seats) in enumerate(lines):
        label = _("Seats") if len(lines) == 1 else _("Seats for %(product)s", product=name)
        field = SeatsField(label, name="seats", id=f"seats-{position}", position=position)
        setattr(ThisOffer, f"seats_{position}", field)
    defaults: dict[str, Any] = {f"seats_{i}": seats for i, (_name, seats) in enumerate(lines)}
    form = ThisOffer(formdata=given, data={"term_months": chosen, **defaults}, meta={"csrf": False})
    form.term_months.choices = [(count, str(count)) for count in months]
    return form


def check_tax_id(text: str, country: str) -> None:
    """Raises ValidationError for a tax number that cannot be right."""
    number = text.replace(" ", "").upper()
    problem = tax_id_problem(number, country)
    if problem is TaxIdProblem.LENGTH:
        raise ValidationError(
            _("The tax number has %(count)s characters; it needs 18", count=i18n.number(len(number)))
        )
    if problem:
        raise ValidationError(_("This tax number cannot be right; compare it with your business licence"))


class AcceptForm(Form):
    """What is still open before paying."""

    invoice_title = StringField(_l("Name on the invoice"), filters=[tidy], validators=[at_most(200)])
    tax_id = StringField(_l("Tax number"), filters=[tidy], validators=[at_most(60)])
    invoice_address = TextAreaField(_l("Address"), filters=[tidy], validators=[at_most(500)])
    po_number = StringField(_l("Your PO number"), filters=[tidy], validators=[at_most(60)])
    method = HiddenField()  # which button was pressed: TRANSFER, or the provider's page

    def __init__(self, country: str = "", asks_invoice: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.country, self.asks_invoice = country, asks_invoice

    def validate_invoice_title(self, field: StringField) -> None:
        if self.asks_invoice and not field.data:
            raise ValidationError(_("Type the name that the invoice shall carry"))

    def validate_tax_id(self, field: StringField) -> None:
        if self.asks_invoice:
            check_tax_id(field.data or "", self.country)

    @property
    def details(self) -> dict[str, str]:
        """The invoice details as the company keeps them."""
        tax_id = self.tax_id.data or ""
        return {
            "title": self.invoice_title.data or "",
            "tax_id": tax_id.replace(" ", "").upper() if self.country == "CN" else tax_id,
            "address": self.invoice_address.data or "",
        }


class DeclineForm(Form):
    reason = TextAreaField(_l("Why do you leave?"), filters=[tidy], validators=[at_most(1000)])


class RefuseForm(Form):
    reason = TextAreaField(_l("Why not?"), filters=[tidy], validators=[DataRequired(), at_most(500)])


class ApprovalLimitForm(Form):
    """An amount in major units of one currency; empty for none."""

    amount = StringField(filters=[tidy], validators=[at_most(30)])

    def __init__(self, currency: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.currency = currency
        self.amount.id = f"amount-{currency}"

    def validate_amount(self, _field: StringField) -> None:
        try:
            good = (limit := self.limit()) is None or limit.minor >= 0
        except ValueError:
            good = False
        if not good:
            raise ValidationError(_("Type an amount such as 5000, or leave it empty"))

    def limit(self) -> Money | None:
        """What was typed. Raises ValueError for what is no amount."""
        return Money.parse(self.amount.data, self.currency) if self.amount.data else None


class AskToPayForm(Form):
    person = RadioField(_l("Who shall pay?"), validators=[InputRequired(_l("Choose somebody"))])


class EraseForm(Form):
    """The address typed once more says that it is meant; its label stands on the page."""

    email = StringField(filters=[tidy])


class FindPersonForm(Form):
    email = StringField(_l("E-mail"), [InputRequired(_l("Type an e-mail address."))], filters=[tidy])


# Digits that a phone number and a bank account have at least.
LEAST_PHONE: Final = 7
LEAST_ACCOUNT: Final = 8


class FapiaoForm(Form):
    """What a fapiao says of its buyer. What the kind asks for must be there."""

    kind = RadioField(_l("Kind"), choices=[(kind.value, label) for kind, label in fapiao_words.KINDS.items()])
    title = StringField(fapiao_words.FIELDS["title"], filters=[tidy], validators=[at_most(200)])
    tax_id = StringField(fapiao_words.FIELDS["tax_id"], filters=[tidy], validators=[at_most(60)])
    registered_address = StringField(
        fapiao_words.FIELDS["registered_address"], filters=[tidy], validators=[at_most(200)]
    )
    phone = StringField(fapiao_words.FIELDS["phone"], filters=[tidy], validators=[at_most(40)])
    bank = StringField(fapiao_words.FIELDS["bank"], filters=[tidy], validators=[at_most(100)])
    account = StringField(fapiao_words.FIELDS["account"], filters=[tidy], validators=[at_most(60)])
    email = StringField(fapiao_words.FIELDS["email"], filters=[tidy], validators=[at_most(254)])

    @property
    def buyer(self) -> dict[str, str]:
        """The buyer as the fapiao and the company's details keep them."""
        told = {name: str(self[name].data or "") for name in fapiao_words.FIELDS}
        return told | {"tax_id": told["tax_id"].replace(" ", "").upper()}

    def validate(self, extra_validators: Any = None) -> bool:
        good = bool(super().validate(extra_validators))  # type: ignore[no-untyped-call]
        if self.kind.errors:
            return False
        for name in fapiao_rules.missing(FapiaoKind(self.kind.data), self.buyer):
            self.refuse(_("This kind of fapiao needs it."), name)
            good = False
        return good

    def validate_tax_id(self, field: StringField) -> None:
        check_tax_id(field.data or "", fapiao_rules.COUNTRY)

    def validate_phone(self, field: StringField) -> None:
        if field.data and sum(char.isdigit() for char in field.data) < LEAST_PHONE:
            raise ValidationError(_("A phone number with its area code, such as 021-5555 0100."))

    def validate_account(self, field: StringField) -> None:
        if field.data and sum(char.isdigit() for char in field.data) < LEAST_ACCOUNT:
            raise ValidationError(_("The number of the bank account."))

    def validate_email(self, field: StringField) -> None:
        if not field.data:
            return
        try:
            field.data = validate_email(field.data, check_deliverability=False).normalized
        except EmailNotValidError:
            raise ValidationError(_("This is no e-mail address.")) from None
