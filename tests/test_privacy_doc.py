"""docs/privacy.md tells of every table of the database, and names only columns that exist."""

from __future__ import annotations

import re

from migrations.tables import METADATA
from portal.kit.settings import ROOT

PAGE = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (\w+) \| ([\w, ]+) \| [^|]+ \| [^|]+ \| [^|]+ \|$", re.MULTILINE)
TABLES = {table.name: table for metadata in METADATA for table in metadata.sorted_tables}
# Columns that hold what people typed, or who did it: wherever one is, its table tells of it.
TELLING = re.compile(r"(^|_)(email|by|actor|ip|agent|person_id|by_id|owner_id)$")

# Where the whole row is one person's, its other columns are named instead.
ONE_PERSONS = {
    "passkeys", "authenticators", "recovery_codes", "sign_in_codes", "sign_in_sessions", "known_devices",
    "one_time_links", "memberships",
}  # fmt: skip


def rows() -> dict[str, set[str]]:
    return {table: set(columns.split(", ")) for table, columns in ROW.findall(PAGE) if table != "table"}


def without() -> set[str]:
    (line,) = re.findall(r"^\*\*No personal data:\*\* (.+)$", PAGE, re.MULTILINE)
    return set(re.findall(r"`(\w+)`", line))


def test_every_table_is_told_once() -> None:
    assert set(rows()) | without() == set(TABLES)
    assert not set(rows()) & without()


def columns_of(table: str) -> set[str]:
    return {column.name for column in TABLES[table].columns}


def test_the_columns_exist() -> None:
    assert len(rows()) > 30
    missing = {table: names - columns_of(table) for table, names in rows().items()}
    assert {table: names for table, names in missing.items() if names} == {}


def test_a_column_that_tells_of_people_is_named() -> None:
    silent = {
        f"{table}.{column}"
        for table in set(TABLES) - ONE_PERSONS
        for column in columns_of(table) - rows().get(table, set())
        if TELLING.search(column)
    }
    assert silent == {"orders.cancelled_by"}  # which side cancelled, not who
