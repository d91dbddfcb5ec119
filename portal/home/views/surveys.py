"""The survey: part of the order's page, and a page of its own. It stands in nobody's way."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from portal.contracts import words
from portal.home.rules import Asks
from portal.home.views import orders
from portal.home.views.blueprint import blueprint
from portal.home.views.payment import find
from portal.kit import clock, guard
from portal.kit.db import reader, transaction
from portal.kit.guard import Act, needs
from portal.kit.i18n import named
from portal.orders import queries as order_queries
from portal.orders.models import Order
from portal.surveys import actions as surveys
from portal.surveys import forms, queries, rules
from portal.surveys import words as survey_words
from portal.surveys.errors import NotYet
from portal.surveys.forms import SurveyForm


@blueprint.get("/orders/<number>/survey", endpoint="survey")
@needs(Act.ANSWER_SURVEYS)
def survey(number: str) -> str:
    """The questions on a page of their own. Opening it stores nothing."""
    return _page(find(number, Act.ANSWER_SURVEYS))


@blueprint.post("/orders/<number>/survey", endpoint="survey_answer")
@needs(Act.ANSWER_SURVEYS)
def answer(number: str) -> Response | tuple[str, int]:
    """Keep the answer to one question; a second one changes it."""
    order = find(number, Act.ANSWER_SURVEYS)
    form, good = forms.sent()
    if not rules.may_answer(order.state):
        return _not_now(order, form, NotYet(state=order.state))
    at = clock.now()
    if not good:
        return orders.show(order, Asks.PAY, at, form), 422
    try:
        with transaction() as db:
            surveys.answer(db, order_queries.lock(db, number), guard.me().id, form.said, at)
    except NotYet as error:  # a dispute came while the page was open
        return _not_now(order, form, error)
    return redirect(url_for("home.order", number=number, _anchor="survey"), 303)


def _not_now(order: Order, form: SurveyForm, error: NotYet) -> tuple[str, int]:
    """Nothing was kept, and why; what was typed can be read and copied."""
    form.refuse(survey_words.refusal(error))
    return _page(order, form), 409


def _page(order: Order, wrong: SurveyForm | None = None) -> str:
    return render_template(
        "home/survey.html",
        order=order,
        name=words.called([named(line["names"]) for line in order.quote.document["lines"]]),
        survey=forms.questions(order.state, queries.answers_of(reader(), order.id, guard.me().id), wrong),
        wrong=wrong,
    )
