"""T8 and R18 (woo #3995, PrestaShop #24877, gumroad PR 7531): the sealed price is the price that is paid."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import update

from payments.charges.models import AttemptState
from portal.kit import clock
from portal.kit.db import transaction
from portal.orders import actions as orders
from portal.orders.errors import QuoteNotAcceptable
from portal.orders.models import CancelledBy, Order, OrderState
from portal.pricing import actions as pricing
from portal.pricing import queries as quotes
from portal.pricing.models import Price, Quote, TaxRate
from tests.conftest import NOW
from tests.fakes.gateway import FakeGateway
from tests.portal.checkout.support import broken, open_page, order_of, renewal, settle, terms_of


def dearer() -> None:
    """Staff double every list price and the tax, from now on."""
    with transaction() as db:
        db.execute(update(Price).values(unit_minor=Price.unit_minor * 2))
        db.execute(update(TaxRate).values(basis_points=TaxRate.basis_points * 2))


def test_t8_a_price_edit_between_order_and_payment_changes_nothing(gateway: FakeGateway) -> None:
    made = renewal()
    sealed = order_of(made.number).quote
    dearer()
    session = open_page(made)
    assert gateway.newest.amount == sealed.total_minor
    gateway.pay(session)
    assert settle(made) is AttemptState.SUCCEEDED
    assert order_of(made.number).total_minor == sealed.total_minor
    paid = terms_of(made.contract_id)[-1]
    assert [line.unit_minor for line in paid.lines] == [
        line["paid_unit_minor"] for line in sealed.document["lines"]
    ]
    assert broken() == []


def _next_quote(number: str) -> tuple[Quote, str]:
    """Cancel the order and seal today's price for its contract."""
    with transaction() as db:
        order = db.get_one(Order, order_of(number).id)
        orders.cancel(db, order, "person:1", CancelledBy.CUSTOMER, clock.now())
        return pricing.seal(db, order.contract, 12, None, "person:1", clock.now()), order.placed_email


def test_r18_a_held_price_is_honoured_until_it_expires_and_not_an_instant_longer(gateway: FakeGateway) -> None:
    quote, email = _next_quote(renewal().number)
    dearer()
    with time_machine.travel(quote.valid_until - timedelta(seconds=1), tick=False), transaction() as db:
        held = quotes.quote(db, quote.id)
        assert held
        order = orders.place(db, held, "person:1", email, None, "2026-03", clock.now())
        assert order.total_minor == quote.total_minor
        db.rollback()
    with time_machine.travel(quote.valid_until, tick=False), transaction() as db:
        late = quotes.quote(db, quote.id)
        assert late
        with pytest.raises(QuoteNotAcceptable):
            orders.place(db, late, "person:1", email, None, "2026-03", clock.now())


def test_r18_today_costs_todays_price(gateway: FakeGateway) -> None:
    made = renewal(months=12)
    sealed = order_of(made.number).quote
    dearer()
    quote, _email = _next_quote(made.number)
    assert quote.total_minor == 2 * sealed.total_minor
    assert order_of(made.number).state is OrderState.CANCELLED
    assert quote.quoted_on == clock.day(NOW, "Asia/Shanghai")
