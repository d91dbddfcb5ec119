"""Imports at the desk: give us a file, say which column is which, look, try, run, and mend what was refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

from flask import Blueprint, abort, current_app, redirect, render_template, request, stream_with_context, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from payments.errors import IllegalMove
from payments.money import Money
from portal.contracts import words
from portal.contracts.imports import actions, columns, queries, reader, refused, source
from portal.contracts.imports.errors import ImportNotOpen
from portal.contracts.imports.forms import ColumnsForm, UploadForm, columns_form
from portal.contracts.imports.models import MOVES, ImportRun, RunState
from portal.contracts.imports.shapes import COLUMNS, MAX_BYTES, MAX_ROWS, ImportUnreadable
from portal.contracts.imports.source import Source
from portal.kit import addresses, clock, csvout, files, guard, listing, web
from portal.kit.db import reader as reading_session
from portal.kit.db import transaction
from portal.kit.guard import Act, confirmed, needs
from portal.kit.settings import Settings

blueprint = Blueprint("imports_desk", __name__)
PREVIEWED: Final = 10
REFRESH_SECONDS: Final = 2


@blueprint.get("/desk/imports")
@needs(Act.READ_IMPORTS)
def imports() -> Response | str:
    """Imports, newest first, and the form that takes a file."""
    return _list_page(UploadForm(formdata=None))


@blueprint.post("/desk/imports")
@needs(Act.CREATE_RECORDS)
@web.takes_files(MAX_BYTES)
def upload() -> Response | tuple[str, int]:
    """Take a file. What is no CSV at all is not kept; everything else is, for its columns to be told."""
    form = UploadForm()
    given = request.files.get("file")
    if given is None or not given.filename:
        form.refuse(_("Choose a file."), "file")
        return _refused(form)
    settings: Settings = current_app.extensions["settings"]
    try:
        stored, size = files.keep(settings, given.stream, MAX_BYTES)  # type: ignore[arg-type]
    except files.FileEmpty:
        form.refuse(str(words.FILE_PROBLEMS["empty"]), "file")
    except files.FileTooLarge:
        form.refuse(_too_large(), "file")
    except files.NoSpace:
        no_room = _(
            "There is no room for this file on our side right now. Nothing was kept; tell an administrator."
        )
        form.refuse(no_room, "file")
    else:
        return _taken(form, stored, size, given.filename)
    return _refused(form)


@blueprint.errorhandler(413)
def too_large(_error: RequestEntityTooLarge) -> tuple[str, int]:
    """More than a file may have: told before it is read, on the page that it came from."""
    form = UploadForm(formdata=None)
    form.refuse(_too_large(), "file")
    return _list_page(form), 413  # type: ignore[return-value]


@blueprint.get("/desk/imports/<id:run_id>/columns")
@needs(Act.CREATE_RECORDS)
def mapping(run_id: int) -> str:
    """Which header is which column: as it was told the last time, or as we guess."""
    run = _run_or_404(run_id)
    opened = _opened_or_404(run)
    return _columns_page(run, opened, columns_form(opened.names, _chosen(run, opened)))


@blueprint.post("/desk/imports/<id:run_id>/columns")
@needs(Act.CREATE_RECORDS)
def keep_mapping(run_id: int) -> Response | tuple[str, int]:
    run = _run_or_404(run_id)
    opened = _opened_or_404(run)
    form = columns_form(opened.names, None)
    if not form.validate_on_submit():
        return _columns_page(run, opened, form), 422
    try:
        columns.places(opened.names, form.mapping())
        with transaction() as db:
            actions.map_columns(db, queries.lock(db, run_id) or abort(404), form.mapping())
    except ImportUnreadable as problem:
        form.refuse(words.file_problem(problem))
        return _columns_page(run, opened, form), 422
    except (ImportNotOpen, IllegalMove):
        return _back(run_id)
    return _back(run_id)


@blueprint.get("/desk/imports/<id:run_id>")
@needs(Act.READ_IMPORTS)
def import_run(run_id: int) -> Response | str:
    """One import: how we read the file, how far it is, or what became of it."""
    run = _run_or_404(run_id)
    preview = []
    if run.state is RunState.UPLOADED and run.stored:
        opened = _opened_or_404(run)
        try:
            preview = _preview(opened, columns.places(opened.names, run.mapping))
        except ImportUnreadable:
            return redirect(url_for("imports_desk.mapping", run_id=run_id))
    start = web.whole_number(request.args.get("from")) or 0
    told, onward = refused.page(_list_of(run), start) if run.refused and run.stored else ([], None)
    return render_template(
        "contracts/imports/run.html",
        run=run,
        chip=words.run_chip(run),
        headline=words.run_headline(run),
        progress=words.run_progress(run),
        problem=_problem(run),
        preview=preview,
        at_work=run.state in queries.AT_WORK,
        open=run.stored is not None and RunState.WAITING in MOVES[run.state],
        told=[(row, [_sentence(each) for each in problems]) for row, problems in told],
        first_url=url_for("imports_desk.import_run", run_id=run_id) if start else None,
        onward_url=_page_of(run_id, onward) if onward else None,
        refresh_seconds=REFRESH_SECONDS,
        kept_days=actions.KEPT_FOR.days,
        may_import=guard.me().can(Act.CREATE_RECORDS),
    )


@blueprint.post("/desk/imports/<id:run_id>/run")
@needs(Act.CREATE_RECORDS)
def run(run_id: int) -> Response:
    """Leave it to the worker: `do=try` changes nothing, `do=import` keeps."""
    dry_run = request.form.get("do") != "import"
    at_once = request.form.get("all_or_nothing") == "1"
    try:
        with transaction() as db:
            held = queries.lock(db, run_id) or abort(404)
            actions.ask(db, held, dry_run=dry_run, all_or_nothing=at_once, by=guard.me().ref, at=clock.now())
    except (ImportNotOpen, IllegalMove):
        pass  # somebody was faster: the page shows what happens
    return _back(run_id)


@blueprint.post("/desk/imports/<id:run_id>/stop")
@needs(Act.CREATE_RECORDS)
def stop(run_id: int) -> Response:
    with transaction() as db:
        actions.ask_to_stop(db, queries.lock(db, run_id) or abort(404), guard.me().ref, clock.now())
    return _back(run_id)


@blueprint.get("/desk/imports/<id:run_id>/refused.csv")
@needs(Act.CREATE_RECORDS)
@confirmed
def refused_rows(run_id: int) -> Response:
    """The refused rows as they stand in the file, each with its reason, to be mended and given to us again."""
    run = _run_or_404(run_id)
    opened = _opened_or_404(run)
    if not run.refused:
        abort(404)
    width = len(opened.names)

    def rows() -> Iterator[list[str]]:
        for cells, problems in refused.with_cells(opened, _list_of(run)):
            padded = [*cells[:width], *[""] * (width - len(cells))]
            yield [*padded, str(problems[0].row), " ".join(_sentence(each) for each in problems)]

    head = [*opened.names, _("Row"), _("Reason")]
    body = stream_with_context(csvout.stream(head, rows()))
    headers = {"Content-Disposition": f'attachment; filename="refused-{run.id}.csv"'}
    return current_app.response_class(body, mimetype="text/csv", headers=headers)


def _taken(form: UploadForm, stored: str, size: int, name: str) -> Response | tuple[str, int]:
    settings: Settings = current_app.extensions["settings"]
    try:
        opened = source.opened(files.path_of(settings, stored))
    except ImportUnreadable as problem:
        files.remove(settings, stored)
        form.refuse(words.file_problem(problem), "file")
        return _refused(form)
    signature = columns.signature(opened.names)
    with transaction() as db:
        run = actions.add(
            db, name=Path(name.replace("\\", "/")).name[:200] or "contracts.csv", stored=stored, size=size,
            signature=signature, mapping=_kept_mapping(db, opened.names), by_id=guard.me().id, at=clock.now(),
        )  # fmt: skip
        known = run.mapping is not None or columns.ours(opened.names)
    return _back(run.id) if known else redirect(url_for("imports_desk.mapping", run_id=run.id), 303)


def _kept_mapping(db: Session, names: Sequence[str]) -> Mapping[str, str] | None:
    """The last time's mapping; a file of refused rows has two columns of ours at its end."""
    kept = queries.kept_mapping(db, columns.signature(names))
    return kept or queries.kept_mapping(db, columns.signature(names[:-2]))


def _list_page(form: UploadForm) -> Response | str:
    asked = listing.Asked(request.args)
    asked.only([])
    page = queries.page(reading_session(), asked.cursor())
    if page is None:
        return redirect(url_for("imports_desk.imports"))
    return render_template(
        "contracts/imports/list.html", form=form, page=page, notes=asked.notes, chip_of=words.run_chip,
        megabytes=MAX_BYTES // 1_000_000, max_rows=MAX_ROWS, may_import=guard.me().can(Act.CREATE_RECORDS),
    )  # fmt: skip


def _refused(form: UploadForm) -> tuple[str, int]:
    return _list_page(form), 422  # type: ignore[return-value]


def _columns_page(run: ImportRun, opened: Source, form: ColumnsForm) -> str:
    found = opened.examples()
    examples = [[row[place] for row in found if place < len(row) and row[place].strip()]
                for place in range(len(opened.names))]  # fmt: skip
    return render_template("contracts/imports/columns.html", run=run, form=form, examples=examples)


def _chosen(run: ImportRun, opened: Source) -> Mapping[str, str]:
    return columns.guesses(opened.names) | (run.mapping or {})


def _preview(opened: Source, placed: Mapping[str, int]) -> list[dict[str, Any]]:
    """The first rows as an import reads them; what the database knows better shows only in a dry run."""
    order = [placed.get(name, -1) for name in COLUMNS]
    held = ((number, record) for number, record in opened.records() if any(record))
    shown = []
    for number, record in islice(held, PREVIEWED):
        row, problems, contract = reader.judged(number, record, order, len(opened.names))
        price = Money(row.unit_minor, row.currency) if row else None
        told = [_sentence(each) for each in problems]
        shown.append({"number": number, "row": row, "contract": contract, "price": price, "problems": told})
    return shown


def _run_or_404(run_id: int) -> ImportRun:
    return queries.by_id(reading_session(), run_id) or abort(404)


def _opened_or_404(run: ImportRun) -> Source:
    """Its file, which may have been removed meanwhile."""
    path = files.path_of(current_app.extensions["settings"], run.stored) if run.stored else None
    if path is None or not path.exists():
        abort(404)
    return source.opened(path)


def _list_of(run: ImportRun) -> Path:
    assert run.stored is not None
    return refused.beside(files.path_of(current_app.extensions["settings"], run.stored), refused.LIST)


def _problem(run: ImportRun) -> str | None:
    if not run.problem:
        return None
    return words.file_problem(ImportUnreadable(run.problem["code"], **run.problem["facts"]))


def _sentence(problem: Any) -> str:
    field = str(words.COLUMN_NAMES.get(problem.field, problem.field))
    facts = problem.facts
    if problem.code == "bad_email" and not addresses.are_whole():
        facts = facts | {"value": "•••"}  # mistyped as it is, it still tells the address
    return addresses.shown(words.problem_at(field, problem.code, facts))


def _page_of(run_id: int, start: int) -> str:
    return f"{url_for('imports_desk.import_run', run_id=run_id)}?from={start}"


def _too_large() -> str:
    return words.file_problem(ImportUnreadable("too_large", limit=MAX_BYTES // 1_000_000))


def _back(run_id: int) -> Response:
    return redirect(url_for("imports_desk.import_run", run_id=run_id), 303)
