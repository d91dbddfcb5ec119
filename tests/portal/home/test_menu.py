"""The customer's menu shows what there is and what a person may open."""

from __future__ import annotations

from flask import Flask

from portal.accounts.models import CompanyRole
from portal.accounts.rules import acts_of
from portal.home.menu import customer_menu
from portal.kit.guard import Actor


def actor(role: CompanyRole) -> Actor:
    return Actor(1, "Lin Yue", "l@x.example", "en", "auto", "Asia/Shanghai", companies={1: acts_of(role)})


def labels(app: Flask, role: CompanyRole, endpoint: str) -> list[tuple[str, bool]]:
    with app.test_request_context():
        return [(item.label, item.current) for item in customer_menu(actor(role), endpoint)]


def test_an_owner_sees_all_and_knows_where_they_are(app: Flask) -> None:
    found = dict(labels(app, CompanyRole.OWNER, "home.quote"))
    assert found["Contracts"] is True
    assert found["Documents"] is False
    assert {"Support", "Team"} <= set(found)


def test_a_receipt_belongs_to_the_documents(app: Flask) -> None:
    assert dict(labels(app, CompanyRole.OWNER, "home.receipt"))["Documents"] is True


def test_a_viewer_finds_no_documents(app: Flask) -> None:
    assert "Documents" not in dict(labels(app, CompanyRole.VIEWER, "home.contracts"))
