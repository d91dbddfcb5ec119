"""Staff make a quote, look at it, and send it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from portal.accounts.models import CompanyRole, Membership, MemberState, StaffRole
from portal.audit import actions as audit
from portal.contracts.models import Contract
from portal.kit import mail, outbox
from portal.kit.db import reading, transaction
from portal.kit.events import Switchboard, Told
from portal.kit.mail import Mail
from portal.pricing import jobs, queries
from portal.pricing.events import QuoteSent
from portal.pricing.models import Quote
from tests import factories
from tests.conftest import NOW
from tests.portal.pricing.scene import Scene, sealed, staged
from tests.web import post_form


@pytest.fixture
def board(monkeypatch: pytest.MonkeyPatch) -> Switchboard:
    """A switchboard on which only this room's mail hangs."""
    board = Switchboard()
    board.react(QuoteSent, "pricing.mail_quote_sent", jobs.mail_quote_sent)
    board.job(mail.SEND, mail.send)
    monkeypatch.setattr(outbox, "switchboard", board)
    return board


@pytest.fixture
def scene(client: FlaskClient) -> Scene:
    found = staged()
    factories.sign_in(client, found.cs)
    return found


def page(of: Scene) -> str:
    return f"/desk/contracts/{of.contract.number}/quote"


def mails() -> list[Mail]:
    with reading() as db:
        return list(db.scalars(select(Mail).order_by(Mail.id)))


def test_the_form_shows_a_price_for_each_term(client: FlaskClient, scene: Scene) -> None:
    found = client.get(page(scene))
    assert found.status_code == 200
    for figure in ("CN¥20,000.00", "CN¥36,800.00", "CN¥51,600.00", "920.00 per seat per year"):
        assert figure in found.text
    assert 'value="12" checked' in found.text  # as long as last time, nothing dearer
    assert 'name="seats"' in found.text
    assert 'data-minor="2000000"' in found.text


def test_another_term_and_other_seats_by_address(client: FlaskClient, scene: Scene) -> None:
    found = client.get(page(scene) + "?term_months=24&seats=25")
    assert 'value="24" checked' in found.text
    assert 'data-minor="4600000"' in found.text
    assert "24-month term, −8%" in found.text
    assert "20 seats in your last term" in found.text


def test_a_term_alone_keeps_the_seats(client: FlaskClient, scene: Scene) -> None:
    assert 'data-minor="3680000"' in client.get(page(scene) + "?term_months=24").text


def test_working_out_again_comes_back_by_address(client: FlaskClient, scene: Scene) -> None:
    answer = post_form(client, page(scene), term_months="36", seats="25", do="reprice")
    assert (answer.status_code, answer.location) == (303, page(scene) + "?term_months=36&seats=25")
    with reading() as db:
        assert queries.latest_quotes(db, scene.contract.id) == []


def test_sealing_leads_to_the_quote(client: FlaskClient, scene: Scene) -> None:
    answer = post_form(client, page(scene), term_months="24", seats="20", do="quote", total="1", price="1")
    assert (answer.status_code, answer.location) == (303, "/desk/quotes/Q-2026-000001")
    with reading() as db:
        quote = db.get_one(Quote, "Q-2026-000001")
        assert (quote.total_minor, quote.created_by) == (3_680_000, f"person:{scene.cs.id}")


@pytest.mark.parametrize("typed", ["0", "-1", "1000001", "", "twenty", "1.5", "9" * 40])
def test_wrong_seats_are_told_and_kept(client: FlaskClient, scene: Scene, typed: str) -> None:
    answer = post_form(client, page(scene), term_months="24", seats=typed, do="quote")
    assert answer.status_code == 422
    assert "Seats: a whole number from 1 to 1,000,000." in answer.text
    assert "<title>Error: " in answer.text
    assert f'value="{typed}"' in answer.text
    assert "CN¥" not in answer.text  # no price for seats that nobody asked for
    assert 'name="term_months" value="24"' in answer.text
    assert client.get(page(scene), query_string={"seats": typed, "term_months": "24"}).status_code == 422


def test_seats_may_carry_separators(client: FlaskClient, scene: Scene) -> None:
    post_form(client, page(scene), term_months="12", seats=" 1,200 ", do="quote")
    with reading() as db:
        assert db.get_one(Quote, "Q-2026-000001").document["lines"][0]["seats"] == 1200


@pytest.mark.parametrize("months", ["18", "", "abc", "-12"])
def test_a_term_that_is_not_on_sale_is_told(client: FlaskClient, scene: Scene, months: str) -> None:
    answer = post_form(client, page(scene), term_months=months, seats="20", do="quote")
    assert answer.status_code == 422
    assert "Choose one of the term lengths shown." in answer.text


def test_several_products_have_a_seat_count_each(client: FlaskClient, app: Flask) -> None:
    scene = staged(lines=(("insight", 20, 100_000), ("backup", 5, 90_000)))
    factories.sign_in(client, scene.cs)
    found = client.get(page(scene))
    assert "Seats for Insight Analytics, Business" in found.text
    assert "Seats for Cloud Backup, Team" in found.text
    answer = post_form(client, page(scene), term_months="12", seats=["20", "6"], do="quote")
    assert answer.status_code == 303
    assert "Insight Analytics, Business: Price per seat and year, list" in client.get(answer.location).text
    wrong = post_form(client, page(scene), term_months="12", seats=["20", "0"], do="quote").text
    assert 'href="#seats-1"' in wrong
    assert wrong.count("is-invalid") == 1
    short = post_form(client, page(scene), term_months="12", seats=["20"], do="quote")
    assert "Give a number of seats for each product." in short.text


def test_without_a_price_the_page_says_so(client: FlaskClient, scene: Scene) -> None:
    with transaction() as db:
        db.execute(text("DELETE FROM prices"))
    found = client.get(page(scene))
    assert found.status_code == 200
    assert "We have no price for this yet." in found.text
    assert "get-quote" not in found.text
    answer = post_form(client, page(scene), term_months="12", seats="20", do="quote")
    assert answer.status_code == 422


def test_a_contract_too_early_to_renew_says_when(client: FlaskClient, app: Flask) -> None:
    scene = staged(starts_on=date(2026, 6, 1), ends_on=date(2027, 5, 31))
    factories.sign_in(client, scene.cs)
    assert "This contract can be renewed from 2 December 2026." in client.get(page(scene)).text


def test_unknown_things_are_not_found(client: FlaskClient, scene: Scene) -> None:
    assert client.get("/desk/contracts/CT-0/quote").status_code == 404
    assert client.get("/desk/quotes/Q-2026-999999").status_code == 404
    assert post_form(client, "/desk/quotes/Q-2026-999999/send").status_code == 404


@pytest.mark.parametrize("role", list(StaffRole))
def test_who_may_make_and_read(client: FlaskClient, app: Flask, role: StaffRole) -> None:
    scene = staged()
    quote = sealed(scene)
    with transaction() as db:
        person = factories.staff(db, role, f"other-{role}@portal.example")
    factories.sign_in(client, person)
    may = role in {StaffRole.CS, StaffRole.SALES}
    assert client.get(page(scene)).status_code == (200 if may else 403)
    assert post_form(client, f"/desk/quotes/{quote.id}/send").status_code == (303 if may else 403)
    found = client.get(f"/desk/quotes/{quote.id}")
    assert found.status_code == (403 if role is StaffRole.DATA else 200)
    assert ("send-quote" in found.text) is may


def test_customers_stay_out(client: FlaskClient, scene: Scene) -> None:
    quote = sealed(scene)
    factories.sign_in(client, scene.owner)
    assert client.get(page(scene)).status_code == 403
    assert client.get(f"/desk/quotes/{quote.id}").status_code == 403


def test_the_quote_page_tells_everything(client: FlaskClient, scene: Scene) -> None:
    quote = sealed(scene)
    with transaction() as db:  # a note of another room about it is not part of its story
        audit.note(db, "person:1", "quote.exported", f"quote:{quote.id}", NOW)
    found = client.get(f"/desk/quotes/{quote.id}").text
    assert "exported" not in found
    for told in (
        "Price held", "We hold this price until 22 December 2026.", "CN¥36,800.00", "24-month term, −8%",
        "Includes 6% VAT of CN¥2,083.02", "13 December 2026 to 12 December 2028, 24 months",
        f"http://localhost/quotes/{quote.id}", "Price worked out and sealed", "Lin Yue",
    ):  # fmt: skip
        assert told in found
    assert 'data-fact="quote-total"' in found
    assert 'data-minor="3680000"' in found


def test_an_outdated_quote_leads_to_a_new_one(client: FlaskClient, scene: Scene, board: Switchboard) -> None:
    quote = sealed(scene)
    with transaction() as db:
        db.get_one(Contract, scene.contract.id).rev += 1
    found = client.get(f"/desk/quotes/{quote.id}").text
    assert "Contract changed" in found
    assert "send-quote" not in found
    assert "Make a new quote" in found
    post_form(client, f"/desk/quotes/{quote.id}/send")
    assert (
        "The contract, or what was agreed about its price, changed after this price was worked out."
        in client.get(f"/desk/quotes/{quote.id}").text
    )
    assert mails() == []


def test_a_quote_taken_back_by_the_system_names_nobody(client: FlaskClient, scene: Scene) -> None:
    quote = sealed(scene)
    with transaction() as db:
        db.get_one(Contract, scene.contract.id).rev += 1
    jobs.void_outdated_quotes(Told("contract:x", "2", {"contract_id": scene.contract.id, "rev": 2}))
    found = client.get(f"/desk/quotes/{quote.id}").text
    assert "Taken back, because the contract changed" in found
    assert "system" not in found.lower().replace("systems", "")


def test_a_quote_changed_in_the_database_is_shouted_about(client: FlaskClient, scene: Scene) -> None:
    quote = sealed(scene)
    with transaction() as db:
        db.execute(text("UPDATE quotes SET total_minor = 1"))
    assert "This quote is not what was sealed." in client.get(f"/desk/quotes/{quote.id}").text


def test_sending_mails_those_who_may_renew(client: FlaskClient, scene: Scene, board: Switchboard) -> None:
    with transaction() as db:
        factories.member(db, scene.company, CompanyRole.RENEWER, email="zh@aurora.example", language="zh_Hans_CN")
        factories.member(db, scene.company, CompanyRole.VIEWER, email="viewer@aurora.example")
        left = factories.member(db, scene.company, CompanyRole.OWNER, email="left@aurora.example")
        membership = db.scalars(select(Membership).where(Membership.person_id == left.id)).one()
        membership.state = MemberState.LEFT
    quote = sealed(scene)
    answer = post_form(client, f"/desk/quotes/{quote.id}/send")
    assert (answer.status_code, answer.location) == (303, f"/desk/quotes/{quote.id}")
    outbox.run_due()
    found = {letter.to_email: letter for letter in mails()}
    assert set(found) == {scene.owner.email, "zh@aurora.example"}
    letter = found[scene.owner.email]
    assert f"http://localhost/quotes/{quote.id}" in letter.text
    assert "CN¥36,800.00" in letter.title
    assert "We hold this price until 22 December 2026." in letter.text
    assert "Insight Analytics, Business: 20 seats" in letter.text
    assert found["zh@aurora.example"].language == "zh_Hans_CN"
    shown = client.get(f"/desk/quotes/{quote.id}").text
    assert "The price is on its way to Lin Yue and Lin Yue." in shown
    assert "Sent to Lin Yue" in shown


def test_nobody_is_mailed_twice_a_day(client: FlaskClient, scene: Scene, board: Switchboard) -> None:
    quote = sealed(scene)
    send = f"/desk/quotes/{quote.id}/send"
    post_form(client, send)
    post_form(client, send)
    outbox.run_due()
    assert "got this price today" in client.get(f"/desk/quotes/{quote.id}").text
    assert [letter.to_email for letter in mails()] == [scene.owner.email]
    with transaction() as db:
        factories.member(db, scene.company, CompanyRole.BILLING, email="billing@aurora.example")
    with time_machine.travel(NOW + timedelta(minutes=20), tick=False):
        post_form(client, send)  # the newcomer still gets it today
        outbox.run_due()
    assert [letter.to_email for letter in mails()] == [scene.owner.email, "billing@aurora.example"]
    with time_machine.travel(NOW + timedelta(hours=10), tick=False):  # the next day in Shanghai
        factories.sign_in(client, scene.cs, NOW + timedelta(hours=10))
        post_form(client, send)
        outbox.run_due()
    assert len(mails()) == 4


def test_nobody_to_send_to_is_said(client: FlaskClient, scene: Scene, board: Switchboard) -> None:
    quote = sealed(scene)
    with transaction() as db:
        db.execute(text("UPDATE memberships SET role = 'viewer'"))
    post_form(client, f"/desk/quotes/{quote.id}/send")
    assert "may renew yet" in client.get(f"/desk/quotes/{quote.id}").text
    assert mails() == []


@pytest.mark.parametrize("change", ["expired", "gone"])
def test_a_letter_about_a_dead_price_is_not_written(scene: Scene, change: str) -> None:
    quote = sealed(scene)
    told = Told(f"quote:{quote.id if change == 'expired' else 'Q-1'}", "1", {"on": "2026-11-22"})
    with time_machine.travel(NOW + timedelta(days=40 if change == "expired" else 0), tick=False):
        jobs.mail_quote_sent(told)
    assert mails() == []


def test_statements_of_the_pages(client: FlaskClient, scene: Scene, statements: Any) -> None:
    quote = sealed(scene)
    for address in (page(scene), f"/desk/quotes/{quote.id}"):
        client.get(address)
        statements()
        assert client.get(address).status_code == 200
        assert len(statements()) <= 6
