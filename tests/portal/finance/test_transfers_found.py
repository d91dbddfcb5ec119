"""Finance finds the transfer that a line of the bank may be about; what came in another currency; refunds sent."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from payments.transfers.models import Transfer
from portal.checkout import flows
from portal.kit import clock
from portal.kit.db import reading
from portal.orders.models import OrderState
from tests.fakes.gateway import FakeGateway
from tests.portal.checkout.support import ask_back, broken, exceptions_of, order_of, refund_of
from tests.portal.checkout.test_transfers import FINANCE, TODAY, account, awaited, limit, see
from tests.portal.finance.test_transfers_desk import R, signed_in
from tests.web import post_form

DESK = "/finance/transfers"


def listed(client: FlaskClient, q: str) -> list[str]:
    page = client.get(DESK, query_string={"q": q})
    assert page.status_code == 200
    return [each.split('"')[0] for each in page.text.split('data-row="transfer:')[1:]]


def test_a_transfer_is_found_by_what_the_statement_says(client: FlaskClient, gateway: FakeGateway) -> None:
    cny, _first = awaited()
    jpy, _second = awaited("JPY")
    kwd, third = awaited("KWD")
    see(third, line="BK/77 001")
    signed_in(client, R.FINANCE)
    minor = order_of(cny.number).total_minor
    plain = f"{minor // 100}.{minor % 100:02}"
    for q in (
        cny.number,
        cny.number.lower(),
        cny.number.replace("-", ""),
        plain,
        f"{minor // 100:,}.{minor % 100:02}",
    ):
        assert listed(client, q) == [cny.number], q
    assert listed(client, str(order_of(jpy.number).total_minor)) == [jpy.number]
    assert listed(client, "BK/77 001") == listed(client, " BK/77  001 ") == [kwd.number]
    assert sorted(listed(client, "")) == sorted([cny.number, jpy.number, kwd.number])


@pytest.mark.parametrize("q", ["0.001", "-1", "%", "' OR 1=1 --", "９９９９", "1e400", "\\", "9" * 200, "\u202e"])
def test_what_nobody_awaits_is_not_found(client: FlaskClient, gateway: FakeGateway, q: str) -> None:
    awaited()
    signed_in(client, R.FINANCE)
    assert listed(client, q) == []
    assert "No transfer that waits matches" in client.get(DESK, query_string={"q": q}).text


def test_money_of_another_currency_is_typed_and_held(client: FlaskClient, gateway: FakeGateway) -> None:
    made, transfer = awaited()
    limit(10**12, "USD")
    signed_in(client, R.FINANCE)
    sent = {"amount": "46,000.00", "currency": "usd", "value_date": "2026-11-22", "bank_reference": "L-9"}
    wrong = post_form(client, f"{DESK}/{transfer.id}/seen", **(sent | {"currency": "XXX"}))
    assert wrong.status_code == 422
    assert "Type a currency such as CNY." in wrong.text
    assert post_form(client, f"{DESK}/{transfer.id}/seen", **sent).status_code == 303
    with reading() as db:
        assert str(db.get_one(Transfer, transfer.id).received_currency) == "USD"
    assert order_of(made.number).state is OrderState.HELD
    assert exceptions_of(f"order:{made.number}") == {"held": None}
    assert broken() == []


def test_the_second_person_alone_reads_of_no_others(client: FlaskClient, gateway: FakeGateway) -> None:
    account()
    made, _transfer = awaited("JPY")
    signed_in(client, R.ADMIN)
    page = client.get(DESK)
    assert page.status_code == 200
    assert made.number not in page.text
    assert "No transfer waits for you" in page.text
    signed_in(client, R.DATA)
    assert client.get(DESK).status_code == 403


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"sent_on": "2026-11-23"}, "Choose a day between the yes to the refund and today."),
        ({"sent_on": "2026-11-21"}, "Choose a day between the yes to the refund and today."),
        ({"bank_reference": "OUT-1"}, "This line of the bank has sent another refund already."),
        ({"bank_reference": " "}, "Type the bank’s reference of the line."),
    ],
)
def test_what_finance_types_wrong_about_a_refund_is_told(
    client: FlaskClient, gateway: FakeGateway, changes: dict[str, str], sentence: str
) -> None:
    made, transfer = awaited()
    see(transfer)
    first, second = (ask_back(made, 5_000, source=f"bank:{transfer.reference}") for _turn in range(2))
    for refund_id in (first, second):
        flows.agree(refund_id, FINANCE)
    flows.refund_was_sent(first, "OUT-1", TODAY, FINANCE)
    signed_in(client, R.FINANCE)
    sent = {"sent_on": "2026-11-22", "bank_reference": "OUT-2"}
    page = post_form(client, f"/finance/refunds/{second}/sent", **(sent | changes))
    assert page.status_code == 422
    assert sentence in page.text
    assert post_form(client, f"/finance/refunds/{second}/sent", **sent).status_code == 303
    assert refund_of(second).state.value == "succeeded"
    assert post_form(client, "/finance/refunds/99999/sent", **sent).status_code == 404
    assert clock.day(clock.now(), "Asia/Shanghai") == TODAY
    assert broken() == []
