"""Whatever is sent to any address, nobody sees a page about something that broke (SEC23)."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.accounts.models import CompanyRole, StaffRole
from portal.kit.db import transaction
from tests import factories
from tests.fuzz import strange
from tests.portal.checkout.support import paid, renewal, use
from tests.web import csrf_token

JUNK: Final = (
    "0", "-1", "99999999999999999999999", "1_0", "\x00", "1e400", "NaN", "' OR 1=1--", "<script>",
    "../../etc", "=cmd|' /C calc'!A0", "％００", "á" * 500, "[" * 2_000, "2026-02-30", "RNW-2026-000001",
)  # fmt: skip
NAMES: Final = (
    "q", "from", "to", "state", "currency", "older", "newer", "after", "company", "year", "next", "seats-0",
    "term_months", "amount", "number", "reason", "payment", "on", "value_date", "bank_reference", "resolution",
    "score", "view", "window", "email", "password", "name", "role", "version", "zone", "country", "current",
)  # fmt: skip
# Parts that route to no page unless they are these.
PARTS: Final = {"kind": "csv"}
# These end what the others need.
LEFT_OUT: Final = frozenset({"accounts.sign_out", "accounts.end_sessions"})


def paths(app: Flask, method: str, junk: str) -> list[str]:
    """Every address that takes `method`, with junk for each of its parts."""
    found = []
    for rule in app.url_map.iter_rules():
        if method in (rule.methods or ()) and rule.endpoint not in LEFT_OUT:
            values = {
                name: PARTS.get(name, 10**18 - 1 if name.endswith("_id") else junk) for name in rule.arguments
            }
            found.append(app.url_map.bind("localhost").build(rule.endpoint, values, method))
    return sorted(set(found))


@pytest.fixture
def known(app: Flask) -> None:
    """There is something to stumble over."""
    gateway = use(app)
    paid(gateway)
    renewal()


def everybody(client: FlaskClient, who: str) -> None:
    with transaction() as db:
        if who == "owner":
            person = factories.member(db, factories.company(db, "Junk & Co"), CompanyRole.OWNER)
        else:
            person = factories.staff(db, StaffRole(who), f"{who}@junk.example")
    factories.sign_in(client, person)


# What databases choke on differently is sent to both by name below, and in numbers by `make fuzz`.
@pytest.mark.pages_alone
@pytest.mark.parametrize("who", ["owner", "finance", "data"])
def test_no_address_breaks_on_junk(app: Flask, client: FlaskClient, known: None, who: str) -> None:
    everybody(client, who)
    broken = []
    for turn, junk in enumerate(JUNK):
        asked = {NAMES[(turn + step) % len(NAMES)]: junk for step in range(8)}
        for path in paths(app, "GET", junk):
            answer = client.get(path, query_string=asked)
            if answer.status_code >= 500:
                broken.append(f"GET {path} {asked}: {answer.status_code}")
    assert not broken, "\n".join(broken[:20])


@pytest.mark.parametrize("who", ["owner", "finance", "data"])
def test_no_form_breaks_on_junk(app: Flask, client: FlaskClient, known: None, who: str) -> None:
    everybody(client, who)
    broken = []
    for junk in JUNK[::3]:
        for path in paths(app, "POST", "RNW-2026-000001"):
            sent = dict.fromkeys(NAMES, junk) | {"csrf_token": csrf_token(client)}
            answer = client.post(path, data=sent)
            if answer.status_code >= 500:
                broken.append(f"POST {path} {junk!r}: {answer.status_code}")
    assert not broken, "\n".join(broken[:20])


@pytest.mark.parametrize("name", list(strange.NAMED))
def test_named_values_break_nothing(app: Flask, client: FlaskClient, known: None, name: str) -> None:
    """The malformed set by name, in paths, queries, forms and the provider's door (SEC23)."""
    everybody(client, "finance")
    value = strange.NAMED[name]
    sent = value.encode("utf-8", "surrogatepass")
    asked = dict.fromkeys(("q", "from", "currency", "older", "number"), sent)
    part = quote(sent, safe="")
    answers = [
        client.get(path, query_string=asked) for path in ("/desk/orders", "/finance/payments", "/desk/contracts")
    ]
    answers += [client.get(f"/desk/orders/{part}"), client.get(f"/finance/refunds/{part}")]
    form = {field: value.encode("utf-8", "replace").decode() for field in NAMES}
    for path in ("/account", "/finance/accounts", "/sign-in/code", "/desk/orders/RNW-2026-000001/refund"):
        answers.append(client.post(path, data=form | {"csrf_token": csrf_token(client)}))
    answers.append(client.post("/stripe/webhook", data=sent, content_type="application/json"))
    assert [answer.status_code for answer in answers if answer.status_code >= 500] == []


@pytest.mark.parametrize("body", strange.BODIES, ids=range(len(strange.BODIES)))
def test_bodies_that_are_no_form_break_nothing(app: Flask, client: FlaskClient, known: None, body: bytes) -> None:
    everybody(client, "finance")
    for kind in strange.TYPES:
        for path in ("/account", "/finance/accounts", "/sign-in", "/stripe/webhook", "/confirm"):
            assert client.post(path, data=body, content_type=kind).status_code < 500, (path, kind)
