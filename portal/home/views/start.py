"""Where people begin, the language switch, and the pages that everybody may read."""

from __future__ import annotations

from flask import redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from portal.accounts import actions as accounts
from portal.accounts.rules import start_path
from portal.home import queries, rules
from portal.home.views.blueprint import blueprint
from portal.kit import guard, i18n
from portal.kit.db import reader, transaction
from portal.kit.guard import Act, Door, needs
from portal.kit.web import back_to


@blueprint.get("/")
@needs(Door.PUBLIC)
def start() -> Response:
    """To the place where this person's work is."""
    actor = guard.current()
    return redirect(start_path(actor.staff_role) if actor else url_for("security.login"))


@blueprint.post("/language")
@needs(Door.PUBLIC)
def set_language() -> Response:
    """Speak another language from now on, on this device and for this person."""
    language = i18n.find(request.form.get("to"))
    if language:
        session["language"] = language.code
        actor = guard.current()
        if actor:
            with transaction() as db:
                accounts.choose_language(db, actor.id, language.code)
    return redirect(back_to(request.form.get("next"), url_for("home.start")), 303)


@blueprint.get("/support")
@needs(Door.PUBLIC)
def support() -> str:
    """Whom to ask. `about` in the address: the order that somebody came from."""
    actor, about = guard.current(), request.args.get("about", "")
    companies = actor.companies_for(Act.SEE_CONTRACTS) if actor else []
    return render_template(
        "home/support.html",
        about=about if rules.is_order_number(about) else None,
        contacts=queries.contacts(reader(), companies) if companies else [],
    )


@blueprint.get("/terms")
@needs(Door.PUBLIC)
def terms() -> str:
    return render_template("home/terms.html", version=rules.TERMS_VERSION, valid_from=rules.TERMS_ON)


@blueprint.get("/privacy")
@needs(Door.PUBLIC)
def privacy() -> str:
    return render_template("home/privacy.html")
