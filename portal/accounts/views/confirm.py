"""The page on which people show once more that it is they, when no form is waiting."""

from __future__ import annotations

from flask import redirect, request
from werkzeug.wrappers import Response

from portal.accounts.factors.forms import AgainForm
from portal.accounts.signin import confirming
from portal.accounts.views.blueprint import blueprint
from portal.kit import web
from portal.kit.guard import Door, needs


@blueprint.post("/confirm")
@needs(Door.SETTING_UP)
def confirm() -> Response | tuple[str, int]:
    """Take the proof, then go back to where the button was pressed."""
    onward = web.back_to(request.form.get("next"), "/")
    form = AgainForm()
    if not confirming.accept(form):
        return confirming.page(form, onward), 400
    confirming.thank()
    return redirect(onward)
