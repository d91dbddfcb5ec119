"""Bank transfer by its pages: the customer's choice and slip, finance's accounts and transfers."""

from __future__ import annotations

import io

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.accounts.models import CompanyRole, Membership, Person, StaffRole
from portal.kit.db import reading, transaction
from portal.kit.mail import Mail
from portal.orders.models import OrderState
from tests import factories
from tests.fakes.gateway import FakeGateway
from tests.portal.checkout.support import Renewal, broken, order_of, renewal, run_jobs
from tests.web import csrf_token, post_form

R = StaffRole
ACCOUNT = {
    "currency": "CNY", "holder": "Tidewell 潮汐", "bank": "Bank of Shanghai", "number": "6222 0000 1111",
    "routing": "BOSHCNSH", "note": "",
}  # fmt: skip
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 100


def signed_in(client: FlaskClient, role: StaffRole, email: str | None = None) -> None:
    with transaction() as db:
        who = factories.staff(db, role, email)
    factories.sign_in(client, who)


def as_owner(client: FlaskClient, made: Renewal) -> Person:
    with reading() as db:
        wanted = select(Person).join(Membership, Membership.person_id == Person.id)
        who = db.scalars(wanted.where(Membership.company_id == made.company_id)).first()
    assert who is not None
    factories.sign_in(client, who)
    return who


def slip(client: FlaskClient, number: str, content: bytes, name: str) -> TestResponse:
    return client.post(
        f"/orders/{number}/slips", data={"csrf_token": csrf_token(client), "slip": (io.BytesIO(content), name)}
    )


def chosen(client: FlaskClient) -> Renewal:
    """A customer who pays by transfer."""
    signed_in(client, R.FINANCE)
    post_form(client, "/finance/accounts", **ACCOUNT)
    made = renewal()
    as_owner(client, made)
    post_form(client, f"/orders/{made.number}/transfer")
    return made


def test_the_desk_does_not_send_anybody_to_stripe_for_a_transfer(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    made = chosen(client)
    signed_in(client, R.CS)
    page = client.get(f"/desk/orders/{made.number}").text
    assert "Bank transfer chosen" in page
    assert "Waiting on Stripe" not in page
    assert 'data-action="check-order"' not in page


def test_the_whole_way_from_choice_to_receipt(client: FlaskClient, gateway: FakeGateway) -> None:
    made = chosen(client)
    order = order_of(made.number)
    page = client.get(f"/orders/{made.number}").text
    for fact in ("6222 0000 1111", "BOSHCNSH", f'data-value="{order.total_minor}"', made.number):
        assert fact in page
    assert slip(client, made.number, PNG, "..\\..\\slip<b>.png").status_code == 303
    page = client.get(f"/orders/{made.number}").text
    assert "slip&lt;b&gt;.png" in page
    signed_in(client, R.FINANCE, "two@portal.example")
    desk = client.get("/finance/transfers").text
    assert made.number in desk
    transfer_id = desk.split("/finance/transfers/")[1].split("/")[0]
    sent = {"amount": "46,000.00", "value_date": "2026-11-22", "bank_reference": "L-1"}
    assert post_form(client, f"/finance/transfers/{transfer_id}/seen", **sent).status_code == 303
    assert "Waits for a second yes" in client.get("/finance/transfers").text
    post_form(client, f"/finance/transfers/{transfer_id}/agree")
    assert order_of(made.number).state is OrderState.AWAITING_TRANSFER
    signed_in(client, R.ADMIN)
    second = client.get("/finance/transfers").text
    assert f'action="/finance/transfers/{transfer_id}/agree"' in second
    assert "/slips/" not in second
    post_form(client, f"/finance/transfers/{transfer_id}/agree")
    assert made.number in client.get("/finance/transfers").text
    assert order_of(made.number).state is OrderState.PAID
    run_jobs()
    owner = as_owner(client, made)
    assert "Bank transfer" in client.get(f"/orders/{made.number}").text
    with reading() as db:
        kinds = set(db.scalars(select(Mail.kind).where(Mail.to_email == owner.email)))
    assert "order.paid" in kinds
    assert broken() == []
    signed_in(client, R.AUDITOR)
    text = client.get("/finance/payments").text
    assert made.number in text
    assert client.get("/finance/payments/totals").status_code == 200


def test_the_letter_says_what_to_write_where(client: FlaskClient, gateway: FakeGateway) -> None:
    made = chosen(client)
    run_jobs()
    with reading() as db:
        letter = db.scalars(select(Mail).where(Mail.kind == "order.awaits_transfer")).one()
    assert "6222 0000 1111" in letter.text
    assert made.number in letter.text


@pytest.mark.parametrize(
    ("content", "name"),
    [(b"<html><script>alert(1)</script>", "slip.png"), (b"", "slip.pdf"), (b"PK\x03\x04", "slip.docx")],
)
def test_what_is_no_slip_is_not_kept(client: FlaskClient, gateway: FakeGateway, content: bytes, name: str) -> None:
    made = chosen(client)
    slip(client, made.number, content, name)
    page = client.get(f"/orders/{made.number}").text
    assert "Send a PDF, PNG or JPEG file." in page
    assert name not in page


def test_a_slip_is_a_download_for_its_own_people_only(client: FlaskClient, gateway: FakeGateway) -> None:
    made = chosen(client)
    slip(client, made.number, PNG + b"<script>", "slip.png")
    page = client.get(f"/orders/{made.number}").text
    path = page.split(f'href="/orders/{made.number}/slips/')[1].split('"')[0]
    mine = f"/orders/{made.number}/slips/{path}"
    sent = client.get(mine)
    assert sent.data == PNG + b"<script>"
    assert sent.headers["Content-Disposition"].startswith("attachment")
    assert (sent.mimetype, sent.headers["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert "sandbox" in sent.headers["Content-Security-Policy"]
    other = renewal()
    as_owner(client, other)
    assert client.get(mine).status_code == 404
    assert client.get(f"/orders/{other.number}/slips/{path}").status_code == 404
    assert slip(client, made.number, PNG, "slip.png").status_code == 404
    signed_in(client, R.DATA)
    assert client.get(f"/desk{mine}").status_code == 403
    signed_in(client, R.CS)
    assert client.get(f"/desk{mine}").status_code == 200


def test_six_slips_are_one_too_many(client: FlaskClient, gateway: FakeGateway) -> None:
    made = chosen(client)
    for _turn in range(6):
        slip(client, made.number, PNG, "slip.png")
    page = client.get(f"/orders/{made.number}").text
    assert "We have enough slips" in page
    assert page.count(f"/orders/{made.number}/slips/") == 5


def test_without_an_account_the_choice_is_not_there(client: FlaskClient, gateway: FakeGateway) -> None:
    made = renewal()
    as_owner(client, made)
    assert 'data-action="pay-by-transfer"' not in client.get(f"/orders/{made.number}").text
    post_form(client, f"/orders/{made.number}/transfer")
    assert "not offered for this currency" in client.get(f"/orders/{made.number}").text


def test_a_viewer_and_a_renewer_do_not_choose(client: FlaskClient, gateway: FakeGateway) -> None:
    made = chosen(client)
    for role in (CompanyRole.VIEWER, CompanyRole.RENEWER):
        with transaction() as db:
            from portal.accounts.models import Company  # noqa: PLC0415

            who = factories.member(db, db.get_one(Company, made.company_id), role)
        factories.sign_in(client, who)
        assert post_form(client, f"/orders/{made.number}/transfer/back").status_code in {403, 404}
        assert ("6222 0000 1111" in client.get(f"/orders/{made.number}").text) is (role is CompanyRole.RENEWER)


def test_accounts_are_finances_and_are_closed_not_changed(client: FlaskClient, gateway: FakeGateway) -> None:
    signed_in(client, R.AUDITOR)
    assert client.get("/finance/accounts").status_code == 200
    assert post_form(client, "/finance/accounts", **ACCOUNT).status_code == 403
    signed_in(client, R.FINANCE)
    wrong = post_form(client, "/finance/accounts", **(ACCOUNT | {"number": " ", "currency": "XXX"}))
    assert wrong.status_code == 422
    assert "Type the account number." in wrong.text
    assert "Bank of Shanghai" in wrong.text
    post_form(client, "/finance/accounts", **ACCOUNT)
    page = client.get("/finance/accounts").text
    account_id = page.split('data-row="account:')[1].split('"')[0]
    post_form(client, f"/finance/accounts/{account_id}/close")
    assert 'data-action="close-account"' not in client.get("/finance/accounts").text


def test_a_change_is_read_from_now_on_and_once(client: FlaskClient, gateway: FakeGateway) -> None:
    made = chosen(client)
    signed_in(client, R.FINANCE, "two@portal.example")
    page = client.get("/finance/accounts").text
    account_id = page.split('data-row="account:')[1].split('"')[0]
    change = f"/finance/accounts/{account_id}/change"
    asked = client.get(change).text
    for told in (
        'value="6222 0000 1111"',
        'value="BOSHCNSH"',
        '<option selected value="CNY">',
        "Do not change it",
    ):
        assert told in asked, told
    wrong = post_form(client, change, **(ACCOUNT | {"bank": ""}))
    assert wrong.status_code == 422
    assert "The account was not changed." in wrong.text
    new = ACCOUNT | {"number": "6222 0000 2222"}
    assert post_form(client, change, **new).status_code == 303
    assert post_form(client, change, **(new | {"number": "6222 0000 3333"})).status_code == 303
    page = client.get("/finance/accounts").text
    assert "Somebody was faster" in page
    assert "3333" not in page
    assert page.count('data-action="close-account"') == 1
    assert client.get(change).status_code == 303
    assert client.get("/finance/accounts/99999/change").status_code == 404
    assert post_form(client, "/finance/accounts/99999/change", **new).status_code == 404
    as_owner(client, made)
    assert "6222 0000 1111" in client.get(f"/orders/{made.number}").text
    post_form(client, f"/orders/{made.number}/transfer/back")
    post_form(client, f"/orders/{made.number}/transfer")
    assert "6222 0000 2222" in client.get(f"/orders/{made.number}").text
    signed_in(client, R.AUDITOR)
    assert client.get(change).status_code == 403


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"amount": "abc"}, "Type an amount such as"),
        ({"amount": "0"}, "Type an amount such as"),
        ({"value_date": "2026-11-23"}, "Choose a day between the order and today."),
        ({"value_date": "yesterday"}, 'id="value_date-'),
        ({"bank_reference": ""}, "Type the bank’s reference of the line."),
    ],
)
def test_what_finance_types_wrong_is_told_and_kept(
    client: FlaskClient, gateway: FakeGateway, changes: dict[str, str], sentence: str
) -> None:
    made = chosen(client)
    signed_in(client, R.FINANCE, "two@portal.example")
    transfer_id = client.get("/finance/transfers").text.split("/finance/transfers/")[1].split("/")[0]
    sent = {"amount": "46,000.00", "value_date": "2026-11-22", "bank_reference": "L-77"} | changes
    page = post_form(client, f"/finance/transfers/{transfer_id}/seen", **sent)
    assert page.status_code == 422
    assert sentence in page.text
    assert sent["bank_reference"] in page.text
    assert order_of(made.number).state is OrderState.AWAITING_TRANSFER
