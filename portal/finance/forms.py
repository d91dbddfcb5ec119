"""What finance's pages ask."""

from __future__ import annotations

from typing import Final

from flask_babel import lazy_gettext as _l
from wtforms import DateField, StringField
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


class LimitForm(Form):
    """The limits of a currency, in major units."""

    refund = StringField(_l("Refund by one person, up to"), [Optional()], filters=[_stripped])
    transfer = StringField(_l("Transfer confirmed by one person, up to"), [Optional()], filters=[_stripped])
    second = StringField(_l("Second payment goes back by itself, up to"), [Optional()], filters=[_stripped])
