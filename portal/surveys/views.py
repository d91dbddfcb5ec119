"""The page that the question's mail opens, without a sign-in: the address's token is the secret.

Mail scanners open every link, some press buttons. So opening shows the page, with the link's score chosen, and
keeps no answer; a POST does. No session stands behind these forms, hence no token of one: whoever could forge the
POST would have to know the address.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.kit import clock, guard, i18n, web
from portal.kit.db import reader, transaction
from portal.kit.errors import Refusal
from portal.kit.guard import Act, Door, needs
from portal.kit.web import csrf
from portal.surveys import actions, forms, queries, rules, words
from portal.surveys.errors import AskClosed, NotYet
from portal.surveys.forms import SurveyForm
from portal.surveys.models import SurveyAnswer, SurveyAsk, SurveyKind

SENT_PER_IP = "60 per 5 minutes"
NPS = SurveyKind.NPS

blueprint = Blueprint("surveys", __name__)


@blueprint.get("/survey/<token>", endpoint="question")
@needs(Door.PUBLIC)
def question(token: str) -> str | tuple[str, int]:
    """The question, with the link's score chosen. That the link was opened is noted, which is no answer."""
    asked, at = _asked(token), clock.now()
    with _speaking(asked):
        refused = _refused(asked, at)
        if refused:
            return _closed(asked, refused)
        return _page(asked, token, forms.kept(NPS, _answer_of(asked), _opened(asked)))


@blueprint.post("/survey/<token>", endpoint="answer")
@needs(Door.PUBLIC)
@csrf.exempt  # type: ignore[untyped-decorator]
@web.limiter.limit(SENT_PER_IP)
def answer(token: str) -> Response | str | tuple[str, int]:
    """Keep the answer; a second one changes it."""
    asked, at = _asked(token), clock.now()
    with _speaking(asked):
        form, good = forms.sent(NPS, csrf=False)
        refused = _refused(asked, at)
        if refused:
            return _closed(asked, refused, form)
        if not good:
            return _page(asked, token, form), 422
        try:
            with transaction() as db:
                actions.answer_by_mail(db, queries.held_by_token(db, token), form.said, at)
        except (AskClosed, NotYet) as error:
            return _closed(asked, error, form)
    return redirect(url_for("surveys.question", token=token), 303)


@blueprint.get("/survey/<token>/stop", endpoint="stop")
@needs(Door.PUBLIC)
def stop(token: str) -> str:
    """Whether this reader gets questions by mail, and the button that changes it."""
    asked = _asked(token)
    return _stop_page(asked, token, queries.has_opted_out(reader(), asked.person_id))


@blueprint.post("/survey/<token>/stop", endpoint="stopped")
@needs(Door.PUBLIC)
@csrf.exempt  # type: ignore[untyped-decorator]
@web.limiter.limit(SENT_PER_IP)
def stopped(token: str) -> str:
    """No more questions by mail, at once; mail programs send this too (RFC 8058), and follow no redirect. `again`
    takes it back."""
    asked, at = _asked(token), clock.now()
    again = request.form.get("again") == "1"
    with transaction() as db:
        (actions.opt_in if again else actions.opt_out)(db, asked.person_id, at)
    return _stop_page(asked, token, not again)


def _stop_page(asked: SurveyAsk, token: str, has_stopped: bool) -> str:
    with _speaking(asked):
        return render_template("surveys/stop.html", to=url_for("surveys.stop", token=token), stopped=has_stopped)


@blueprint.get("/account/questions", endpoint="mine")
@needs(Act.ANSWER_SURVEYS)
def mine() -> str:
    """The same choice for whoever is signed in, without a mail at hand."""
    has_stopped = queries.has_opted_out(reader(), guard.me().id)
    return render_template("surveys/stop.html", to=url_for("surveys.mine"), stopped=has_stopped, own=True)


@blueprint.post("/account/questions", endpoint="choose_mine")
@needs(Act.ANSWER_SURVEYS)
def choose_mine() -> Response:
    again = request.form.get("again") == "1"
    with transaction() as db:
        (actions.opt_in if again else actions.opt_out)(db, guard.me().id, clock.now())
    return redirect(url_for("surveys.mine"), 303)


def _asked(token: str) -> SurveyAsk:
    asked = queries.by_token(reader(), token)
    if asked is None:
        abort(404)
    return asked


def _speaking(asked: SurveyAsk) -> AbstractContextManager[None]:
    """Speak as the mail did, until somebody chooses another language here."""
    return i18n.speaking(i18n.chosen_or(asked.person.language or asked.order.company.language))


def _refused(asked: SurveyAsk, at: datetime) -> Refusal | None:
    """Why the page takes no answer now."""
    why = rules.closed(asked.expires_at, queries.may_still_answer(reader(), asked), at)
    if why:
        return AskClosed(why=why)
    return None if rules.may_answer(asked.order.state) else NotYet(state=asked.order.state)


def _opened(asked: SurveyAsk) -> int | None:
    """The score that the link carried; it is noted as opened."""
    score = web.whole_number(request.args.get("score"))
    if score is None or score not in rules.scores_of(NPS):
        return None
    if not rules.was_opened(asked.opened, score):
        with transaction() as db:
            actions.note_opened(db, asked, score)
    return score


def _answer_of(asked: SurveyAsk) -> SurveyAnswer | None:
    return queries.answers_of(reader(), asked.order_id, asked.person_id).get(NPS)


def _page(asked: SurveyAsk, token: str, form: SurveyForm) -> str:
    answer = _answer_of(asked)
    zone = asked.person.zone or asked.order.contract.zone
    return render_template(
        "surveys/question.html", token=token, order=asked.order, asked=forms.ask(NPS, answer, form),
        answer=answer, zone=zone,
    )  # fmt: skip


def _closed(asked: SurveyAsk, error: Refusal, form: SurveyForm | None = None) -> tuple[str, int]:
    """A page that says why, keeps nothing, and shows what was typed so that it can be copied."""
    order = None if error.facts.get("why") == "left" else asked.order
    page = render_template("surveys/closed.html", order=order, reason=words.refusal(error), form=form)
    return page, 410 if isinstance(error, AskClosed) else 409
