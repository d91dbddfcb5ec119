"""What many contracts agreed about their next price, from a file."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from portal.audit import queries as audit
from portal.contracts import actions as contract_actions
from portal.contracts import queries as contracts
from portal.contracts.errors import PriceKept
from portal.contracts.imports import ImportUnreadable
from portal.contracts.rules import LineSpec
from portal.kit import i18n, outbox
from portal.kit.db import reading, transaction
from portal.pricing import actions, agreements
from portal.pricing.agreements import cells, flow
from portal.pricing.agreements.cells import COLUMNS
from portal.pricing.errors import NoRate, NotAPercentage, NotOneOf
from portal.pricing.models import Quote, RenewalAgreement
from portal.pricing.rules import Method, Pick, RenewalRow
from tests.conftest import NOW
from tests.portal.pricing.scene import Scene, ordered, sealed, staged

HEAD = "Contract number;Product;Method;Rate;Index;Points;Pick;Cap;Month"
SAME = RenewalRow(None, Method.SAME)


def texts(**given: str) -> dict[str, str]:
    return dict.fromkeys(COLUMNS, "") | {"contract_number": "CT-1"} | given


@pytest.mark.parametrize(
    ("given", "row"),
    [
        ({"method": "same"}, SAME),
        ({"method": "List", "product": "insight", "rate": "nonsense"}, RenewalRow("insight", Method.LIST)),
        ({"method": "uplift", "rate": "2.5%"}, RenewalRow(None, Method.UPLIFT, 250)),
        (
            {"method": "UPLIFT", "rate": "5", "index": "CPI", "points": "-1", "pick": "greater", "cap": "7 ％",
             "month": "06"},
            RenewalRow(None, Method.UPLIFT, 500, "CPI", -100, 6, Pick.GREATER, 700),
        ),
        # Points and a month belong to an index.
        ({"method": "uplift", "rate": "5", "points": "2", "month": "6"}, RenewalRow(None, Method.UPLIFT, 500)),
    ],
)  # fmt: skip
def test_a_row(given: dict[str, str], row: RenewalRow) -> None:
    assert cells.read(7, texts(**given)) == cells.Agreed(7, "CT-1", row)


@pytest.mark.parametrize(
    ("given", "refusal", "field"),
    [
        ({"method": ""}, NotOneOf, "method"),
        ({"method": "cpi"}, NotOneOf, "method"),
        ({"method": "uplift"}, NoRate, None),
        ({"method": "uplift", "rate": "five"}, NotAPercentage, "rate"),
        ({"method": "uplift", "rate": "-1"}, NotAPercentage, "rate"),
        ({"method": "uplift", "rate": "101"}, NotAPercentage, "rate"),
        ({"method": "uplift", "rate": "5", "cap": "1e3"}, NotAPercentage, "cap"),
        ({"method": "uplift", "index": "CPI", "points": "20.01"}, NotAPercentage, "points"),
        ({"method": "uplift", "rate": "5", "pick": "best"}, NotOneOf, "pick"),
        ({"method": "uplift", "rate": "5", "month": "13"}, NotOneOf, "month"),
    ],
)
def test_a_row_that_makes_no_sense(
    given: dict[str, str], refusal: type[NotOneOf | NotAPercentage | NoRate], field: str | None
) -> None:
    with pytest.raises(refusal) as refused:
        cells.read(7, texts(**given))
    assert refused.value.facts.get("field") == field


def keep(folder: Path, *lines: str, dry_run: bool = False) -> agreements.Result:
    file = folder / "agreements.csv"
    file.write_text("\n".join((HEAD, *lines)) + "\n", encoding="utf-8")
    return agreements.run(file, by="command line", at=NOW, dry_run=dry_run)


def agreed() -> list[RenewalRow]:
    with reading() as db:
        return [row.row for row in db.scalars(select(RenewalAgreement).order_by(RenewalAgreement.id))]


def voided(scene: Scene, quote: Quote) -> bool:
    while outbox.run_due(50):
        pass
    with reading() as db:
        return db.get_one(Quote, quote.id).voided_at is not None


@pytest.mark.usefixtures("app")
def test_a_file_is_kept_and_running_it_again_changes_nothing(tmp_path: Path) -> None:
    scene = staged()
    with transaction() as db:
        actions.set_index(db, "CPI", date(2026, 6, 17), 320, "person:1", NOW)
    number, held = scene.contract.number, sealed(scene, 12)
    lines = (f"{number};;uplift;5;CPI;2;lesser;;6", f"{number};insight;same;;;;;;", ";;;;;;;;")
    tried = keep(tmp_path, *lines, dry_run=True)
    assert (tried.rows, tried.changed, tried.exit_code, agreed()) == (2, 2, 0, [])
    assert not voided(scene, held)
    done = keep(tmp_path, *lines)
    assert (done.rows, done.changed, done.unchanged, done.exit_code) == (2, 2, 0, 0)
    whole = RenewalRow(None, Method.UPLIFT, 500, "CPI", 200, 6, Pick.LESSER)
    assert agreed() == [whole, RenewalRow("insight", Method.SAME)]
    assert voided(scene, held)
    with reading() as db:
        notes = [note for note in audit.about(db, [f"contract:{number}"]) if note.action == "renewal.agreed"]
    assert [note.actor for note in notes] == ["command line"] * 2
    newer = sealed(scene, 12)
    again = keep(tmp_path, *lines)
    assert (again.changed, again.unchanged) == (0, 2)
    assert not voided(scene, newer)  # what is agreed already voids no quote


@pytest.mark.usefixtures("app")
def test_what_is_refused_is_told_and_the_rest_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow, "PIECE", 2)
    scene = staged()
    number = scene.contract.number
    assert [str(type(why).__name__) for _row, why in keep(tmp_path, "CT\x001;;same").problems] == [
        "NoSuchContract"
    ]
    done = keep(
        tmp_path, "CT-0;;same", f"{number};;uplift;5;CPI;;;;", f"{number};nothing;same", f"{number};;same",
        f"{number};;list", f'{number};;"sa"me', f"{number};;never",
    )  # fmt: skip
    assert (done.rows, done.changed, done.exit_code, agreed()) == (7, 1, 2, [SAME])
    with i18n.speaking("en"):
        assert list(agreements.report(done)) == [
            "Row 2: There is no contract CT-0.",
            "Row 3: index: “CPI” is none of –.",
            f"Row 4: Contract {number} does not have this product; choose one of its products.",
            f"Row 6: Row 5 says something else about contract {number} already; keep one of the two.",
            "Row 7: A quotation mark stands in the wrong place, or a cell is far too long.",
            "Row 8: method: “never” is none of list, same, uplift.",
            "1 of 7 rows saved, 0 as before, 6 refused.",
        ]


@pytest.mark.usefixtures("app")
def test_an_open_order_keeps_its_contract_as_it_is(tmp_path: Path) -> None:
    scene = staged()
    ordered(scene, paid=False)
    done = keep(tmp_path, f"{scene.contract.number};;same")
    assert (done.changed, len(done.problems), agreed()) == (0, 1, [])


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("contract_number,rate\nCT-1,5\n", "missing_columns"),
        ("contract_number,method,Method\nCT-1,same,same\n", "duplicate_columns"),
        ("contract_number,method\n,\n", "no_rows"),
        ("", "empty"),
    ],
)
def test_a_file_that_cannot_be_read(tmp_path: Path, text: str, code: str) -> None:
    file = tmp_path / "agreements.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ImportUnreadable) as refused:
        agreements.run(file, by="command line", at=NOW)
    assert refused.value.code == code


def test_the_command(app: Flask, tmp_path: Path) -> None:
    scene = staged()
    file = tmp_path / "agreements.csv"
    file.write_text(f"contract_number,method,remark\n{scene.contract.number},same,hello\n", encoding="gb18030")

    def run(*arguments: str) -> tuple[int, str]:
        done = app.test_cli_runner().invoke(app.cli, ["import-agreements", *arguments], catch_exceptions=False)
        return done.exit_code, done.output

    code, told = run(str(file), "--dry-run")
    assert (code, agreed()) == (0, [])
    assert "trial run" in told
    code, told = run(str(file))
    assert (code, agreed()) == (0, [SAME])
    assert "left them out: remark." in told
    assert "1 of 1 rows saved, 0 as before, 0 refused." in told
    code, told = run(str(tmp_path / "none.csv"))
    assert code == 1
    assert "cannot be read" in told
    file.write_text("a,b\n1,2\n", encoding="utf-8")
    code, told = run(str(file))
    assert code == 1
    assert "contract_number, method" in told


@pytest.mark.usefixtures("app")
def test_a_kept_price_does_not_change_unseen(tmp_path: Path) -> None:
    """What the next price starts from is corrected only once the agreement is taken back."""
    scene = staged()
    keep(tmp_path, f"{scene.contract.number};;same")

    def correct(seats: int, unit: int) -> bool:
        with transaction() as db:
            held = contracts.lock(db, scene.contract.id)
            term = contracts.last_term(held)
            return contract_actions.correct_term(
                db, held, currency="CNY", starts_on=term.starts_on, ends_on=term.ends_on,
                lines=[LineSpec("insight", seats, unit)], by="person:1", at=NOW,
            )  # fmt: skip

    with pytest.raises(PriceKept):
        correct(20, 100)
    assert correct(21, 100_000)  # seats are no price
    keep(tmp_path, f"{scene.contract.number};;list")
    assert correct(20, 100)
