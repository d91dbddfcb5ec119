"""How a contract's next price is found, and its special price: what its page shows, and where it is changed."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from portal.contracts import book
from portal.contracts import queries as contracts
from portal.contracts.models import Contract
from portal.kit import clock, guard
from portal.kit.db import reader, transaction
from portal.kit.errors import Refusal
from portal.kit.guard import Act, needs
from portal.kit.i18n import named
from portal.pricing import actions, errors, queries, rules, words
from portal.pricing.desk.blueprint import blueprint, mine, today
from portal.pricing.forms import RenewalForm, Versioned

_FIELDS: dict[type[Refusal], str] = {errors.NoRate: "rate", errors.ProductNotInContract: "product"}


@blueprint.app_template_global("agreed_with")
def agreed_with(contract: Contract) -> dict[str, Any]:
    """What the desk's page of a contract shows of its next price; empty for those who may see no prices."""
    me = guard.me()
    if not me.can(Act.READ_PRICES):
        return {}
    db, on = reader(), today()
    mine = book.is_mine(contract)
    return {
        "renewals": _rows(contract),
        "specials": [
            {"row": row, "chip": words.special_chip(row, on)} for row in queries.specials_of(db, contract.id)
        ],
        "may_agree": me.can(Act.PUBLISH_PRICES),
        "may_propose": me.can(Act.PROPOSE_SPECIAL) and mine,
    }


def _rows(contract: Contract) -> list[dict[str, str]]:
    products = _products(contract)
    return [
        {
            "product": row.product_code or "", "name": products.get(row.product_code or "", _("Every product")),
            "text": words.agreement(row),
        }
        for row in queries.renewals_of(reader(), contract.id)
    ]  # fmt: skip


@blueprint.get("/desk/contracts/<number>/next-price")
@needs(Act.PUBLISH_PRICES)
def renewal(number: str) -> str:
    """What is agreed, and the form that changes it."""
    contract = mine(number)
    data = {"method": rules.Method.UPLIFT, "pick": rules.Pick.LESSER}
    return _page(contract, _form(contract, formdata=None, data=data))


@blueprint.post("/desk/contracts/<number>/next-price")
@needs(Act.PUBLISH_PRICES)
def agree_renewal(number: str) -> Response | tuple[str, int]:
    contract = mine(number)
    form = _form(contract)
    if not form.holds():
        return _page(contract, form), 422
    try:
        with transaction() as db:
            held = _as_read(db, contract, form.seen_version)
            changed = actions.agree_renewal(db, held, form.row(), guard.me().ref, clock.now())
    except Refusal as refused:
        form.refuse(words.refusal(refused), _FIELDS.get(type(refused)))
        reader().expire_all()
        return _page(mine(number), form), 409 if isinstance(refused, errors.ChangedMeanwhile) else 422
    saved, as_before = _("Saved. Quotes that were made before no longer hold."), _("That is agreed already.")
    flash(saved if changed else as_before, "success")
    return redirect(url_for("contracts_desk.contract", number=number), 303)


@blueprint.post("/desk/contracts/<number>/next-price/drop")
@needs(Act.PUBLISH_PRICES)
def drop_renewal(number: str) -> Response:
    """Back to the price book, for one product or all."""
    contract = mine(number)
    try:
        with transaction() as db:
            held = _as_read(db, contract, Versioned().seen_version)
            product = request.form.get("product") or None
            if actions.drop_renewal(db, held, product, guard.me().ref, clock.now()):
                flash(_("Taken back. Quotes that were made before no longer hold."), "success")
    except Refusal as refused:
        flash(words.refusal(refused), "warning")
    return redirect(url_for(".renewal", number=number), 303)


def _as_read(db: Session, contract: Contract, rev: int) -> Contract:
    """The contract, held. Raises ChangedMeanwhile when what its price comes from is not as the page was read."""
    held = contracts.lock(db, contract.id)
    if held.rev != rev:
        raise errors.ChangedMeanwhile
    return held


def _products(contract: Contract) -> dict[str, str]:
    return {line.product_code: named(line.product.names) for line in contracts.last_term(contract).lines}


def _form(contract: Contract, **given: Any) -> RenewalForm:
    return RenewalForm(_products(contract).items(), queries.series(reader()), **given)


def _page(contract: Contract, form: RenewalForm) -> str:
    form.version.data = str(contract.rev)
    return render_template("pricing/next_price.html", contract=contract, form=form, rows=_rows(contract))
