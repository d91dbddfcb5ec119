"""Pay by bank transfer: choose it, read what to write where, show a slip, or go back to paying at once."""

from __future__ import annotations

from contextlib import closing

from flask import Response as FlaskResponse
from flask import abort, current_app, flash, request
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from payments.errors import GatewayError, PaymentsError
from portal.checkout import flows
from portal.checkout import queries as checkout
from portal.checkout import words as checkout_words
from portal.checkout.errors import AlreadyPaid, NoAccount, OrderNotPayable, TransferSeen
from portal.checkout.flows import SLIP_MAX, media_of
from portal.home.views.blueprint import blueprint
from portal.home.views.payment import find, order_page
from portal.kit import clock, files, guard, web
from portal.kit.db import reader
from portal.kit.guard import Act, needs
from portal.kit.settings import Settings


@blueprint.post("/orders/<number>/transfer", endpoint="pay_by_transfer")
@needs(Act.PAY)
def pay_by_transfer(number: str) -> Response:
    return choose_transfer(find(number, Act.PAY).number)


def choose_transfer(number: str) -> Response:
    """Let this order wait for a transfer; to its page, which says what to write where, or why not."""
    try:
        flows.pay_by_transfer(number, guard.me().ref, clock.now())
    except NoAccount:
        flash(_("Bank transfer is not offered for this currency; ask us and we help."), "warn")
    except (AlreadyPaid, OrderNotPayable) as error:
        flash(checkout_words.refusal(error), "ok" if isinstance(error, AlreadyPaid) else "warn")
    except GatewayError:
        flash(_("We cannot reach Stripe to close its page, so nothing was changed; try again soon."), "danger")
    return order_page(number)


@blueprint.post("/orders/<number>/transfer/back", endpoint="pay_at_once")
@needs(Act.PAY)
def pay_at_once(number: str) -> Response:
    find(number, Act.PAY)
    try:
        flows.pay_at_once(number, guard.me().ref, clock.now())
    except TransferSeen:
        flash(_("We have found your transfer and are checking it; do not pay again."), "ok")
    return order_page(number)


@blueprint.post("/orders/<number>/slips", endpoint="send_slip")
@needs(Act.PAY)
@web.takes_files(SLIP_MAX)
def send_slip(number: str) -> Response:
    """Keep a slip, whatever it is called, if its first bytes say that it is a paper or a picture."""
    find(number, Act.PAY)
    given = request.files.get("slip")
    if given is None or not given.filename:
        flash(_("Choose a file first."), "warn")
        return order_page(number)
    with closing(given):
        flash(*_keep(number, given))
    return order_page(number)


def _keep(number: str, given: FileStorage) -> tuple[str, str]:
    """Keep the slip; what to say, and what kind of news it is."""
    try:
        kind = flows.slip_kind(given.stream.read(16))
        given.stream.seek(0)
        stored, size = files.keep(_settings(), given.stream, SLIP_MAX, files.SLIPS)  # type: ignore[arg-type]
    except (PaymentsError, files.FileEmpty):
        return _("Send a PDF, PNG or JPEG file."), "warn"
    except (files.FileTooLarge, files.NoSpace):
        return _("The file is too large; send one of up to 10 MB."), "warn"
    try:
        flows.keep_slip(number, stored, str(given.filename), kind, size, guard.me().ref)
    except (PaymentsError, LookupError):
        files.remove(_settings(), stored, files.SLIPS)
        return _("We have enough slips for this transfer, or none is awaited any more."), "warn"
    return _("Thank you; finance sees your slip with the transfer."), "ok"


@blueprint.get("/orders/<number>/slips/<id:slip_id>", endpoint="slip")
@needs(Act.SEE_PRICES)
def slip(number: str, slip_id: int) -> FlaskResponse:
    find(number, Act.SEE_PRICES)
    return slip_file(number, slip_id)


@blueprint.get("/desk/orders/<number>/slips/<id:slip_id>", endpoint="desk_slip")
@needs(Act.SEE_PAYMENTS)
def desk_slip(number: str, slip_id: int) -> FlaskResponse:
    return slip_file(number, slip_id)


def slip_file(number: str, slip_id: int) -> FlaskResponse:
    """The slip as a download: never shown as a page, whatever stands in it."""
    found = checkout.slip_of(reader(), number, slip_id)
    if found is None:
        abort(404)
    name = f"slip-{number}-{slip_id}.{found.kind}"
    return web.download(files.SLIPS, found.stored, name, media_of(found.kind))


def _settings() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found
