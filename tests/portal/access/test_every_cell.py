"""Every route × every role × {own, foreign, missing}, called: what is declared is what happens (SEC8).

First all calls that must be refused, after which not one row may have changed; then those that are let in, each on
a world as it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, insert, select
from werkzeug.routing import Rule

from migrations.tables import METADATA
from portal.accounts.models import CompanyRole
from portal.kit import guard
from portal.kit.db import database, reading, transaction
from tests.conftest import empty
from tests.portal.access import table
from tests.portal.access.table import Cell, Role
from tests.portal.access.world import FOREIGN, MISSING, OWN, ROLES, World, personal, signed
from tests.web import csrf_token

Rows = dict[str, list[dict[str, Any]]]
# Tables that a refused request may touch: none but the sessions' last use.
LEFT_ASIDE = frozenset({"sign_in_sessions"})
# Where a browser of these tests keeps the cookie with which it was signed in.
SIGNED = "as-signed-in"


def snapshot() -> Rows:
    with reading() as db:
        return {
            each.name: [dict(row._mapping) for row in db.execute(select(each).order_by(*each.primary_key))]
            for metadata in METADATA
            for each in metadata.sorted_tables
        }


def restore(rows: Rows) -> None:
    with transaction() as db:
        empty(db)
        for metadata in METADATA:
            for each in metadata.sorted_tables:
                if rows[each.name]:
                    db.execute(insert(each), rows[each.name])


def routes(app: Flask) -> Iterator[tuple[Rule, str, guard.Act | guard.Door]]:
    """Every address with every method it takes, and what it needs."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda each: each.rule):
        need = guard.needed(app, rule.endpoint)
        assert need is not None, rule.endpoint
        for method in sorted((rule.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"}):
            yield rule, method, need


def value(world: World, rule: Rule, name: str, whose: str, mine: dict[str, str], theirs: dict[str, str]) -> str:
    """What stands in the address for its part `name`."""
    kind = table.thing(rule, name)
    assert kind is not None, f"{rule.rule}: tests/portal/access/table.py does not say what <{name}> names"
    if name in table.FREE:
        return table.FREE[name]
    if name in table.SECRETS:
        return table.SECRETS[name]
    if whose == MISSING:
        return table.NOBODY.get(name, table.NO_ID)
    if name in table.PERSONAL:
        return (mine if whose == OWN else theirs)[name]
    firm = world.own if whose == OWN else world.foreign
    return world.things[kind] if name in table.DESK else firm.things[kind]


def cells(app: Flask, world: World) -> list[Cell]:
    """Every call there is to make."""
    adapter = app.url_map.bind("localhost")
    theirs = personal(world.foreign.people[CompanyRole.OWNER])
    found = []
    for role in (None, *ROLES):
        mine = personal(world.person(role)) if role else theirs
        for rule, method, need in routes(app):
            for whose in table.whose(rule):
                parts = {name: value(world, rule, name, whose, mine, theirs) for name in rule.arguments}
                path = adapter.build(rule.endpoint, parts, method)
                personal_thing = bool(rule.arguments & table.PERSONAL)
                found.append(Cell(rule.endpoint, method, path, need, role, whose, personal_thing))
    return found


def call(client: FlaskClient, cell: Cell) -> tuple[int, str | None]:
    data = {"csrf_token": csrf_token(client)} if cell.method != "GET" else None
    answer = client.open(cell.path, method=cell.method, data=data)
    return answer.status_code, answer.location


def browsers(app: Flask, world: World) -> dict[Role, FlaskClient]:
    found: dict[Role, FlaskClient] = {None: app.test_client()}
    for role in ROLES:
        found[role] = signed(app, world.person(role))
        kept = found[role].get_cookie("portal")
        assert kept is not None
        found[role].set_cookie(SIGNED, kept.value)
    return found


def again(app: Flask, client: FlaskClient) -> FlaskClient:
    """The same browser as it was signed in, whatever became of it meanwhile."""
    fresh, kept = app.test_client(), client.get_cookie(SIGNED)
    if kept is not None:
        fresh.set_cookie("portal", kept.value)
        fresh.set_cookie(SIGNED, kept.value)
    return fresh


def test_who_may_not_gets_nowhere_and_changes_nothing(app: Flask, world: World) -> None:
    every, clients = cells(app, world), browsers(app, world)
    refused = [cell for cell in every if table.expected(cell) in {"away", "barred", "hidden"}]
    assert len(refused) > 1500
    before, wrong = snapshot(), []
    for cell in refused:
        got = table.seen(*call(clients[cell.role], cell))
        if got != table.expected(cell):
            wrong.append(f"{cell}: {got}, not {table.expected(cell)}")
    assert not wrong, f"{len(wrong)} cells\n" + "\n".join(wrong[:200])
    after = snapshot()
    changed = [name for name in before if before[name] != after[name] and name not in LEFT_ASIDE]
    assert changed == []


def test_who_may_is_let_in(app: Flask, world: World) -> None:
    every, clients = cells(app, world), browsers(app, world)
    allowed = [cell for cell in every if table.expected(cell) in {"open", "any"}]
    assert len(allowed) > 600
    start, wrong = snapshot(), []
    dirty: list[str] = []

    def note(_c: object, _cur: object, statement: str, *_rest: object) -> None:
        if statement.startswith(("INSERT", "UPDATE", "DELETE")):
            dirty.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    for cell in allowed:
        if dirty:
            restore(start)
            clients = {role: again(app, client) for role, client in clients.items()}
            dirty.clear()
        got = table.seen(*call(clients[cell.role], cell))
        if cell.method == "GET" and dirty and cell.endpoint not in table.WRITES_ON_GET:
            wrong.append(f"{cell} writes: {dirty[0][:80]}")
        if got == "broken" or (table.expected(cell) == "open" and got != "open"):
            wrong.append(f"{cell}: {got}")
    event.remove(database.engine, "before_cursor_execute", note)
    assert not wrong, f"{len(wrong)} cells\n" + "\n".join(wrong[:200])


def test_a_foreign_thing_answers_as_one_that_is_not(app: Flask, world: World) -> None:
    """Nobody learns that it exists: same status, same page."""
    clients = browsers(app, world)
    told: dict[tuple[str, Role], dict[str, str]] = {}
    for cell in cells(app, world):
        if cell.method == "GET" and table.expected(cell) == "hidden":
            page = clients[cell.role].get(cell.path).text
            told.setdefault((cell.endpoint, cell.role), {})[cell.whose] = _alike(page, cell.path)
    assert len(told) > 100
    different = [key for key, pages in told.items() if FOREIGN in pages and pages[FOREIGN] != pages[MISSING]]
    assert different == []


def _alike(page: str, path: str) -> str:
    """Without what differs between any two requests."""
    page = page.replace(path, "PATH")
    return re.sub(
        r'(nonce="[^"]*"|csrf_token" value="[^"]*"|<[^>]*class="ref"[^>]*>[0-9a-f]{16}|[0-9a-f]{16})', "", page
    )


def test_what_is_excused_is_there(shared_app: Flask) -> None:
    """An excuse for a route that is gone, or was renamed, would hide the next one."""
    endpoints = {rule.endpoint for rule in shared_app.url_map.iter_rules()}
    excused = set(table.NOT_THERE) | {endpoint for endpoint, _role in table.NOT_YET}
    assert excused <= endpoints
