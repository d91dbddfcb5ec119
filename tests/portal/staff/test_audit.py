"""The audit trail at the desk: read, searched, taken out, by those who audit."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.accounts.models import Person, StaffRole
from portal.audit import actions
from portal.audit.models import AuditNote
from portal.kit.db import reading, transaction
from portal.kit.settings import ROOT
from portal.staff.words.audit import ACTIONS
from tests import factories
from tests.conftest import NOW


@pytest.fixture
def auditor(client: FlaskClient) -> Person:
    with transaction() as db:
        found = factories.staff(db, StaffRole.AUDITOR)
        other = factories.staff(db, StaffRole.CS)
        hao = f"person:{other.id}"
        actions.note(db, hao, "order.cancelled", "order:RNW-2026-000124", NOW, reason="asked")
        actions.note(db, hao, "company.corrected", "company:5", NOW, before={"name": "Old"}, after={"name": "New"})
        actions.note(db, actions.SYSTEM, "order.expired", "order:RNW-2026-000125", NOW)
    factories.sign_in(client, found)
    return found


def rows(client: FlaskClient, query: str = "") -> list[str]:
    page = client.get(f"/desk/audit?{query}")
    assert page.status_code == 200
    return re.findall(r'data-row="note:\d+".*?</tr>', page.text, re.DOTALL)


def test_each_note_says_who_what_when_and_what_changed(client: FlaskClient, auditor: Person) -> None:
    newest, changed, cancelled = rows(client)
    assert "the portal itself" in newest
    assert "name: Old → New" in changed
    assert "Company corrected" in changed
    assert "Staff cs" in cancelled
    assert '<a href="/desk/orders/RNW-2026-000124">' in cancelled


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("who=cs@portal.example", 2), ("who=CS@Portal.example", 2), ("who=system", 1), ("who=x@y.example", 0),
        ("action=order.expired", 1), ("about=RNW-2026-000124", 1), ("about=rnw-2026-124", 0),
        ("about=company:5", 1), ("about=order:RNW-2026-000125", 1), ("from=2026-11-22", 3), ("to=2026-11-21", 0),
        ("who=cs@portal.example&action=order.cancelled", 1), ("action=nonsense", 3), ("from=nonsense", 3),
    ],
)  # fmt: skip
def test_filters(client: FlaskClient, auditor: Person, query: str, count: int) -> None:
    assert len(rows(client, query)) == count


def test_it_goes_on_page_by_page(client: FlaskClient, auditor: Person) -> None:
    with transaction() as db:
        for number in range(120):
            actions.note(db, actions.SYSTEM, "order.paid", f"order:{number}", NOW)
    seen, path = [], "/desk/audit"
    for _page in range(4):
        text = client.get(path).text
        seen += re.findall(r'data-row="note:(\d+)"', text)
        older = re.search(r'href="(/desk/audit\?older=[^"]+)"', text)
        if older is None:
            break
        path = older.group(1)
    assert len(seen) == len(set(seen)) == 123


def test_few_statements(client: FlaskClient, auditor: Person, statements: Callable[[], list[str]]) -> None:
    statements()
    rows(client, "who=cs@portal.example")
    assert len(statements()) <= 6


def test_the_file_says_the_same_and_leaves_a_trace(client: FlaskClient, auditor: Person) -> None:
    answer = client.get("/desk/audit.csv?who=cs@portal.example")
    lines = answer.text.strip().splitlines()
    assert len(lines) == 3
    assert "company.corrected" in answer.text
    assert client.get("/desk/audit.xlsx").status_code == 200
    with reading() as db:
        exported = select(AuditNote).where(AuditNote.action == "audit.exported").order_by(AuditNote.id)
        traces = db.scalars(exported).all()
    assert [(each.actor, each.facts["kind"]) for each in traces] == [
        (f"person:{auditor.id}", "csv"), (f"person:{auditor.id}", "xlsx"),
    ]  # fmt: skip
    assert str(traces[0].facts["filters"]["who"]).startswith("person:")
    assert "@" not in str([each.facts for each in traces])  # the trail is for ever, and holds no address


@pytest.mark.parametrize("role", [StaffRole.CS, StaffRole.SALES, StaffRole.FINANCE, StaffRole.DATA])
def test_it_is_for_those_who_audit(client: FlaskClient, role: StaffRole) -> None:
    with transaction() as db:
        who = factories.staff(db, role)
    factories.sign_in(client, who)
    assert client.get("/desk/audit").status_code == 403
    assert "/desk/audit" not in client.get("/desk/orders").text


def test_an_empty_trail_says_so(app: Flask, client: FlaskClient) -> None:
    with transaction() as db:
        who = factories.staff(db, StaffRole.ADMIN)
    factories.sign_in(client, who)
    assert "No notes yet" in client.get("/desk/audit").text
    assert "No note matches" in client.get("/desk/audit?who=system").text


_CODE = re.compile(r"[a-z_]+\.[a-z_]+")


def written() -> set[str]:
    """Every action that the code notes by its name."""
    found = set()
    for file in [*Path(ROOT / "portal").rglob("*.py"), *Path(ROOT / "payments").rglob("*.py")]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _name(node.func) in {"note", "_note", "Note", "noted"}:
                literals = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
                found |= {
                    text for text in literals if isinstance(text, str) and re.fullmatch(r"[a-z_]+\.[a-z_]+", text)
                }
    return found


def _name(func: ast.expr) -> str:
    return func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")


def test_every_action_has_words() -> None:
    actions_written = written()
    assert len(actions_written) > 50
    assert actions_written - set(ACTIONS) == set()
