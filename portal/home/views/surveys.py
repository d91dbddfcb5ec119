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
from portal.orders.models import Order
from portal.surveys import actions as surveys
from portal.surveys import queries, rules
from portal.surveys import words as survey_words
from portal.surveys.forms import CsatForm


@blueprint.get("/orders/<number>/survey", endpoint="survey")
@needs(Act.ANSWER_SURVEYS)
def survey(number: str) -> str:
    """The question on a page of its own. Opening it stores nothing."""
    order = find(number, Act.ANSWER_SURVEYS)
    asked = rules.may_answer(order.state)
    return render_template(
        "home/survey.html",
        order=order,
        name=words.called([named(line["names"]) for line in order.quote.document["lines"]]),
        survey=CsatForm() if asked else None,
        answer=queries.answer_of(reader(), order.id, guard.me().id) if asked else None,
        labels=survey_words.score_labels(),
        ends=survey_words.ends(),
    )


@blueprint.post("/orders/<number>/survey", endpoint="survey_answer")
@needs(Act.ANSWER_SURVEYS)
def answer(number: str) -> Response | tuple[str, int]:
    """Keep the answer; a second one changes it."""
    order: Order = find(number, Act.ANSWER_SURVEYS)
    if not rules.may_answer(order.state):
        return redirect(url_for("home.order", number=number), 303)
    form = CsatForm()
    at = clock.now()
    if not form.validate_on_submit():
        return orders.show(order, Asks.PAY, at, form), 422
    with transaction() as db:
        surveys.answer(db, order, guard.me().id, int(form.score.data), form.reason.data, at)
    return redirect(url_for("home.order", number=number, _anchor="survey"), 303)
