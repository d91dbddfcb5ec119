"""Ask: the survey's form."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, TextAreaField
from wtforms.validators import AnyOf, InputRequired, Length

from portal.surveys import rules
from portal.surveys.models import SurveyKind


class CsatForm(FlaskForm):
    """How satisfied, and why (optional)."""

    kind = HiddenField(default=SurveyKind.CSAT.value, validators=[AnyOf([SurveyKind.CSAT.value])])
    score = RadioField(
        _l("How satisfied are you with this renewal?"),
        choices=[(score, str(score)) for score in range(rules.LEAST, rules.MOST + 1)],
        coerce=int,
        validators=[InputRequired(_l("Choose a number from 1 to 5."))],
    )
    reason = TextAreaField(
        _l("What is the main reason?"),
        filters=[rules.tidy],
        validators=[Length(max=rules.REASON_MOST, message=_l("The reason is too long: up to 2,000 characters."))],
    )
