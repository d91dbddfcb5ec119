"""What staff hears of money that people must look at."""

from __future__ import annotations

from datetime import timedelta

import time_machine
from sqlalchemy import select, update

from portal.accounts.models import StaffRole
from portal.checkout import flows
from portal.contracts.models import Contract
from portal.kit.db import reading, transaction
from portal.kit.mail import Mail
from portal.orders.models import CancelledBy
from tests import factories
from tests.conftest import NOW
from tests.fakes.gateway import FakeGateway
from tests.portal.checkout.support import (
    Renewal,
    handle,
    open_page,
    order_of,
    renewal,
    run_jobs,
    settle,
    tell,
)

COMPLETED = "checkout.session.completed"


def people(made: Renewal | None = None) -> None:
    """An account owner, two in finance of whom one left, and somebody whom money does not concern."""
    with transaction() as db:
        owner = factories.staff(db, StaffRole.CS)
        factories.staff(db, StaffRole.FINANCE, language="zh_Hans_CN")
        factories.staff(db, StaffRole.FINANCE, email="gone@portal.example", active=False)
        factories.staff(db, StaffRole.DATA)
        if made:
            db.execute(update(Contract).where(Contract.id == made.contract_id).values(owner_id=owner.id))


def letters(kind: str) -> dict[str, Mail]:
    with reading() as db:
        rows = db.scalars(select(Mail).where(Mail.kind == kind)).all()
    assert len(rows) == len({row.to_email for row in rows}), "each reader has one letter"
    return {row.to_email: row for row in rows}


def test_a_held_order_is_told_to_its_owner_and_to_finance(gateway: FakeGateway) -> None:
    made = renewal()
    people(made)
    session = open_page(made)
    gateway.sessions[session].amount = 4_000
    gateway.pay(session)
    for _again in range(2):
        settle(made)
        run_jobs()
    got = letters("desk.order_held")
    assert set(got) == {"cs@portal.example", "finance@portal.example"}
    owners = got["cs@portal.example"]
    for part in (
        made.number, "Aurora", "CN¥40.00", "The amount differs", f"http://localhost/desk/orders/{made.number}",
    ):  # fmt: skip
        assert part in owners.text
    assert got["finance@portal.example"].language == "zh_Hans_CN"
    assert "http://localhost/desk/orders" in got["finance@portal.example"].html
    (customers,) = letters("order.held").values()
    assert "Amount received: CN¥40.00" in customers.text
    assert "Amount expected: CN¥" in customers.text
    assert "Total" not in customers.text


def test_nobody_owns_the_contract_and_finance_still_hears(gateway: FakeGateway) -> None:
    made = renewal()
    people()
    session = open_page(made)
    flows.cancel(made.number, made.payer, CancelledBy.CUSTOMER)
    gateway.pay(session)
    settle(made)
    run_jobs()
    assert set(letters("desk.order_held")) == {"finance@portal.example"}


def test_money_without_an_order_is_told_to_finance(gateway: FakeGateway) -> None:
    people()
    stranger = gateway.stranger(5_000, reference="RNW-2025-000001")
    gateway.pay(stranger.id)
    for number in range(2):
        tell(gateway, COMPLETED, stranger.id, f"evt_s{number}")
        handle()
        run_jobs()
    got = letters("desk.money_unmatched")
    assert set(got) == {"finance@portal.example"}
    text = got["finance@portal.example"].text
    for part in ("50.00", f"ch_{stranger.id}", "RNW-2025-000001", "/finance/payments?unmatched=1"):
        assert part in text


def test_a_second_payment_is_told_to_finance(gateway: FakeGateway) -> None:
    made = renewal()
    people(made)
    first = open_page(made)
    gateway.expire(first)
    settle(made)
    second = open_page(made)
    gateway.pay(second)
    settle(made)
    gateway.pay(first)
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        tell(gateway, COMPLETED, first)
        handle()
        run_jobs()
    got = letters("desk.money_unmatched")
    assert set(got) == {"finance@portal.example"}
    assert f"/desk/orders/{made.number}" in got["finance@portal.example"].text
    assert order_of(made.number).held_reason is None
