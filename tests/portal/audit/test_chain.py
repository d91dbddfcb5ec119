"""The chain of the audit trail: grown piece by piece, and every kind of tampering is found (SEC25)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from portal.audit import actions, chain, rules
from portal.audit.models import AuditLink, AuditNote
from portal.checkout import selfcheck
from portal.kit.db import reading, transaction
from tests.conftest import NOW

LATER = NOW + timedelta(minutes=2)


@pytest.fixture
def folder(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of its own, where the head is kept."""
    settings = app.extensions["settings"].model_copy(update={"data_dir": tmp_path})
    monkeypatch.setitem(app.extensions, "settings", settings)
    return tmp_path


def write(count: int, start: int = 0) -> None:
    with transaction() as db:
        for number in range(start, start + count):
            told = {"before": {"a": 1}, "after": {"a": number}}
            actions.note(db, "person:1", "order.placed", f"order:{number}", NOW, **told)


def grow() -> None:
    with time_machine.travel(LATER, tick=False):
        chain.grow()


def do(change: Callable[[Session], object]) -> None:
    with transaction() as db:
        change(db)


def ids() -> list[int]:
    with reading() as db:
        return list(db.scalars(select(AuditNote.id).order_by(AuditNote.id)))


def breaks() -> list[str]:
    return chain.verify()[0]


@pytest.fixture
def five(folder: Path) -> list[int]:
    """Five notes, chained; their ids."""
    write(5)
    grow()
    return ids()


def test_a_whole_trail_holds(five: list[int]) -> None:
    found, summary = chain.verify()
    assert found == []
    assert summary == "5 links; the head kept here is link 5; every note is chained."


def test_it_grows_in_pieces_and_never_twice(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "AT_ONCE", 2)
    write(5)
    grow()
    grow()
    write(2, start=5)
    grow()
    with reading() as db:
        assert list(db.scalars(select(AuditLink.position).order_by(AuditLink.position))) == [1, 2, 3, 4, 5, 6, 7]
    assert breaks() == []


def test_a_fresh_note_waits_until_no_older_one_can_appear(folder: Path) -> None:
    write(1)
    with time_machine.travel(NOW + timedelta(seconds=59), tick=False):
        chain.grow()
    found, summary = chain.verify()
    assert found == []
    assert summary.startswith(
        "0 links; no head is kept on this host; 1 notes wait to be chained, the oldest since "
    )


def test_a_note_with_a_smaller_number_that_came_late_is_linked_too(five: list[int]) -> None:
    """PostgreSQL numbers rows when they are written, and shows them when their transaction ends."""
    values = {"id": five[-1] + 10, "at": NOW, "actor": "system", "action": "x.y", "subject": "z:1", "facts": {}}
    do(lambda db: db.execute(insert(AuditNote).values(values)))
    grow()
    do(lambda db: db.execute(insert(AuditNote).values(values | {"id": five[-1] + 5})))
    grow()
    found, summary = chain.verify()
    assert found == []
    assert "every note is chained" in summary


@pytest.mark.parametrize(
    "change",
    [
        {"at": NOW + timedelta(seconds=1)},
        {"actor": "person:2"},
        {"action": "order.paid"},
        {"subject": "order:9"},
        {"facts": {"before": {"a": 1}, "after": {"a": 3}}},
        {"ip": "203.0.113.7"},
        {"request_id": "another"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_an_edit_of_any_part_is_found(five: list[int], change: dict[str, object]) -> None:
    do(lambda db: db.execute(update(AuditNote).where(AuditNote.id == five[2]).values(change)))
    assert breaks() == [f"note {five[2]} or its link was changed"]
    with reading() as db:
        assert f"I9: audit: note {five[2]} or its link was changed" in selfcheck.run(db)


def test_a_deleted_note_is_missed(five: list[int]) -> None:
    do(lambda db: db.execute(delete(AuditNote).where(AuditNote.id == five[1])))
    assert breaks() == [f"note {five[1]} was deleted"]


def test_a_note_deleted_with_its_link_is_missed(five: list[int]) -> None:
    do(lambda db: db.execute(delete(AuditNote).where(AuditNote.id == five[1])))
    do(lambda db: db.execute(delete(AuditLink).where(AuditLink.note_id == five[1])))
    assert breaks() == ["links 2 to 2 are gone", f"note {five[2]} or its link was changed"]


def test_a_cut_off_end_is_found_by_the_head_outside(five: list[int]) -> None:
    do(lambda db: db.execute(delete(AuditNote).where(AuditNote.id >= five[3])))
    do(lambda db: db.execute(delete(AuditLink).where(AuditLink.note_id >= five[3])))
    assert breaks() == ["the end was cut off: 5 links were known, 3 are there"]


def test_a_trail_that_is_emptied_is_found(five: list[int]) -> None:
    do(lambda db: db.execute(delete(AuditNote)))
    do(lambda db: db.execute(delete(AuditLink)))
    assert breaks() == ["the end was cut off: 5 links were known, 0 are there"]


def test_a_chain_made_anew_is_found_by_the_head_outside(five: list[int]) -> None:
    """Whoever edits a note and links everything again has a chain that holds by itself."""
    do(lambda db: db.execute(update(AuditNote).where(AuditNote.id == five[0]).values(actor="person:2")))
    head = chain.kept_head()
    do(lambda db: db.execute(delete(AuditLink)))
    with transaction() as db:
        chain._link(db, LATER)
    assert chain.kept_head() == head
    assert breaks() == ["link 5 is not the one that was known"]


def test_notes_that_change_places_are_found(five: list[int]) -> None:
    with reading() as db:
        one, two = (db.get_one(AuditNote, five[at]).subject for at in (0, 1))
    do(lambda db: db.execute(update(AuditNote).where(AuditNote.id == five[0]).values(subject=two)))
    do(lambda db: db.execute(update(AuditNote).where(AuditNote.id == five[1]).values(subject=one)))
    assert breaks() == [f"note {each} or its link was changed" for each in five[:2]]


def test_an_edited_link_is_found(five: list[int]) -> None:
    do(lambda db: db.execute(update(AuditLink).where(AuditLink.position == 3).values(hash="f" * 64)))
    assert breaks() == [f"note {five[2]} or its link was changed", f"note {five[3]} or its link was changed"]


def test_the_head_is_for_its_owner_alone(five: list[int], folder: Path) -> None:
    file = folder / chain.HEAD_FILE
    assert file.stat().st_mode & 0o777 == 0o600
    assert chain.kept_head() is not None
    assert not file.with_suffix(".new").exists()


def test_the_command_tells_and_answers_with_its_exit_code(app: Flask, five: list[int]) -> None:
    runner = app.test_cli_runner()
    good = runner.invoke(args=["audit", "verify"])
    assert (good.exit_code, good.output.startswith("5 links;")) == (0, True)
    do(lambda db: db.execute(update(AuditNote).where(AuditNote.id == five[4]).values(actor="system")))
    bad = runner.invoke(args=["audit", "verify"])
    assert bad.exit_code == 1
    assert f"note {five[4]} or its link was changed" in bad.output
