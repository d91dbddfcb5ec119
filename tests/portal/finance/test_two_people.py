"""Deciding about refunds: the question, whose yes is missing, who reads what; in both languages."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.accounts.models import Person, StaffRole
from portal.checkout import flows
from portal.checkout.models import MoneyLimit
from portal.kit import clock
from portal.kit.db import transaction
from tests import factories
from tests.fakes.gateway import FakeGateway
from tests.portal.checkout.support import ask_back, order_of, paid, refund_of, use
from tests.portal.home.pages import read
from tests.web import post_form

R = StaffRole


@pytest.fixture
def gateway(app: Flask) -> FakeGateway:
    return use(app)


def signed_in(client: FlaskClient, role: StaffRole, language: str = "en") -> str:
    with transaction() as db:
        who = factories.staff(db, role, f"{role.value}{db.query(Person).count()}@portal.example")
        db.get_one(Person, who.id).language = language
    factories.sign_in(client, who, clock.now())
    return f"person:{who.id}"


def limit(minor: int) -> None:
    with transaction() as db:
        db.add(
            MoneyLimit(
                currency="CNY", refund_minor=minor, transfer_minor=0, second_payment_minor=0,
                changed_by="person:1", changed_at=clock.now(),
            )
        )  # fmt: skip


def decide(client: FlaskClient, refund_id: int) -> str:
    answer = client.get(f"/finance/refunds/{refund_id}")
    assert answer.status_code == 200
    return " ".join(answer.text.split())


def test_the_question_names_amount_company_reason_and_the_ways(client: FlaskClient, gateway: FakeGateway) -> None:
    limit(10**9)
    made = paid(gateway)
    asked_by = signed_in(client, R.CS)
    refund_id = ask_back(made, 123_450, by=asked_by)
    assert client.get(f"/finance/refunds/{refund_id}").status_code == 403
    signed_in(client, R.FINANCE)
    listed = read(client.get("/finance/refunds"))
    link = listed.action("approve-refund", f"refund:{refund_id}")
    assert link is not None
    assert link["href"] == f"/finance/refunds/{refund_id}"
    text = decide(client, refund_id)
    for told in ("Refund CN¥1,234.50 to Aurora", "because", made.number, "Agree to refund CN¥1,234.50",
                 "Somebody of finance must agree.", "Decide later", 'data-action="refuse-refund"'):  # fmt: skip
        assert told in text, told
    assert text.count("btn-primary") == 1


@pytest.mark.parametrize(
    ("language", "question", "button", "missing", "told"),
    [
        (
            "en",
            "Refund CN¥1,000.00 to",
            "Agree to refund",
            "Two people must agree",
            "A second person must agree who",
        ),
        ("zh_Hans_CN", "退款 ¥1,000.00？", "同意退款", "须两人同意", "还需另一人同意，且不能是申请人"),
    ],
)
def test_in_both_languages(
    client: FlaskClient, gateway: FakeGateway, language: str, question: str, button: str, missing: str, told: str
) -> None:
    refund_id = ask_back(paid(gateway), 100_000)
    signed_in(client, R.FINANCE, language)
    text = decide(client, refund_id)
    assert question in text
    assert button in text
    assert missing in text
    post_form(client, f"/finance/refunds/{refund_id}/agree")
    after = client.get("/finance/refunds").text
    assert told in after
    assert 'data-action="approve-refund"' not in after


def test_the_second_yes_is_another_persons_and_double_clicks_change_nothing(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    made = paid(gateway)
    asker = signed_in(client, R.FINANCE)
    refund_id = ask_back(made, 100_000, by=asker)
    post_form(client, f"/finance/refunds/{refund_id}/agree")
    for _click in range(2):
        assert post_form(client, f"/finance/refunds/{refund_id}/agree").status_code == 303
        assert "somebody else must agree than who asked or agreed" in client.get("/finance/refunds").text
    assert refund_of(refund_id).state.value == "requested"
    signed_in(client, R.FINANCE)
    post_form(client, f"/finance/refunds/{refund_id}/agree")
    post_form(client, f"/finance/refunds/{refund_id}/agree")
    assert "Somebody was faster" in client.get("/finance/refunds").text
    assert refund_of(refund_id).state.value == "succeeded"
    assert gateway.calls.count("refund") == 1
    late = client.get(f"/finance/refunds/{refund_id}")
    assert (late.status_code, late.location) == (303, "/finance/refunds")


def test_who_is_asked_for_second_yes_reads_of_nothing_else(client: FlaskClient, gateway: FakeGateway) -> None:
    first, second = ask_back(paid(gateway), 100), ask_back(paid(gateway), 200)
    flows.agree(second, "person:902")
    done = ask_back(paid(gateway), 300)
    flows.agree(done, "person:902")
    flows.agree(done, "person:903")
    signed_in(client, R.ADMIN)
    assert read(client.get("/finance/refunds")).rows == [f"refund:{second}"]
    assert client.get(f"/finance/refunds/{first}").status_code == 403
    assert post_form(client, f"/finance/refunds/{first}/agree").status_code == 403
    assert post_form(client, f"/finance/refunds/{first}/refuse").status_code == 403
    decide(client, second)
    post_form(client, f"/finance/refunds/{second}/refuse")
    assert refund_of(second).state.value == "refused"
    assert read(client.get("/finance/refunds")).rows == [f"refund:{second}"]
    signed_in(client, R.AUDITOR)
    assert len(read(client.get("/finance/refunds")).rows) == 3
    assert client.get(f"/finance/refunds/{first}").status_code == 403


def test_a_provider_that_does_not_answer_is_told_and_asked_again(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    limit(10**9)
    made = paid(gateway)
    refund_id = ask_back(made, 100_000)
    signed_in(client, R.FINANCE)
    gateway.go_down()
    post_form(client, f"/finance/refunds/{refund_id}/agree")
    assert "the portal keeps asking by itself" in client.get("/finance/refunds").text
    assert refund_of(refund_id).state.value == "approved"
    flows.settle_refund(refund_id)
    assert refund_of(refund_id).state.value == "succeeded"
    assert order_of(made.number).state.value == "partly_refunded"


@pytest.mark.parametrize(
    "path",
    [
        "refunds/99999999999999999999/agree", "refunds/99999999999999999999/refuse",
        "exceptions/99999999999999999999/close", "refunds/7/agree", "transfers/99999999999999999999/agree",
    ],
)  # fmt: skip
def test_numbers_that_no_row_has(client: FlaskClient, app: Flask, path: str) -> None:
    signed_in(client, R.FINANCE)
    assert post_form(client, f"/finance/{path}").status_code == 404
    assert client.get("/finance/refunds/99999999999999999999").status_code == 404
