"""Rows by the million for measurements: made inside the database, then its statistics are taken."""

# ruff: noqa: E501 - statements are easier to compare in long lines
from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, text

from portal.accounts.rules import search_keys
from portal.kit.db import database
from tests.conftest import SQLITE

CHUNK: Final = 20_000
DAYS: Final = 1095
PER_COMPANY: Final = 5
STAFF: Final = 9_000_000  # the first one's id
AUDITOR: Final = STAFF + 10
LATIN: Final = (
    "Harbor",
    "Aurora",
    "Kestrel",
    "Marlow",
    "Sakura",
    "Lindqvist",
    "Tidewell",
    "Orion",
    "Cobalt",
    "Juniper",
)
HAN: Final = ("极光", "红隼", "青山", "海港", "云帆", "星河", "松柏", "远洋", "天成", "同舟")

# Of each order by its number i: most are paid, one in a thousand is held; most in CNY, few in JPY, hardly any in KWD.
STATE: Final = """CASE WHEN {i} % 1000 = 7 THEN 'held' WHEN {i} % 100 = 3 THEN 'awaiting_payment'
    WHEN {i} % 20 = 1 THEN 'expired' ELSE 'paid' END"""
CURRENCY: Final = """CASE WHEN {i} % 5000 = 11 THEN 'KWD' WHEN {i} % 50 = 9 THEN 'JPY' WHEN {i} % 3 = 0 THEN 'USD'
    ELSE 'CNY' END"""

STATEMENTS: Final = (
    """INSERT INTO people (id, email, name, active, fs_uniquifier, theme, staff_role, created_at, version)
    SELECT i, 'person' || i || '@company' || i || '.example', 'Person ' || i, true, 'u' || i, 'auto', NULL, {now}, 1
    FROM {companies}""",
    """INSERT INTO memberships (id, company_id, person_id, role, state) SELECT i, i, i, 'owner', 'active'
    FROM {companies}""",
    """INSERT INTO contracts (id, number, company_id, currency, zone, segment, owner_id, ends_on, rev, created_at, version)
    SELECT i, 'CT-' || {pad}, (i - 1) / 5 + 1, {currency}, 'Asia/Shanghai', 'standard',
        CASE WHEN i % 700 = 5 THEN NULL ELSE 9000000 + i % 10 END, {day}, 1, {now}, 1 FROM {rows}""",
    """INSERT INTO terms (id, contract_id, starts_on, ends_on, months, anchor_on, months_from_anchor, segment, created_at)
    SELECT i, i, {start}, {day}, 12, {start}, 12, 'standard', {now} FROM {rows}""",
    """INSERT INTO quotes ({quote_columns}) SELECT {quote_values} FROM {rows}""",
    """INSERT INTO orders (id, number, quote_id, contract_id, company_id, state, total_minor, currency, placed_by,
        placed_email, placed_at, terms_version, po_number, invoice_details, expires_at, changed_at, last_failure,
        version)
    SELECT i, 'RNW-2026-' || {pad}, 'q' || i, i, (i - 1) / 5 + 1, {state}, 120000, {currency}, 'person:1',
        'person' || ((i - 1) / 5 + 1) || '@company' || ((i - 1) / 5 + 1) || '.example', {at}, '2026-03',
        'PO-' || {pad}, '{{}}', {now}, {at}, CASE WHEN i % 500 = 3 THEN 'card_declined' END, 1 FROM {rows}""",
    """INSERT INTO payment_attempts (id, subject, provider, state, amount_minor, currency, idempotency_key, request,
        session_id, session_expires_at, intent_id, charge_id, captured_minor, captured_currency, method, created_at,
        version)
    SELECT i, 'order:RNW-2026-' || {pad}, 'stripe', 'succeeded', 120000, {currency}, 'k' || i, '{{}}', 'cs_' || i,
        {now}, 'pi_' || i, 'ch_' || i, 120000, {currency}, 'card visa 4242', {at}, 1 FROM {rows}""",
    """INSERT INTO ledger_entries (id, kind, source, subject, currency, happened_at, posted_at)
    SELECT i, CASE WHEN i % 1000 = 7 THEN 'suspense' ELSE 'charge' END, 'stripe:ch_' || i,
        'order:RNW-2026-' || {pad}, {currency}, {at}, {at} FROM {rows}""",
    """INSERT INTO ledger_lines (id, entry_id, position, account, minor, currency)
    SELECT 2 * i, i, 0, 'stripe_clearing', 120000, {currency} FROM {rows}""",
    """INSERT INTO ledger_lines (id, entry_id, position, account, minor, currency)
    SELECT 2 * i + 1, i, 1, 'receivable', -120000, {currency} FROM {rows}""",
    """INSERT INTO balance_transactions (id, provider, source_id, type, reporting_category, gross_minor, fee_minor,
        net_minor, currency, created_at, available_on, seen_at)
    SELECT 'txn_' || i, 'stripe', 'ch_' || i, 'charge', 'charge', 120000, 3000, 117000, {currency}, {at}, {at}, {at}
    FROM {rows}""",
)  # fmt: skip


def name_of(company: int) -> str:
    """A company's name: "Harbor 极光 17 Trading"."""
    return f"{LATIN[company % 10]} {HAN[company // 10 % 10]} {company} Trading"


def fill(count: int) -> None:
    """`count` contracts, orders and payments of `count` / 5 companies, over three years."""
    with database.engine.execution_options(writes=True).begin() as connection:
        _staff(connection)
        _companies(connection, max(1, count // PER_COMPANY))
        words = _words(connection, count)
        for statement in STATEMENTS:
            connection.execute(text(statement.format(**words).replace(":", "\\:")))
    with database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql("ANALYZE" if connection.dialect.name == SQLITE else "VACUUM ANALYZE")


def _staff(connection: Connection) -> None:
    """Ten people of sales who own the contracts, and an auditor, who sees all lists."""
    insert = text(
        "INSERT INTO people (id, email, name, active, fs_uniquifier, theme, staff_role, created_at, version)"
        " VALUES (:id, :email, :email, true, :email, 'auto', :role, '2023-11-22 00:00:00.000000', 1)"
    )
    for n in range(10):
        connection.execute(insert, {"id": STAFF + n, "email": f"sales{n}@portal.example", "role": "sales"})
    connection.execute(insert, {"id": AUDITOR, "email": "auditor@portal.example", "role": "auditor"})


def _companies(connection: Connection, count: int) -> None:
    made = text(
        "INSERT INTO companies (id, name, country, language, zone, invoice_details, created_at, version)"
        " VALUES (:id, :name, 'CN', 'en', 'Asia/Shanghai', '{}', :at, 1)"
    )
    keyed = text("INSERT INTO company_keys (company_id, key) VALUES (:id, :key)")
    at = "2023-11-22 00:00:00.000000"
    for start in range(1, count + 1, CHUNK):
        ids = range(start, min(start + CHUNK, count + 1))
        connection.execute(made, [{"id": n, "name": name_of(n), "at": at} for n in ids])
        connection.execute(keyed, [{"id": n, "key": key} for n in ids for key in search_keys(name_of(n))])


def _words(connection: Connection, count: int) -> dict[str, str]:
    """How each database says a number with zeros, an instant and a day."""
    step = DAYS * 86_400 / count
    words = {"currency": CURRENCY.format(i="i"), "state": STATE.format(i="i")}
    if connection.dialect.name == SQLITE:
        series = "(WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < {n}) SELECT i FROM s)"
        words |= {
            "pad": "printf('%07d', i)",
            "at": f"strftime('%Y-%m-%d %H:%M:%S.000000', '2023-11-22', '+' || CAST(i * {step} AS INTEGER) || ' seconds')",
            "day": f"date('2024-11-22', '+' || CAST(i * {DAYS} / {count} AS INTEGER) || ' days')",
            "start": f"date('2023-11-23', '+' || CAST(i * {DAYS} / {count} AS INTEGER) || ' days')",
            "now": "'2026-11-22 06:30:00.000000'",
        }
    else:
        series = "generate_series(1, {n}) AS s(i)"
        words |= {
            "pad": "lpad(CAST(i AS text), 7, '0')",
            "at": f"TIMESTAMPTZ '2023-11-22 00:00:00+00' + make_interval(secs => i * {step})",
            "day": f"DATE '2024-11-22' + CAST(i * {DAYS}.0 / {count} AS integer)",
            "start": f"DATE '2023-11-23' + CAST(i * {DAYS}.0 / {count} AS integer)",
            "now": "TIMESTAMPTZ '2026-11-22 06:30:00+00'",
        }
    words |= {"rows": series.format(n=count), "companies": series.format(n=max(1, count // PER_COMPANY))}
    return words | _quote(words)


def _quote(words: dict[str, str]) -> dict[str, str]:
    document = (
        '{"lines": [{"product": "insight", "code": "insight", "names": {"en": "Insight Analytics"}, "seats": 1}]}'
    )
    values = {
        "id": "'q' || i", "contract_id": "i", "company_id": "(i - 1) / 5 + 1", "contract_rev": "1", "months": "12",
        "starts_on_payment": "false", "starts_on": words["start"], "ends_on": words["day"],
        "anchor_on": words["start"], "months_from_anchor": "12", "currency": words["currency"],
        "net_minor": "110000", "tax_minor": "10000", "total_minor": "120000", "book": "'2026-07'",
        "document": f"'{document}'", "seal": "'s'", "quoted_on": words["start"], "valid_until": words["now"],
        "created_at": words["at"], "created_by": "'person:1'",
    }  # fmt: skip
    return {"quote_columns": ", ".join(values), "quote_values": ", ".join(values.values())}
