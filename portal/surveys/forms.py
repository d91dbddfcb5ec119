"""Ask: the survey's form."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, TextAreaField, ValidationError
from wtforms.validators import Length

from portal.kit.forms import Form
from portal.surveys import rules
from portal.surveys.models import SurveyKind


class CsatForm(Form):
    """How satisfied, and why (optional). `score` stays text, so that a value that no button sends is an error and
    no crash."""

    kind = HiddenField()
    score = RadioField(
        _l("How satisfied are you with this renewal?"),
        choices=[(str(score), str(score)) for score in range(rules.LEAST, rules.MOST + 1)],
        validate_choice=False,
    )
    reason = TextAreaField(
        _l("What is the main reason?"),
        filters=[rules.tidy],
        validators=[Length(max=rules.REASON_MOST, message=_l("The reason is too long: up to 2,000 characters."))],
    )

    def validate_kind(self, field: HiddenField) -> None:
        if field.data != SurveyKind.CSAT:
            raise ValidationError(_("This question is not asked here"))

    def validate_score(self, field: RadioField) -> None:
        if field.data not in [score for score, _label in field.choices]:
            raise ValidationError(_("Choose a number from 1 to 5."))
