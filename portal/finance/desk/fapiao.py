"""The queue of fapiao: take one up, bring its number and file, or say why not; and the red-letter ones."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Final

from flask import Response as FlaskResponse
from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from payments.errors import PaymentsError
from payments.money import Money
from portal.accounts import queries as accounts
from portal.documents.fapiao import actions, errors, queries, rules, words
from portal.documents.fapiao.models import FapiaoRequest, FapiaoState
from portal.finance.desk.blueprint import blueprint, zone
from portal.finance.forms import FailForm, IssueForm, VoidForm
from portal.kit import clock, files, listing, web
from portal.kit.db import reader, transaction
from portal.kit.errors import Refusal
from portal.kit.guard import Act, me, needs
from portal.kit.settings import Settings
from portal.orders import queries as orders

MOST: Final = 200
PAGE_ROWS: Final = 50


@blueprint.get("/finance/fapiao")
@needs(Act.SEE_PAYMENTS)
def fapiao_page() -> str | Response:
    """What is to do, the oldest first; or with `?state=` the others, newest first."""
    db, asked = reader(), listing.Asked(request.args)
    asked.only(("state",))
    state = asked.word("state", FapiaoState, _("State"))
    page = None
    if state is not None:
        page = listing.page(
            lambda at, limit: queries.in_state(db, state, at, limit),
            lambda row: (row.requested_at, row.id), asked.cursor(), PAGE_ROWS,
        )  # fmt: skip
        if page is None:
            return redirect(url_for("finance.fapiao_page", state=state))
    rows = page.rows if page else queries.todo(db, MOST)
    return render_template(
        "finance/fapiao.html",
        rows=rows, page=page, state=state, notes=asked.notes, words=words, zone=zone(),
        cut=page is None and len(rows) == MOST,
        views=[
            {"label": _("To do"), "url": url_for("finance.fapiao_page"), "current": state is None},
            *(
                {"label": label, "url": url_for("finance.fapiao_page", state=each), "current": each is state}
                for each, (_kind, label) in words.STATES.items()
            ),
        ],
    )  # fmt: skip


@blueprint.get("/finance/fapiao/<id:request_id>")
@needs(Act.SEE_PAYMENTS)
def fapiao_request(request_id: int) -> str:
    """One request: what the tax bureau's platform asks for, and what to bring back from there."""
    return _page(_one(reader(), request_id))


@blueprint.post("/finance/fapiao/<id:request_id>/take-up")
@needs(Act.MOVE_MONEY)
def take_up_fapiao(request_id: int) -> Response | tuple[str, int]:
    """Begin to issue it."""
    version = web.whole_number(request.form.get("version")) or 0

    def take(db: Session, row: FapiaoRequest) -> None:
        actions.take_up(db, row, version, me().ref, clock.now())

    return _done(request_id, IssueForm(formdata=None), take, _("It is yours now. Issue it at the platform."))


@blueprint.post("/finance/fapiao/<id:request_id>/issue")
@needs(Act.MOVE_MONEY)
@web.takes_files(rules.FILE_MAX)
def issue_fapiao(request_id: int) -> Response | tuple[str, int]:
    """It is issued: its number and its file."""
    return _issued(request_id, actions.issue)


@blueprint.post("/finance/fapiao/<id:request_id>/issue-red")
@needs(Act.MOVE_MONEY)
@web.takes_files(rules.FILE_MAX)
def issue_red_fapiao(request_id: int) -> Response | tuple[str, int]:
    """The red-letter one is issued."""
    return _issued(request_id, actions.issue_red)


@blueprint.post("/finance/fapiao/<id:request_id>/mend")
@needs(Act.MOVE_MONEY)
@web.takes_files(rules.FILE_MAX)
def mend_fapiao(request_id: int) -> Response | tuple[str, int]:
    """Another number or file was kept for it by mistake."""
    return _issued(request_id, actions.mend)


@blueprint.post("/finance/fapiao/<id:request_id>/void")
@needs(Act.MOVE_MONEY)
def void_fapiao(request_id: int) -> Response | tuple[str, int]:
    """Something is wrong on it: a red letter takes it back."""
    form = VoidForm()
    if not form.validate_on_submit():
        return _page(_one(reader(), request_id), voiding=form), 422

    def void(db: Session, row: FapiaoRequest) -> None:
        actions.void(db, row, web.whole_number(form.version.data) or 0, form.why.data or "", me().ref, clock.now())

    return _done(request_id, IssueForm(formdata=None), void, _("A red-letter fapiao is due now."))


@blueprint.post("/finance/fapiao/<id:request_id>/fail")
@needs(Act.MOVE_MONEY)
def fail_fapiao(request_id: int) -> Response | tuple[str, int]:
    """It cannot be issued so."""
    form = FailForm()
    if not form.validate_on_submit():
        return _page(_one(reader(), request_id), failing=form), 422

    def fail(db: Session, row: FapiaoRequest) -> None:
        actions.fail(db, row, web.whole_number(form.version.data) or 0, form.why.data or "", me().ref, clock.now())

    return _done(request_id, IssueForm(formdata=None), fail, _("The customer reads why, and may ask again."))


@blueprint.get("/finance/fapiao/<id:request_id>/file")
@needs(Act.SEE_PAYMENTS)
def desk_fapiao_file(request_id: int) -> FlaskResponse:
    row = _one(reader(), request_id)
    if row.stored is None or row.file is None:
        abort(404)
    return web.download(files.FAPIAO, row.stored, f"fapiao-{row.number}.{row.file}", rules.MEDIA[row.file])


def _issued(request_id: int, act: Callable[..., None]) -> Response | tuple[str, int]:
    form, given = IssueForm(), request.files.get("file")
    row = _one(reader(), request_id)
    if given is None or not given.filename:
        form.refuse(_("Choose the file of the fapiao: PDF, OFD or XML."))
    if not form.validate_on_submit() or form.form_errors or given is None:
        return _page(row, form), 422
    if not rules.is_number(form.number.data or ""):
        form.refuse(words.refusal(errors.NumberWrong()), "number")
        return _page(row, form), 422
    with closing(given):
        kept = _keep(form, given)
    if kept is None:
        return _page(row, form), 422
    stored, kind = kept

    def issue(db: Session, held: FapiaoRequest) -> None:
        version = web.whole_number(form.version.data) or 0
        act(db, held, version, form.number.data or "", stored, kind, me().ref, clock.now())

    answer = _done(request_id, form, issue, _("Kept. The customer gets a letter."))
    if isinstance(answer, tuple):
        files.remove(_settings(), stored, files.FAPIAO)
    return answer


def _keep(form: IssueForm, given: FileStorage) -> tuple[str, str] | None:
    """Keep the file, whatever it is called, if its first bytes say that it is one; else the form says why not."""
    try:
        kind = rules.file_kind(given.stream.read(16))
        given.stream.seek(0)
        stored, _size = files.keep(_settings(), given.stream, rules.FILE_MAX, files.FAPIAO)  # type: ignore[arg-type]
    except (errors.NotAFapiao, files.FileEmpty):
        form.refuse(words.refusal(errors.NotAFapiao()))
        return None
    except (files.FileTooLarge, files.NoSpace):
        form.refuse(_("The file is too large; send one of up to 5 MB."))
        return None
    return stored, kind


def _done(
    request_id: int, form: IssueForm, act: Callable[[Session, FapiaoRequest], None], told: str
) -> Response | tuple[str, int]:
    try:
        with transaction() as db:
            # The order first, as refunds and customers do: what is left of it must not change meanwhile.
            orders.lock(db, _one(db, request_id).order.number)
            act(db, _one(db, request_id, lock=True))
    except (Refusal, PaymentsError) as refused:
        db = reader()
        db.expire_all()
        form.refuse(
            words.refusal(refused) if isinstance(refused, Refusal) else _("This step is not possible now.")
        )
        return _page(_one(db, request_id), form), 409 if isinstance(refused, errors.FapiaoMoved) else 422
    flash(told, "ok")
    return redirect(url_for("finance.fapiao_request", request_id=request_id), 303)


def _one(db: Session, request_id: int, lock: bool = False) -> FapiaoRequest:
    return queries.one(db, request_id, lock) or abort(404)


def _settings() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found


def _tax(row: FapiaoRequest) -> Money:
    """The tax in what is to be issued next: the red-letter one where that is due, else the fapiao."""
    quote = row.order.quote
    apart = row.order.total_minor - row.amount_minor  # went back before it was asked for
    since, minor = (apart + row.reds_minor, row.red_minor) if row.red_minor else (apart, row.amount_minor)
    return Money(rules.tax_in(quote.tax.minor, row.order.total_minor, since, minor), row.currency)


def _page(
    row: FapiaoRequest, form: IssueForm | None = None, failing: FailForm | None = None,
    voiding: VoidForm | None = None,
) -> str:  # fmt: skip
    form, failing = form or IssueForm(formdata=None), failing or FailForm(formdata=None)
    voiding = voiding or VoidForm(formdata=None)
    form.version.data = failing.version.data = voiding.version.data = str(row.version)
    quote = row.order.quote
    refs = {row.requested_by, *([row.taken_by] if row.taken_by else [])}
    return render_template(
        "finance/fapiao_request.html",
        row=row, order=row.order, form=form, failing=failing, voiding=voiding, words=words, zone=zone(),
        wrong=next((each for each in (failing, voiding) if each.errors), form),
        tax=_tax(row), rate=quote.document["tax"]["basis_points"],
        names=accounts.names_of(reader(), refs), is_paid=queries.is_paid(row.order),
        may_act=me().can(Act.MOVE_MONEY),
    )  # fmt: skip
