"""What people type is text: on every page, in every letter, whoever looks (SEC17)."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import escape
from sqlalchemy import select, update

from payments.transfers.models import SellerAccount, Slip
from portal.accounts.factors.models import Passkey
from portal.accounts.models import Company, CompanyRole, Person, StaffRole
from portal.contracts.imports.models import ImportRun
from portal.contracts.models import Product
from portal.kit.db import reading, transaction
from portal.kit.mail import Mail
from portal.orders.models import Approval, Order
from portal.pricing.models import Promotion
from portal.surveys.models import SurveyAnswer
from tests import factories
from tests.portal.access import table
from tests.portal.access.payloads import MARK, PAYLOADS, dangers
from tests.portal.access.test_every_cell import cells
from tests.portal.access.world import OWN, World, build, signed
from tests.portal.checkout.support import run_jobs, use
from tests.web import post_form

pytestmark = pytest.mark.pages_alone

EVIL = " ".join(PAYLOADS)
NAMES = {"en": EVIL, "zh_Hans_CN": EVIL}
WHO: tuple[CompanyRole | StaffRole, ...] = (CompanyRole.OWNER, *StaffRole)


@pytest.fixture
def evil(app: Flask, monkeypatch: pytest.MonkeyPatch) -> World:
    """The world of all routes, in which everything that somebody can type was typed by somebody evil."""
    monkeypatch.setattr(factories, "PRODUCTS", dict.fromkeys(factories.PRODUCTS, NAMES))
    world = build(app, use(app), EVIL)
    owner = signed(app, world.own.people[CompanyRole.OWNER])
    answer = {"kind": "csat", "score": "2", "reason": "slow"}
    assert post_form(owner, f"/orders/{world.own.things['paid']}/survey", **answer).status_code < 400
    run_jobs()
    details = {"title": EVIL, "tax_id": EVIL, "address": EVIL}
    typed: dict[Any, dict[str, Any]] = {
        Company: {"invoice_details": details}, Order: {"po_number": EVIL, "invoice_details": details},
        SurveyAnswer: {"reason": EVIL}, Approval: {"reason": EVIL, "po_number": EVIL}, Promotion: {"names": NAMES},
        SellerAccount: {"holder": EVIL, "bank": EVIL, "note": EVIL}, Slip: {"name": EVIL},
        ImportRun: {"name": EVIL}, Passkey: {"name": EVIL}, Person: {"name": EVIL}, Product: {"names": NAMES},
    }  # fmt: skip
    with transaction() as db:
        for model, values in typed.items():
            assert db.execute(update(model).values(**values).returning(model)).first() or model is Passkey
    return world


def pages(app: Flask, world: World) -> dict[str, str]:
    """Every page that somebody may open, as HTML; in both languages they are the same templates."""
    found: dict[str, str] = {}
    browsers: dict[table.Role, FlaskClient] = {role: signed(app, world.person(role)) for role in WHO}
    for cell in cells(app, world):
        if cell.role in browsers and cell.method == "GET" and cell.whose == OWN:
            answer = browsers[cell.role].get(cell.path)
            if answer.mimetype == "text/html":
                found[f"{cell.path} as {cell.role}"] = answer.text
    return found


def test_on_no_page_and_in_no_letter_it_becomes_an_element(app: Flask, evil: World) -> None:
    told = pages(app, evil)
    with reading() as db:
        letters = list(db.scalars(select(Mail).where(Mail.html != "")))
    told |= {f"letter {letter.kind}": letter.html for letter in letters}
    assert len([page for page in told.values() if MARK in page]) > 100
    assert len({letter.kind for letter in letters if MARK in letter.html}) >= 3
    assert {name: found[:3] for name, page in told.items() if (found := dangers(page))} == {}


def test_subjects_of_letters_stay_one_line(evil: World) -> None:
    with reading() as db:
        titles = list(db.scalars(select(Mail.title)))
    assert any(MARK in title for title in titles)
    assert [title for title in titles if "\n" in title or "\r" in title] == []


@pytest.mark.parametrize("payload", PAYLOADS)
def test_each_would_be_noticed(payload: str) -> None:
    """Where a template would not escape, in a text or in one of the two kinds of quotes."""
    assert any(dangers(page.format(payload)) for page in ("<p>{}</p>", '<p title="{}">', "<p title='{}'>"))
    assert not any(dangers(page.format(escape(payload))) for page in ("<p>{}</p>", '<p title="{}">'))


def test_there_are_sixty() -> None:
    assert len(set(PAYLOADS)) >= 60
