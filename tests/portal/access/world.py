"""Two companies with everything that an address can name, and somebody in every role."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from payments.ledger import queries as ledger
from payments.money import Money
from payments.reconcile import actions as reconcile
from payments.reconcile.models import ExceptionKind, FinanceException
from payments.transfers.models import SellerAccount, Slip, Transfer
from portal.accounts.factors.models import Passkey
from portal.accounts.models import Company, CompanyRole, Membership, Person, SignInSession, StaffCover, StaffRole
from portal.contracts import actions as contracts
from portal.contracts import queries as contract_queries
from portal.contracts.imports.models import ImportRun
from portal.documents import queries as documents
from portal.documents.fapiao import actions as fapiao
from portal.documents.fapiao.models import FapiaoKind
from portal.kit import clock
from portal.kit.db import reading, transaction
from portal.kit.mail import Mail
from portal.orders import actions as orders
from portal.orders import queries as order_queries
from portal.pricing import actions as pricing
from portal.pricing.models import Price
from portal.pricing.rules import Exemption, ExemptReason, PromotionKind
from tests import factories
from tests.conftest import NOW
from tests.fakes.gateway import FakeGateway
from tests.portal.checkout.support import Renewal, ask_back, give_back, open_page, order_of, run_jobs, settle
from tests.portal.contracts.import_scene import HEAD, line
from tests.portal.finance import make
from tests.portal.finance.test_transfers_desk import ACCOUNT, PNG, slip
from tests.web import post_form

OWN, FOREIGN, MISSING = "own", "foreign", "missing"
ROLES: tuple[CompanyRole | StaffRole, ...] = (*CompanyRole, *StaffRole)


@dataclass
class Firm:
    """A company, its people by role, and the names of its things as addresses spell them."""

    company_id: int
    people: dict[CompanyRole, Person]
    things: dict[str, str] = field(default_factory=dict)


@dataclass
class World:
    """Everything there is. `own` is the company of the customers who ask, `foreign` another one."""

    own: Firm
    foreign: Firm
    staff: dict[StaffRole, Person]
    things: dict[str, str]

    def person(self, role: CompanyRole | StaffRole) -> Person:
        return self.staff[role] if isinstance(role, StaffRole) else self.own.people[role]


def build(app: Flask, gateway: FakeGateway, called: str = "") -> World:
    """The whole world. `called`: what its companies and their people are called besides."""
    with transaction() as db:
        factories.book(db)
        staff = {role: factories.staff(db, role, f"{role}@desk.example") for role in StaffRole}
    finance = signed(app, staff[StaffRole.FINANCE])
    post_form(finance, "/finance/accounts", **ACCOUNT)
    own, foreign = (firm(app, gateway, name + called) for name in ("Aurora 极光科技", "Beta Betriebe"))
    things = desk_things(app, staff, own)
    return World(own, foreign, staff, things)


def signed(app: Flask, person: Person) -> FlaskClient:
    client = app.test_client()
    factories.sign_in(client, person)
    return client


def firm(app: Flask, gateway: FakeGateway, name: str) -> Firm:
    with transaction() as db:
        company = factories.company(db, name)
        people = {role: factories.member(db, company, role, name=f"{name} {role}") for role in CompanyRole}
        made = Firm(company.id, people)
        guest = factories.member(db, company, CompanyRole.VIEWER)
        free = factories.contract(db, company)
        declined = factories.contract(db, company)
        contracts.decline(db, declined, None, "person:1", NOW)
        quote = pricing.seal(db, factories.contract(db, company), 12, None, "person:1", NOW)
        orders.ask_approval(db, quote, "person:1", "x@aurora.example", None, "2026-01", NOW)
    waiting, by_transfer, paid, refunded = (_order(made) for _number in range(4))
    for each in (paid, refunded):
        gateway.pay(open_page(each))
        settle(each)
    give_back(refunded, 1_000)
    run_jobs()
    owner = signed(app, people[CompanyRole.OWNER])
    post_form(owner, f"/orders/{by_transfer.number}/transfer")
    slip(owner, by_transfer.number, PNG, "slip.png")
    with reading() as db:
        transfer = db.scalars(select(Transfer).where(Transfer.subject == f"order:{by_transfer.number}")).one()
        note = documents.credit_notes(db, order_of(refunded.number).id)[0]
        member = db.scalars(select(Membership).where(Membership.person_id == guest.id)).one()
        slip_id = db.scalars(select(Slip.id).where(Slip.transfer_id == transfer.id)).one()
    made.things = {
        "contract": free.number, "declined": declined.number, "quote": quote.id, "waiting": waiting.number,
        "by_transfer": by_transfer.number, "paid": paid.number, "refunded": refunded.number,
        "note": note.number, "slip_id": str(slip_id), "transfer_id": str(transfer.id),
        "company_id": str(company.id), "membership_id": str(member.id), "red": "0" * 20,
    }  # fmt: skip
    return made


def _order(firm: Firm) -> Renewal:
    """An order of the firm that waits for its payment."""
    owner = firm.people[CompanyRole.OWNER]
    at = clock.now()
    with transaction() as db:
        contract = factories.contract(db, db.get_one(Company, firm.company_id))
        quote = pricing.seal(db, contract, 12, None, f"person:{owner.id}", at)
        order = orders.place(db, quote, f"person:{owner.id}", owner.email, None, "2026-01", at)
        return Renewal(order.number, contract.number, contract.id, firm.company_id, quote.id, f"person:{owner.id}")


def desk_things(app: Flask, staff: dict[StaffRole, Person], own: Firm) -> dict[str, str]:
    """What only staff's addresses name."""
    data = signed(app, staff[StaffRole.DATA])
    post_form(data, "/desk/imports", file=(io.BytesIO("\n".join([HEAD, line()]).encode()), "contracts.csv"))
    paid = own.things["paid"]
    with reading() as db:
        source = next(
            entry.source for entry in ledger.for_subject(db, f"order:{paid}") if "stripe" in entry.source
        )
    refund_id = ask_back(Renewal(paid, "", 0, 0, "", ""), 1_000, source=source)
    with transaction() as db:
        promotion = factories.promotion(
            db, kind=PromotionKind.EARLY, names={"en": "Early"}, basis_points=100, least=10,
            valid_from=date(2026, 12, 1),
        )  # fmt: skip
        version = pricing.draft_version(
            db, label="2027", reasons={}, valid_from=date(2027, 1, 1), valid_to=None, by="person:1", at=NOW
        )
        row = pricing.add_row(
            db, version, product_code="insight", unit=Money(120_000, "CNY"), floor_minor=None, segment=None,
            contract=None, rev=version.rev, by="person:1", at=NOW,
        )  # fmt: skip
        contract = factories.contract(db, db.get_one(Company, own.company_id))
        special = pricing.propose_special(
            db, contract_queries.lock(db, contract.id), basis_points=2_000, reason="Long friendship",
            valid_to=date(2027, 1, 1), limit=0, on=date(2026, 11, 22), by="person:1", at=NOW,
        )  # fmt: skip
        asked = fapiao.request(
            db, order_queries.lock(db, paid), FapiaoKind.GENERAL, {"title": "Aurora"}, "person:1", NOW
        )
        exempted = factories.company(db, "Exempted")
        exemption = pricing.exempt_from_tax(
            db, exempted, Exemption(ExemptReason.CHARITY, "C-1"), date(2026, 12, 1), None, "person:1", NOW
        )
        reconcile.note(db, ExceptionKind.AMOUNT_DIFFERS, "ch_1", f"order:{paid}", NOW)
        reconcile.note(db, ExceptionKind.LATE_RETURN, f"order:{paid}", f"order:{paid}", NOW)
        charge = make.suspended(db, f"order:{paid}", Money(5_000, "CNY"))
        reconcile.note(db, ExceptionKind.UNKNOWN_PAYMENT, f"stripe:{charge}", None, NOW)
        other = factories.staff(db, StaffRole.CS, "other@desk.example")
        found: dict[str, Any] = {
            "run_id": db.scalars(select(ImportRun.id)).first(),
            "price_id": db.scalars(select(Price.id)).first(),
            "account_id": db.scalars(select(SellerAccount.id)).first(),
            "exception_id": _exception(db, ExceptionKind.AMOUNT_DIFFERS),
            "late_id": _exception(db, ExceptionKind.LATE_RETURN),
            "unknown_id": _exception(db, ExceptionKind.UNKNOWN_PAYMENT),
            "mail_id": db.scalars(select(Mail.id)).first(),
            "request_id": asked.id,
            "version_id": version.id, "row_id": row.id, "special_id": special.id, "exemption_id": exemption.id,
            "offer_id": promotion.id, "refund_id": refund_id, "person_id": other.id, "currency": "CNY",
            "customer_id": own.people[CompanyRole.VIEWER].id,
        }  # fmt: skip
    return {name: str(value) for name, value in found.items()}


def _exception(db: Session, kind: ExceptionKind) -> int:
    return db.scalars(select(FinanceException.id).where(FinanceException.kind == kind)).one()


def personal(person: Person) -> dict[str, str]:
    """Things of one person alone: another browser's session, a passkey."""
    with transaction() as db:
        session = SignInSession(
            token_hash=f"hash-{person.id}-{clock.now()}", person_id=person.id, created_at=NOW, seen_at=NOW,
            expires_at=NOW + timedelta(hours=12),
        )  # fmt: skip
        key = Passkey(
            person_id=person.id, credential_id=f"key-{person.id}".encode(), public_key=b"", sign_count=0,
            name="Key", created_at=NOW, used_at=None,
        )  # fmt: skip
        cover = StaffCover(
            owner_id=person.id,
            cover_id=person.id,
            from_on=NOW.date(),
            to_on=NOW.date(),
            made_at=NOW,
            ended_at=None,
        )
        db.add_all([session, key, cover])
        db.flush()
        return {"session_id": str(session.id), "passkey_id": str(key.id), "cover_id": str(cover.id)}
