from __future__ import annotations

import pytest
from sqlalchemy import delete, select

from portal.accounts.models import CompanyRole
from portal.checkout import flows, jobs, words
from portal.checkout.errors import AlreadyPaid, OrderNotPayable, PaymentUnavailable
from portal.documents.models import Receipt
from portal.kit import clock, i18n, outbox
from portal.kit.db import transaction
from portal.kit.events import Told
from portal.kit.mail import Mail
from portal.orders.models import OrderState
from tests import factories
from tests.fakes.gateway import FakeGateway
from tests.portal.checkout.support import Renewal, renewal


def run_jobs() -> None:
    while outbox.run_due():
        pass


def letters() -> dict[str, Mail]:
    with transaction() as db:
        return {mail.to_email: mail for mail in db.scalars(select(Mail))}


def settle(gateway: FakeGateway, made: Renewal) -> None:
    flows.pay(made.number, made.payer, clock.now())
    gateway.pay(gateway.newest.id)
    flows.settle_order(made.number)


def add(made: Renewal, role: CompanyRole, email: str, **changes: object) -> None:
    from portal.accounts.models import Company  # noqa: PLC0415

    with transaction() as db:
        factories.member(db, db.get_one(Company, made.company_id), role, email=email, **changes)


def test_each_reader_gets_one_mail_in_their_language(gateway: FakeGateway) -> None:
    made = renewal()
    add(made, CompanyRole.BILLING, "billing@aurora.example", language="zh_Hans_CN")
    add(made, CompanyRole.PAYER, "payer@aurora.example", language=None)
    add(made, CompanyRole.VIEWER, "viewer@aurora.example")
    add(made, CompanyRole.RENEWER, "renewer@aurora.example")
    add(made, CompanyRole.PAYER, "gone@aurora.example", active=False)
    settle(gateway, made)
    run_jobs()
    run_jobs()
    got = letters()
    assert len(got) == 3
    assert {"billing@aurora.example", "payer@aurora.example"} < set(got)
    assert got["billing@aurora.example"].language == "zh_Hans_CN"
    assert "2028年12月12日" in got["billing@aurora.example"].text
    assert got["payer@aurora.example"].language == "en"


def test_whoever_placed_the_order_hears_of_it_even_if_they_may_not_pay(gateway: FakeGateway) -> None:
    from sqlalchemy import update  # noqa: PLC0415

    from portal.accounts.models import Person  # noqa: PLC0415
    from portal.orders.models import Order  # noqa: PLC0415

    made = renewal()
    add(made, CompanyRole.RENEWER, "renewer@aurora.example")
    with transaction() as db:
        renewer = db.scalars(select(Person).where(Person.email == "renewer@aurora.example")).one()
        db.execute(update(Order).values(placed_by=f"person:{renewer.id}"))
    run_jobs()
    assert "renewer@aurora.example" in letters()


def test_a_mail_about_a_paid_order_without_receipt_is_tried_again(gateway: FakeGateway) -> None:
    made = renewal()
    settle(gateway, made)
    with transaction() as db:
        db.execute(delete(Receipt))
    told = Told(f"order:{made.number}", "1", {"number": made.number})
    with pytest.raises(LookupError):
        jobs.mail_order_paid(told)
    with pytest.raises(LookupError):
        jobs.mail_order_held(Told("order:x", "1", {"number": "RNW-2026-000404"}))


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (
            "insufficient_funds",
            "Your bank declined the payment for lack of funds. No money was taken; try another card.",
        ),
        ("generic_decline", "Your bank declined the card. No money was taken; try another card."),
        ("a_code_of_tomorrow", "The payment did not go through. No money was taken; try another card."),
        (None, "The payment did not go through. No money was taken; try another card."),
    ],
)
def test_every_decline_has_a_sentence(app: object, code: str | None, sentence: str) -> None:
    with i18n.speaking("en"):
        assert words.failure(code) == sentence


@pytest.mark.parametrize(
    ("error", "part"),
    [
        (PaymentUnavailable("RNW-1"), "We cannot reach Stripe. No payment was started"),
        (PaymentUnavailable("RNW-1", "refused", "amount_too_large"), "cannot take this amount"),
        (PaymentUnavailable("RNW-1", "refused", "x"), "cannot take this payment"),
        (AlreadyPaid("RNW-1"), "already paid. Nothing more was charged"),
        (OrderNotPayable("RNW-1", OrderState.PROCESSING), "do not pay again"),
        (OrderNotPayable("RNW-1", OrderState.HELD), "No payment was started"),
    ],
)
def test_every_refusal_says_where_the_money_is(app: object, error: Exception, part: str) -> None:
    with i18n.speaking("en"):
        assert part in words.refusal(error)  # type: ignore[arg-type]


def test_a_hold_without_a_known_reason_still_says_what_happens(app: object) -> None:
    with i18n.speaking("en"):
        assert words.held("reference") == "We are checking your payment; we hold the order and call you."
        assert "amount paid differs" in words.held("amount")
