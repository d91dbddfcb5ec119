"""The commands, as an administrator types them."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from payments.ledger import actions as ledger
from payments.money import Money
from portal import cli
from portal.accounts.models import Person, StaffRole
from portal.contracts import imports
from portal.contracts.imports import bars
from portal.contracts.models import Contract
from portal.kit import outbox
from portal.kit.db import reading, transaction
from portal.kit.mail import Mail
from tests import factories
from tests.conftest import NOW, make_settings

HEADER = "contract_number,company,contact_email,product,seats,unit_price,currency,time_zone,starts_on,ends_on\n"


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(app.cli, arguments, catch_exceptions=False)


@pytest.fixture
def book(app: Flask) -> None:
    with transaction() as db:
        factories.book(db)


def written(folder: Path, rows: Sequence[str]) -> str:
    file = folder / "contracts.csv"
    file.write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8")
    return str(file)


def contracts() -> int:
    with reading() as db:
        return db.scalar(select(func.count()).select_from(Contract)) or 0


GOOD = "CT-1,Aurora,a@x.example,insight,5,1000.00,CNY,Asia/Shanghai,2026-01-01,2026-12-31"
BAD = "CT-2,Aurora,a@x.example,insight,0,1000.00,CNY,Asia/Shanghai,2026-01-01,2026-12-31"


def test_import_keeps_all(app: Flask, book: None, tmp_path: Path) -> None:
    done = run(app, "import-contracts", written(tmp_path, [GOOD]))
    assert done.exit_code == 0
    assert contracts() == 1
    again = run(app, "import-contracts", written(tmp_path, [GOOD]))
    assert again.exit_code == 0
    assert "1 unchanged" in again.output


def test_import_keeps_the_good_rows_and_names_the_bad(app: Flask, book: None, tmp_path: Path) -> None:
    done = run(app, "import-contracts", written(tmp_path, [GOOD, BAD]))
    assert done.exit_code == 2
    assert "3" in done.output  # the row's number in the file, the header being 1
    assert "seats" in done.output
    assert contracts() == 1


@pytest.mark.parametrize("option", ["--all-or-nothing", "--dry-run"])
def test_import_can_keep_nothing(app: Flask, book: None, tmp_path: Path, option: str) -> None:
    assert run(app, "import-contracts", option, written(tmp_path, [GOOD, BAD])).exit_code == 2
    assert contracts() == 0


THEIRS = "合同编号,Customer,SKU,Qty,Price,Currency,Zone,From,To"
MAPPED = "CT-1,Aurora,insight,5,1000.00,CNY,Asia/Shanghai,2026-01-01,2026-12-31"
LINES = """# theirs = ours
合同编号 = contract_number
Customer=company
SKU = product
Qty=seats
Price=unit_price
Zone = time_zone
From = starts_on
To = ends_on
"""
JSON = """{"合同编号": "contract_number", "Customer": "company", "SKU": "product", "Qty": "seats",
 "Price": "unit_price", "Zone": "time_zone", "From": "starts_on", "To": "ends_on", "Currency": "currency"}"""


@pytest.mark.parametrize("mapping", [LINES, JSON])
def test_import_with_a_mapping(app: Flask, book: None, tmp_path: Path, mapping: str) -> None:
    file, by = tmp_path / "theirs.csv", tmp_path / "theirs.map"
    file.write_text(f"{THEIRS}\n{MAPPED}\n", encoding="gbk")
    by.write_text(mapping, encoding="utf-8")
    assert run(app, "import-contracts", str(file)).exit_code == 1, "nothing is guessed without being asked"
    assert run(app, "import-contracts", "--map", str(by), str(file)).exit_code == 0
    assert contracts() == 1


@pytest.mark.parametrize(
    ("mapping", "told"),
    [
        ("Customer: company", "Line 1 of the mapping cannot be read"),
        ('{"Customer": 1}', "Line 1 of the mapping cannot be read"),
        ("Customer = firm", "columns that we do not have: firm"),
        ("Customer = company\nSKU = company", "Two headers are mapped to the same column: company"),
    ],
)
def test_import_with_a_mapping_that_cannot_be(
    app: Flask, book: None, tmp_path: Path, mapping: str, told: str
) -> None:
    file, by = tmp_path / "theirs.csv", tmp_path / "theirs.map"
    file.write_text(f"{THEIRS}\n{MAPPED}\n", encoding="utf-8")
    by.write_text(mapping, encoding="utf-8")
    done = run(app, "import-contracts", "--map", str(by), str(file))
    assert done.exit_code == 1
    assert told in done.output


def test_import_shows_a_bar_on_a_terminal_and_lines_elsewhere(
    app: Flask, book: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = Path(written(tmp_path, [GOOD]))
    monkeypatch.setattr(bars, "LINE_SECONDS", 0.0)
    plain = run(app, "import-contracts", str(file))
    assert "1 of 1 contracts" in plain.stderr
    assert "contracts" not in plain.stdout.partition("Contracts:")[0]
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with app.app_context(), bars.Bars() as watch:
        imports.run(file, by="test", at=NOW, watch=watch)
    assert "1/1" in terminal.getvalue()


class Terminal(io.StringIO):
    """Somebody looks on."""

    def isatty(self) -> bool:
        return True


def test_import_of_something_else_fails_with_a_sentence(app: Flask, book: None, tmp_path: Path) -> None:
    file = tmp_path / "picture.csv"
    file.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
    done = run(app, "import-contracts", str(file))
    assert done.exit_code == 1
    assert done.output.startswith("Error: ")


def test_import_of_a_missing_file_fails_with_a_sentence(app: Flask, tmp_path: Path) -> None:
    done = run(app, "import-contracts", str(tmp_path / "nowhere.csv"))
    assert done.exit_code == 1
    assert "cannot be read" in done.output


def test_create_admin_sends_an_invitation(app: Flask) -> None:
    assert run(app, "create-admin", "Boss@Portal.example", "--name", "Sam").exit_code == 0
    outbox.run_due()
    with reading() as db:
        assert db.scalars(select(Person.email)).one() == "boss@portal.example"
        assert db.scalars(select(Mail.to_email)).one() == "boss@portal.example"


@pytest.mark.parametrize("email", ["notamail", "cs@portal.example"])
def test_create_admin_refuses_an_address_that_cannot_be(app: Flask, email: str) -> None:
    with transaction() as db:
        factories.staff(db, StaffRole.CS)
    done = run(app, "create-admin", email, "--name", "Sam")
    assert done.exit_code == 1
    assert done.output.startswith(f"Error: {email}")
    with reading() as db:
        assert len(db.scalars(select(Person.id)).all()) == 1


def test_demo_is_for_an_empty_database(app: Flask) -> None:
    with transaction() as db:
        factories.staff(db, StaffRole.CS)
    done = run(app, "seed-demo")
    assert done.exit_code == 1
    assert "not empty" in done.output
    assert contracts() == 0


def test_selfcheck_names_a_break(app: Flask) -> None:
    clean = run(app, "selfcheck")
    assert (clean.exit_code, clean.output) == (0, "All invariants hold.\n")
    with transaction() as db:
        ledger.charge(db, "stripe:ch_nobody", "order:RNW-2026-000099", Money(100, "CNY"), NOW, NOW)
    broken = run(app, "selfcheck")
    assert broken.exit_code == 1
    assert "stripe:ch_nobody" in broken.output


def test_demo_is_not_for_production(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.extensions, "settings", make_settings(PORTAL_MODE="production"))
    done = run(app, "seed-demo")
    assert done.exit_code == 1
    assert "not for production" in done.output
    assert contracts() == 0


def test_access_matrix_prints_every_route(app: Flask) -> None:
    printed = run(app, "access-matrix").output
    for rule in app.url_map.iter_rules():
        assert f"`{rule.rule}`" in printed


def test_jobs_run_due(app: Flask) -> None:
    assert "pieces of work done" in run(app, "jobs", "run-due").output


def test_migrate_is_safe_to_repeat(app: Flask) -> None:
    assert run(app, "migrate").exit_code == 0
    assert cli.MATRIX_FILE.name == "access-matrix.md"
