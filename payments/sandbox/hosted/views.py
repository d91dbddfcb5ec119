"""/c/pay/<session id>: shows the order, takes the answer, redirects; a second answer never charges again."""

from __future__ import annotations

from collections.abc import Callable
from itertools import zip_longest
from urllib.parse import urlsplit

from flask import Blueprint, Response, make_response, redirect, render_template, request

from payments.sandbox import pay
from payments.sandbox.hosted import words
from payments.sandbox.methods import CARDS, Outcome
from payments.sandbox.store import Json, Rows, Store
from payments.sandbox.work import Work

PLACEHOLDER = "{CHECKOUT_SESSION_ID}"
DEFAULT_CARD = "4242 4242 4242 4242"


class Unclear(Exception):
    """The form does not say what to do; holds the key of a sentence in `words`."""


def blueprint(store: Store, work: Callable[[Rows], Work]) -> Blueprint:
    hosted = Blueprint("hosted", __name__, template_folder="templates")

    @hosted.get("/c/pay/<id_>")
    def show(id_: str) -> Response:
        with store.reading() as rows:
            return _page(work(rows), id_)

    @hosted.post("/c/pay/<id_>")
    def submit(id_: str) -> Response:
        with store.writing() as rows:
            return _submit(work(rows), id_)

    @hosted.get("/c/pay/<id_>/3ds")
    def bank(id_: str) -> Response:
        with store.reading() as rows:
            return _bank(work(rows), id_)

    @hosted.post("/c/pay/<id_>/3ds")
    def answer(id_: str) -> Response:
        with store.writing() as rows:
            doing = work(rows)
            session = rows.find("checkout.session", id_)
            if session and request.form.get("answer") in ("approve", "fail"):
                pay.answer(doing, session, approved=request.form["answer"] == "approve")
            return _after(doing, id_)

    return hosted


def _submit(work: Work, id_: str) -> Response:
    session = work.rows.find("checkout.session", id_)
    if not session or session["status"] != "open":
        return _page(work, id_)
    try:
        method, card, outcome = _read_form(session)
    except Unclear as why:
        return _page(work, id_, error=str(why), status=400)
    pay.attempt(work, session, method, card, outcome)
    return _after(work, id_)


def _read_form(session: Json) -> tuple[str, str, Outcome]:
    """Method, card number and outcome; an explicit outcome wins over the card number."""
    method = request.form.get("method") or session["payment_method_types"][0]
    if method not in session["payment_method_types"]:
        raise Unclear("error.method")
    card = "".join(request.form.get("card_number", "").split())
    chosen = request.form.get("outcome", "")
    if chosen:
        if chosen not in list(Outcome):
            raise Unclear("error.outcome")
        outcome = Outcome(chosen)
    elif method != "card":
        outcome = Outcome.SUCCEED
    elif not card:
        raise Unclear("error.no_card")
    elif card not in CARDS:
        raise Unclear("error.unknown_card")
    else:
        outcome = CARDS[card]
    return method, card if card in CARDS else DEFAULT_CARD, outcome


def _after(work: Work, id_: str) -> Response:
    """Where a browser goes once something was done: always by redirect, so that reloading repeats nothing."""
    session = work.rows.find("checkout.session", id_)
    if session and session["status"] == "complete":
        target = _success_url(session)
    elif session and _intent(work, session).get("status") == "requires_action":
        target = f"/c/pay/{id_}/3ds"
    else:
        target = f"/c/pay/{id_}"
    return make_response(redirect(target, code=303))


def _success_url(session: Json) -> str:
    return str(session["success_url"]).replace(PLACEHOLDER, session["id"])


def _intent(work: Work, session: Json) -> Json:
    return work.rows.find("payment_intent", session["payment_intent"] or "") or {}


def _bank(work: Work, id_: str) -> Response:
    session = work.rows.find("checkout.session", id_)
    if not session or session["status"] != "open" or _intent(work, session).get("status") != "requires_action":
        return _after(work, id_)
    return _rendered(work, session, "bank.html")


def _page(work: Work, id_: str, error: str | None = None, status: int = 200) -> Response:
    session = work.rows.find("checkout.session", id_)
    if session is None:
        return _rendered(work, None, "closed.html", 404, reason="missing")
    if session["status"] == "expired":
        return _rendered(work, session, "closed.html", reason="expired")
    if session["status"] == "complete":
        reason = "paid" if session["payment_status"] == "paid" else "pending"
        return _rendered(work, session, "closed.html", reason=reason, on=_success_url(session))
    kept = work.rows.find("line_items", f"lines:{id_}") or {"items": []}
    items = list(zip_longest(kept["items"], kept.get("details", []), fillvalue=""))
    failed = _intent(work, session).get("last_payment_error")
    return _rendered(work, session, "pay.html", status, items=items, failed=failed, error=error)


def _rendered(work: Work, session: Json | None, template: str, status: int = 200, **facts: object) -> Response:
    text = words.words((session or {}).get("locale"), request.accept_languages.best_match(["zh", "en"]))
    error = facts.pop("error", None)
    sentence = text[str(error)] if error else words.failure(facts.pop("failed", None), text)  # type: ignore[arg-type]
    shop = ((session or {}).get("branding_settings") or {}).get("display_name") or work.settings.seller
    html = render_template(
        template,
        text=text,
        session=session,
        shop=shop,
        sentence=sentence,
        chosen=request.form,
        amount=lambda minor: words.amount(minor, (session or {})["currency"], text),
        cards=CARDS,
        outcomes=list(Outcome),
        default_card=DEFAULT_CARD,
        **facts,
    )
    return _guarded(make_response(html, status), session)


def _guarded(response: Response, session: Json | None) -> Response:
    """Headers; the form may end at the seller, and browsers hold a redirect against form-action too."""
    seller = urlsplit((session or {}).get("success_url") or "")
    allowed = f"'self' {seller.scheme}://{seller.netloc}" if seller.netloc else "'self'"
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'self'; form-action {allowed}; base-uri 'none'; frame-ancestors 'none'"
    )
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response
