"""What finance's pages ask."""

from __future__ import annotations

from typing import Any, Final

from flask_babel import lazy_gettext as _l
from wtforms import DateField, HiddenField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from portal.kit.forms import Form

TEXT_MAX: Final = 300


def _stripped(text: str | None) -> str:
    return " ".join((text or "").split())


class CloseForm(Form):
    """How an exception was settled."""

    resolution = StringField(
        _l("What was decided"),
        [
            DataRequired(_l("Write down what was decided.")),
            Length(max=TEXT_MAX, message=_l("Use at most %(max)d characters.")),
        ],
        filters=[_stripped],
    )


class AssignForm(Form):
    """Which order the money pays."""

    number = StringField(
        _l("Order number"),
        [DataRequired(_l("Type the number of the order.")), Length(max=40)],
        filters=[_stripped, str.upper],
    )


class EndForm(Form):
    """On which day a term ends."""

    on = DateField(_l("Last day"), [InputRequired(_l("Choose the last day of the term."))])


class IssueForm(Form):
    """The number of a fapiao that was issued; its file comes beside. `version`: as the page was read."""

    number = StringField(
        _l("Number (20 digits)"),
        [DataRequired(_l("Type the number of the fapiao."))],
        filters=[lambda text: "".join((text or "").split())],
    )
    version = HiddenField()


class VoidForm(Form):
    """What is wrong on a fapiao, for the customer to read."""

    why = StringField(
        _l("What is wrong on it"),
        [
            DataRequired(_l("Write what is wrong on it.")),
            Length(max=TEXT_MAX, message=_l("Use at most %(max)d characters.")),
        ],
        filters=[_stripped],
    )
    version = HiddenField()


class FailForm(Form):
    """Why a fapiao cannot be issued, for the customer to read."""

    why = StringField(
        _l("Why it cannot be issued"),
        [
            DataRequired(_l("Write what the customer should put right.")),
            Length(max=TEXT_MAX, message=_l("Use at most %(max)d characters.")),
        ],
        filters=[_stripped],
    )
    version = HiddenField()


class LimitForm(Form):
    """The limits of a currency, in major units."""

    refund = StringField(_l("Refund by one person, up to"), [Optional()], filters=[_stripped])
    transfer = StringField(_l("Transfer confirmed by one person, up to"), [Optional()], filters=[_stripped])
    second = StringField(_l("Second payment goes back by itself, up to"), [Optional()], filters=[_stripped])


def _needed(sentence: Any) -> list[DataRequired | Length]:
    return [DataRequired(sentence), Length(max=TEXT_MAX, message=_l("Use at most %(max)d characters."))]


class AccountForm(Form):
    """An account of the seller, as customers shall read it."""

    currency = SelectField(_l("Currency"), choices=[])
    holder = StringField(_l("Account holder"), _needed(_l("Type who holds the account.")), filters=[_stripped])
    bank = StringField(_l("Bank"), _needed(_l("Type the name of the bank.")), filters=[_stripped])
    number = StringField(_l("Account number"), _needed(_l("Type the account number.")), filters=[_stripped])
    routing = StringField(_l("SWIFT or bank code"), [Length(max=TEXT_MAX)], filters=[_stripped])
    note = StringField(_l("Note for the payer"), [Length(max=TEXT_MAX)], filters=[_stripped])


class SeenForm(Form):
    """Money of a transfer on the account."""

    amount = StringField(_l("Amount received"), _needed(_l("Type the amount that came.")), filters=[_stripped])
    currency = StringField(_l("Currency"), [Optional(), Length(max=3)], filters=[_stripped, str.upper])
    value_date = DateField(_l("Value date"), [InputRequired(_l("Choose the day on which the money counts."))])
    bank_reference = StringField(
        _l("The bank’s reference"), _needed(_l("Type the bank’s reference of the line.")), filters=[_stripped]
    )


class SentForm(Form):
    """A refund that was sent from the bank."""

    sent_on = DateField(_l("Sent on"), [InputRequired(_l("Choose the day on which it was sent."))])
    bank_reference = StringField(
        _l("The bank’s reference"), _needed(_l("Type the bank’s reference of the line.")), filters=[_stripped]
    )
