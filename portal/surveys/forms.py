"""Ask: the survey's forms, one for each question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, SelectField, TextAreaField, ValidationError
from wtforms.validators import Length

from portal.kit.forms import Form
from portal.orders.models import OrderState
from portal.surveys import rules, words
from portal.surveys.actions import Said
from portal.surveys.models import ReasonCode, SurveyAnswer, SurveyKind


class SurveyForm(Form):
    """One question and why (optional). `score` and `code` stay text, so that a value that no control sends is an
    error and no crash."""

    kind = HiddenField()
    score = RadioField(validate_choice=False, choices=[])
    code = SelectField(_l("What is the main reason?"), validate_choice=False, choices=[])
    reason = TextAreaField(
        _l("Tell us more"),
        filters=[rules.tidy],
        validators=[Length(max=rules.REASON_MOST, message=_l("The reason is too long: up to 2,000 characters."))],
    )

    def __init__(self, asks: SurveyKind, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.asks = asks
        self.score.label.text = words.question(asks)
        self.score.choices = [(str(score), str(score)) for score in rules.scores_of(asks)]
        self.code.choices = [("", _("No particular one")), *words.code_choices()]
        for field in (self.score, self.code, self.reason):
            field.id = f"{asks}-{field.name}"  # two forms stand on one page

    @property
    def said(self) -> Said:
        """What was answered; for a form that is good."""
        code = ReasonCode(self.code.data) if self.code.data else None
        return Said(self.asks, int(self.score.data), self.reason.data, code)

    def validate_score(self, field: RadioField) -> None:
        if field.data not in [score for score, _label in field.choices]:
            scores = rules.scores_of(self.asks)
            raise ValidationError(
                _("Choose a number from %(least)s to %(most)s.", least=scores[0], most=scores[-1])
            )

    def validate_code(self, field: SelectField) -> None:
        if field.data not in (None, *(code for code, _label in field.choices)):
            raise ValidationError(_("Choose one of the reasons in the list, or none."))


@dataclass(frozen=True)
class Question:
    """One question as a page shows it: its form, what was answered, what the numbers and the scale's ends mean.
    `explain`: show the place for the reason at once."""

    form: SurveyForm
    answer: SurveyAnswer | None
    labels: Mapping[int, str]
    ends: tuple[str, str]
    explain: bool


def ask(asks: SurveyKind, answer: SurveyAnswer | None, form: SurveyForm | None = None) -> Question:
    """A question, with what was answered; `form` is one to show again, errors and all."""
    shown = form or kept(asks, answer)
    explained = bool(shown.reason.data or shown.code.data or shown.reason.errors or shown.code.errors)
    last = answer is not None and (asks is SurveyKind.NPS or rules.is_low(asks, answer.score))
    return Question(shown, answer, words.score_labels(asks), words.ends(asks), explained or last)


def questions(
    state: OrderState, answers: Mapping[SurveyKind, SurveyAnswer], wrong: SurveyForm | None = None
) -> list[Question]:
    """What somebody is asked about an order in this state, CSAT first; none while it is not to be asked about.
    `answers`: what they said before; `wrong`: the form to show again."""
    if not rules.may_answer(state):
        return []
    return [ask(kind, answers.get(kind), wrong if wrong and wrong.asks is kind else None) for kind in SurveyKind]


def kept(asks: SurveyKind, answer: SurveyAnswer | None, score: int | None = None) -> SurveyForm:
    """The form of a page that is opened: filled with what was answered, or with the `score` a link carried."""
    known: dict[str, Any] = {"kind": asks.value}
    if answer is not None:
        known |= {"score": str(answer.score), "code": answer.code or "", "reason": answer.reason}
    if score is not None:
        known["score"] = str(score)
    return SurveyForm(asks, formdata=None, data=known)


def sent(only: SurveyKind | None = None, csrf: bool = True) -> tuple[SurveyForm, bool]:
    """The form that was sent, and whether all of it is good. `only`: the one question that is asked here."""
    given = request.form.get("kind", only or "")
    known = given in tuple(SurveyKind) and only in (None, given)
    asks = SurveyKind(given) if known else only or SurveyKind.CSAT
    form = SurveyForm(asks, meta={} if csrf else {"csrf": False})
    good = form.validate_on_submit()
    if not known:
        form.refuse(_("This question is not asked here."))
    return form, good and known
