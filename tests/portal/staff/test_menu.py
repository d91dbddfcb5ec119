"""The staff's menu shows what there is and what somebody may open."""

from __future__ import annotations

import pytest
from flask import Flask

from portal.accounts.models import StaffRole
from portal.accounts.rules import staff_acts_of
from portal.kit.guard import Act, Actor
from portal.kit.menu import Place, menu
from portal.staff.menu import staff_menu


def actor(role: StaffRole | None) -> Actor:
    acts = staff_acts_of(role) if role else frozenset[Act]()
    return Actor(1, "Chen Hao", "cs@portal.example", "en", "auto", "Asia/Shanghai", role, {}, acts)


@pytest.mark.parametrize(("role", "label", "shown"), [
    (StaffRole.CS, "Orders", True), (StaffRole.CS, "Payments", True), (StaffRole.CS, "Access", False),
    (StaffRole.ADMIN, "Payments", False), (StaffRole.ADMIN, "Access", True),
    (StaffRole.DATA, "Payments", False), (StaffRole.AUDITOR, "Payments", True),
])  # fmt: skip
def test_a_role_sees_its_own_lines(app: Flask, role: StaffRole, label: str, shown: bool) -> None:
    with app.test_request_context():
        assert (label in [item.label for item in staff_menu(actor(role), "staff.orders")]) == shown


@pytest.mark.parametrize(("endpoint", "label"), [
    ("staff.orders", "Orders"), ("staff.order", "Orders"), ("staff.ask_cancel", "Orders"),
    ("accounts_desk.companies", "Companies"), ("accounts_desk.edit_company", "Companies"),
    ("accounts_desk.access", "Access"), ("accounts_desk.staff", "Access"), ("finance.payments", "Payments"),
])  # fmt: skip
def test_the_line_of_the_page_is_marked(app: Flask, endpoint: str, label: str) -> None:
    acts = frozenset(Act)
    everything = Actor(1, "x", "x", None, "auto", "Asia/Shanghai", StaffRole.ADMIN, {}, acts)
    with app.test_request_context():
        items = staff_menu(everything, endpoint)
    assert [item.label for item in items if item.current] == [label]
    assert [item.group for item in items if item.current] != [""]


def test_groups_stand_together(app: Flask) -> None:
    with app.test_request_context():
        items = staff_menu(actor(StaffRole.AUDITOR), None)
    groups = [item.group for item in items]
    assert groups == sorted(groups, key=["Customers", "Money", "Rules"].index)
    assert not any(item.current for item in items)


def test_pages_that_are_not_built_are_left_out(app: Flask) -> None:
    with app.test_request_context():
        assert menu([Place("Tasks", "tickets.tasks")], actor(StaffRole.CS), None) == []


def test_a_page_for_everybody_signed_in_is_shown(app: Flask) -> None:
    with app.test_request_context():
        items = menu([Place("Account", "accounts.account")], actor(None), "accounts.account")
    assert [(item.label, item.current, item.group) for item in items] == [("Account", True, "")]
