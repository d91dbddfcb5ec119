"""What staff's own pages ask."""

from __future__ import annotations

from typing import Final

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField
from wtforms.validators import DataRequired, Length

from portal.kit.forms import Form

REASON_MAX: Final = 300


def _stripped(text: str | None) -> str:
    return " ".join((text or "").split())


class CancelForm(Form):
    """Why staff cancel an order for a customer."""

    reason = StringField(
        _l("Who asked for it, and why"),
        [
            DataRequired(_l("Say who asked for it, and why.")),
            Length(max=REASON_MAX, message=_l("Use at most %(max)d characters.")),
        ],
        filters=[_stripped],
    )


class RefundForm(Form):
    """What of which payment shall go back, and why."""

    payment = SelectField(_l("Payment"), choices=[], validate_choice=False)
    amount = StringField(
        _l("Amount"), [DataRequired(_l("Type the amount that shall go back."))], filters=[_stripped]
    )
    reason = StringField(
        _l("Why it goes back"),
        [
            DataRequired(_l("Say why it goes back.")),
            Length(max=REASON_MAX, message=_l("Use at most %(max)d characters.")),
        ],
        filters=[_stripped],
    )
