"""The demo where nobody can pay: no emulator, none that answers, or one with another payment page."""

from __future__ import annotations

import socket

import pytest
from flask import Flask
from sqlalchemy import select

from portal import demo
from portal.checkout import selfcheck
from portal.demo import LeftOut, paying, shopper
from portal.demo.plan import CLOSED_UNPAID, PLAN
from portal.kit.db import reading
from portal.orders.models import Order, OrderState
from portal.wiring import stripe_gateway
from tests.conftest import make_settings
from tests.fakes.emulator import Emulator

CLOSED = {OrderState.CANCELLED, OrderState.EXPIRED}


def paying_at(app: Flask, base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = make_settings(STRIPE_API_BASE=base, STRIPE_BROWSER_BASE=base)
    monkeypatch.setitem(app.extensions, "settings", settings)
    monkeypatch.setitem(app.extensions, "gateway", stripe_gateway(settings))


def orders_wait() -> bool:
    with reading() as db:
        states = [order.state for order in db.scalars(select(Order))]
        assert selfcheck.run(db) == []
    unpaid = sum(planned.story in CLOSED_UNPAID for planned in PLAN)
    closed = sum(state in CLOSED for state in states)
    return closed == unpaid and states.count(OrderState.AWAITING_PAYMENT) == len(PLAN) - unpaid


def test_orders_that_nobody_can_pay_wait(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        paying_at(app, f"http://127.0.0.1:{nobody.getsockname()[1]}", monkeypatch)
        done = app.test_cli_runner().invoke(app.cli, ["seed-demo"], catch_exceptions=False)
    assert done.exit_code == 0
    assert "did not answer" in done.output
    assert "renewal-demo-2026" in done.output
    assert orders_wait()
    assert not demo.is_wanted()
    with Emulator().serving() as base:
        paying_at(app, base, monkeypatch)
        assert paying.pay() is LeftOut.OTHER_PAGE
    assert orders_wait()
    monkeypatch.setitem(app.extensions, "settings", make_settings())
    assert paying.pay() is LeftOut.NO_EMULATOR


def test_a_page_that_does_not_answer_has_no_form() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        assert not shopper.can_choose(f"http://127.0.0.1:{nobody.getsockname()[1]}/")
