"""A renewal above the company's limit: asked, agreed to, refused; and nobody orders around it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from payments.money import Money
from portal.accounts.models import CompanyRole, Person
from portal.audit.models import AuditNote
from portal.contracts.models import Contract
from portal.kit import outbox
from portal.kit.db import reading, transaction
from portal.kit.mail import Mail
from portal.orders import actions, queries, rules
from portal.orders.errors import NotYourOwn
from portal.orders.models import Approval, ApprovalState, Order
from tests import factories
from tests.conftest import NOW
from tests.portal.home.conftest import Home
from tests.web import post_form


@pytest.fixture
def renewer(home: Home) -> FlaskClient:
    """A renewer's browser, in a company that asks above CN¥5,000.00."""
    with transaction() as db:
        actions.set_approval_limit(db, home.company.id, "CNY", Money(500_000, "CNY"), "person:1", NOW)
    return home.member(CompanyRole.RENEWER, email="renewer@aurora.example", name="Ren Ewer")


def quote(home: Home) -> str:
    return home.quote(home.contract())


def orders() -> list[Order]:
    with reading() as db:
        return list(db.scalars(select(Order)))


def approvals() -> list[Approval]:
    with reading() as db:
        return list(db.scalars(select(Approval).order_by(Approval.id)))


def letters() -> list[tuple[str, str]]:
    while outbox.run_due():
        pass
    with reading() as db:
        return [(mail.to_email, mail.title) for mail in db.scalars(select(Mail).order_by(Mail.id))]


def test_above_the_limit_somebody_must_agree(home: Home, renewer: FlaskClient) -> None:
    path = quote(home)
    page = renewer.get(path)
    assert "Check everything, then ask for approval" in page.text
    assert "Place the order" not in page.text
    answer = post_form(renewer, path, po_number="PO-7", invoice_title="Aurora Ltd")
    assert (answer.status_code, answer.location) == (303, path)
    assert orders() == []
    assert "Take the request back" in renewer.get(path).text
    assert [to for to, title in letters() if "asks for your yes" in title] == ["owner@aurora.example"]
    owner = home.browser.get(path)
    assert "Ren Ewer asked for a yes" in owner.text
    assert "This renewal waits for a yes" in owner.text
    assert "PO-7" in owner.text
    for typed in ("invoice_title", "po_number"):  # nothing can be typed that agreeing would lose
        assert f'name="{typed}"' not in owner.text
    done = post_form(home.browser, f"{path}/approve")
    (order,) = orders()
    assert done.location == f"/orders/{order.number}"
    assert (order.placed_email, order.po_number) == ("renewer@aurora.example", "PO-7")
    with reading() as db:  # the trail names who pressed the button, from whose browser it came
        noted = db.scalars(select(AuditNote.actor).where(AuditNote.action == "order.placed")).one()
    assert noted == f"person:{home.owner.id}" != order.placed_by
    assert ("renewer@aurora.example", "Lin Yue agreed to the renewal of CN¥36,800.00") in letters()


def test_an_approver_agrees_and_does_not_pay(home: Home, renewer: FlaskClient) -> None:
    path = quote(home)
    post_form(renewer, path, invoice_title="Aurora Ltd")
    approver = home.member(CompanyRole.APPROVER)
    answer = post_form(approver, f"{path}/approve")
    assert answer.status_code == 303
    (order,) = orders()
    assert post_form(approver, f"/orders/{order.number}/pay").status_code == 403


def test_a_no_is_told_with_its_reason(home: Home, renewer: FlaskClient) -> None:
    path = quote(home)
    post_form(renewer, path, invoice_title="Aurora Ltd")
    assert post_form(home.browser, f"{path}/refuse", reason=" ").location == path
    assert approvals()[0].state is ApprovalState.ASKED
    post_form(home.browser, f"{path}/refuse", reason="Too many seats <b>")
    assert orders() == []
    page = renewer.get(path).text
    assert "did not agree: " in page
    assert "Too many seats &lt;b&gt;" in page
    assert "Ask for approval" in page  # and may ask again
    assert any("did not agree" in title for _to, title in letters())


def test_below_the_limit_and_for_those_who_may_agree_nothing_changes(home: Home, renewer: FlaskClient) -> None:
    path = quote(home)
    assert "Ask for approval" not in home.browser.get(path).text
    with transaction() as db:
        actions.set_approval_limit(db, home.company.id, "CNY", Money(3_680_000, "CNY"), "person:1", NOW)
    assert "Place the order" in renewer.get(path).text
    assert post_form(renewer, path, invoice_title="Aurora Ltd").location.startswith("/orders/")


def test_roles_that_may_not_agree(home: Home, renewer: FlaskClient) -> None:
    path = quote(home)
    post_form(renewer, path, invoice_title="Aurora Ltd")
    for role in (CompanyRole.RENEWER, CompanyRole.PAYER, CompanyRole.BILLING, CompanyRole.VIEWER):
        assert post_form(home.member(role), f"{path}/approve").status_code == 403
    with transaction() as db:
        other = factories.company(db, "Beta")
    assert post_form(home.member(CompanyRole.OWNER, of=other), f"{path}/approve").status_code == 404
    assert orders() == []


def test_nobody_agrees_to_their_own_request(home: Home, renewer: FlaskClient) -> None:
    """Who asked may have become an approver since."""
    path = quote(home)
    post_form(renewer, path, invoice_title="Aurora Ltd")
    (approval,) = approvals()
    with transaction() as db, pytest.raises(NotYourOwn):
        actions.approve(db, approval.id, approval.asked_by, NOW)
    with transaction() as db, pytest.raises(NotYourOwn):
        actions.refuse_approval(db, approval.id, "no", approval.asked_by, NOW)


def test_a_second_decision_comes_too_late(home: Home, renewer: FlaskClient) -> None:
    path = quote(home)
    post_form(renewer, path, invoice_title="Aurora Ltd")
    post_form(renewer, f"{path}/take-back")
    assert "Somebody decided already" in home.browser.get(post_form(home.browser, f"{path}/approve").location).text
    assert orders() == []
    assert post_form(home.browser, f"{path}/refuse", reason="late").status_code == 303


def test_asking_twice_is_asking_once(home: Home, renewer: FlaskClient) -> None:
    path = quote(home)
    for _press in range(2):
        post_form(renewer, path, invoice_title="Aurora Ltd")
    assert len(approvals()) == 1


def test_another_choice_takes_the_place_of_the_first(home: Home, renewer: FlaskClient) -> None:
    contract = home.contract()
    first, second = home.quote(contract), home.quote(contract, months=12)
    post_form(renewer, first, invoice_title="Aurora Ltd")
    post_form(renewer, second, invoice_title="Aurora Ltd")
    assert [each.state for each in approvals()] == [ApprovalState.TAKEN_BACK, ApprovalState.ASKED]


def test_a_price_that_no_longer_holds_is_not_ordered(home: Home, renewer: FlaskClient) -> None:
    path = quote(home)
    post_form(renewer, path, invoice_title="Aurora Ltd")
    with transaction() as db:
        db.execute(update(Contract).values(rev=Contract.rev + 1))  # somebody corrected it
    assert post_form(home.browser, f"{path}/approve").location == path
    assert orders() == []
    assert approvals()[0].state is ApprovalState.ASKED


def test_the_page_stays_within_its_statements(
    home: Home, renewer: FlaskClient, statements: Callable[[], list[str]]
) -> None:
    path = quote(home)
    statements()
    assert home.browser.get(path).status_code == 200
    assert len(statements()) <= 8  # two more than without a limit


def test_owners_set_the_limit(home: Home) -> None:
    home.contract()
    page = home.browser.get("/team/approval")
    assert "Ask above (CNY)" in page.text
    path = f"/team/{home.company.id}/approval/CNY"
    for junk in ("-1", "abc", "1e400", "NaN", "5,0.0.0", "9" * 40):
        assert post_form(home.browser, path, amount=junk).status_code == 422, junk
    assert post_form(home.browser, path, amount="5000.50").status_code == 303
    with reading() as db:
        assert queries.approval_limit(db, home.company.id, "CNY") == 500_050
    assert 'value="5000.50"' in home.browser.get("/team/approval").text
    assert post_form(home.browser, path, amount="").status_code == 303
    with reading() as db:
        assert queries.approval_limit(db, home.company.id, "CNY") is None
        set_notes = select(AuditNote).where(AuditNote.action == "approval.limit_set").order_by(AuditNote.id)
        notes = db.scalars(set_notes).all()
    assert [(note.facts["before"], note.facts["after"]) for note in notes] == [(None, 500_050), (500_050, None)]
    assert post_form(home.browser, f"/team/{home.company.id}/approval/USD", amount="1").status_code == 404
    assert post_form(home.member(CompanyRole.APPROVER), path, amount="1").status_code == 403


@pytest.mark.parametrize(
    ("total", "limit", "may", "asks"),
    [(100, None, False, False), (100, 100, False, False), (101, 100, False, True), (101, 100, True, False),
     (1, 0, False, True)],
)  # fmt: skip
def test_when_somebody_must_agree(total: int, limit: int | None, may: bool, asks: bool) -> None:
    assert rules.needs_approval(Money(total, "CNY"), limit, may) is asks


def test_a_colleague_is_asked_to_pay(home: Home) -> None:
    order = home.place(home.contract())
    path = f"/orders/{order.number}/ask-to-pay"
    assert "Nobody else of your company may pay yet." in home.browser.get(path).text
    payer = home.member(CompanyRole.PAYER, email="ap@aurora.example", name="Ana Pay")
    with reading() as db:
        person = db.scalars(select(Person).where(Person.email == "ap@aurora.example")).one()
    assert "Ana Pay" in home.browser.get(path).text
    assert post_form(home.browser, path).status_code == 422
    for junk in ("0", "nonsense", str(home.owner.id)):
        assert post_form(home.browser, path, person=junk).status_code == 422
    assert post_form(home.browser, path, person=str(person.id)).location == f"/orders/{order.number}"
    assert ("ap@aurora.example", f"Lin Yue asks you to pay order {order.number}") in letters()
    assert payer.get(f"/orders/{order.number}").status_code == 200
    assert home.app.test_client().get(f"/orders/{order.number}").location.startswith("/sign-in")
    assert home.member(CompanyRole.PAYER).get(path).status_code == 403
