"""The access matrix in docs/ is the one that the code makes."""

from __future__ import annotations

import pytest
from flask import Flask

from portal.accounts import matrix
from portal.accounts.models import CompanyRole, StaffRole
from portal.kit import guard
from portal.kit.guard import Act, Door
from portal.kit.settings import ROOT

DOCUMENT = ROOT / "docs" / "access-matrix.md"


def test_the_document_is_up_to_date(shared_app: Flask) -> None:
    written = DOCUMENT.read_text(encoding="utf-8") if DOCUMENT.exists() else ""
    assert written == matrix.table(shared_app), f"docs/access-matrix.md is old: run {matrix.COMMAND}"


def test_every_route_declares_its_need(shared_app: Flask) -> None:
    missing = [endpoint for endpoint, _rule, _methods, need in guard.matrix(shared_app) if need is None]
    assert not missing, f"add @needs(…) beneath the routes of {missing}"


def test_a_route_without_a_need_has_no_row(monkeypatch: pytest.MonkeyPatch, shared_app: Flask) -> None:
    monkeypatch.setattr(guard, "matrix", lambda _app: [("home.secret", "/secret", ("GET",), None)])
    with pytest.raises(ValueError, match=r"home\.secret"):
        matrix.table(shared_app)


@pytest.mark.parametrize(
    ("need", "role", "opens"),
    [
        (Door.PUBLIC, None, True),
        (Door.SIGNED_IN, None, False),
        (Door.SIGNED_IN, CompanyRole.VIEWER, True),
        (Act.PAY, None, False),
        (Act.PAY, CompanyRole.PAYER, True),
        (Act.PAY, CompanyRole.VIEWER, False),
        (Act.PAY, StaffRole.ADMIN, False),
        (Act.READ_DESK, CompanyRole.OWNER, False),
        (Act.READ_DESK, StaffRole.AUDITOR, True),
    ],
)
def test_who_is_let_in(need: Act | Door, role: CompanyRole | StaffRole | None, opens: bool) -> None:
    assert matrix.opens(need, role) is opens
