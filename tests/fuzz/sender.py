"""Makes the request of a number, sends it, looks at the answer. Seed and number make the request."""

from __future__ import annotations

import io
import random
from collections import Counter
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from portal.accounts import matrix
from portal.kit import guard
from tests.fuzz import strange
from tests.portal.access import table
from tests.portal.access.world import OWN, ROLES, World, personal, signed
from tests.web import csrf_token

# Fields that forms of the portal read, so that strange values reach beyond the first check.
FIELDS: Final = (
    "amount", "bank_reference", "claim", "code", "company", "country", "coupon", "currency", "current", "email",
    "from", "kind", "language", "limit", "method", "name", "names", "next", "number", "older", "on", "owner",
    "passkey", "password", "payment", "period", "person", "po_number", "product", "q", "reason", "role", "score",
    "seats", "seats", "segment", "sent_on", "since", "state", "tax_id", "term_months", "theme", "ticket", "to",
    "unit_price", "valid_from", "valid_to", "value_date", "version", "view", "who", "window", "zone", "file",
    "slip",
)  # fmt: skip
HEADERS: Final = (
    "Accept-Language", "Referer", "User-Agent", "X-Forwarded-For", "Stripe-Signature", "If-None-Match", "Range",
    "Sec-Fetch-Site", "Origin", "Accept", "Cookie",
)  # fmt: skip
# Signing out would only make the rest of the requests a stranger's.
LEFT_OUT: Final = frozenset({"security.logout", "accounts.end_other_sessions", "accounts.end_session"})


@dataclass(frozen=True)
class Fault:
    """A request that broke something."""

    number: int
    what: str
    status: str

    def __str__(self) -> str:
        return f"FAULT {self.status}: request {self.number}: {self.what[:500]}"


class Sender:
    def __init__(self, app: Flask, world: World, seed: int) -> None:
        self.app, self.world, self.seed = app, world, seed
        self.answers: Counter[int] = Counter()
        self.sent = 0
        rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint not in LEFT_OUT]
        self.rules: list[Rule] = sorted(rules, key=lambda rule: (rule.rule, rule.endpoint))
        self.cookies = {role: self._cookie(signed(app, world.person(role))) for role in ROLES}
        self.own = {role: personal(world.person(role)) for role in ROLES}

    def send(self, number: int) -> Fault | None:
        """Send the request of this number; None when the answer is sound."""
        chance = random.Random(f"{self.seed} {number}")
        rule = chance.choice(self.rules)
        role = self._role(rule, chance)
        client = self.app.test_client()
        if role is not None:
            client.set_cookie("portal", self.cookies[role])
        method = chance.choice(sorted((rule.methods or {"GET"}) - {"OPTIONS"}))
        path = self._path(rule, role, chance)
        given = self._given(method, client, chance)
        self.sent += 1
        what = f"{method} {path} as {role or 'nobody'} {given}"
        try:
            answer = client.open(path, method=method, **given)
        except Exception as error:  # whatever it is, it is the fault that we look for
            return None if _never_sent(error) else Fault(number, what, repr(error))
        self.answers[answer.status_code] += 1
        answer.close()
        return Fault(number, what, str(answer.status_code)) if answer.status_code >= 500 else None

    def _role(self, rule: Rule, chance: random.Random) -> Any:
        """Mostly somebody whom the route lets in, or little would get behind the door."""
        need = guard.needed(self.app, rule.endpoint)
        let_in = [role for role in (None, *ROLES) if need is not None and matrix.opens(need, role)]
        return chance.choice(let_in if let_in and chance.random() < 0.85 else (None, *ROLES))

    def _path(self, rule: Rule, role: Any, chance: random.Random) -> str:
        path = rule.rule
        for name in rule.arguments:
            known = chance.random() < 0.6
            part = self._known(rule, name, role) if known else strange.value(chance)
            marks = [mark for mark in (f"<{name}>", f"<id:{name}>", f"<any(csv, xlsx):{name}>") if mark in path]
            path = path.replace(marks[0], quote(part.encode("utf-8", "surrogatepass"), safe="")) if marks else path
        if chance.random() < 0.6:
            asked = [(chance.choice(FIELDS), strange.value(chance)) for _ in range(chance.randrange(1, 5))]
            path += "?" + urlencode([(key, value.encode("utf-8", "surrogatepass")) for key, value in asked])
        return path

    def _known(self, rule: Rule, name: str, role: Any) -> str:
        """A thing that is there."""
        kind = table.thing(rule, name) or ""
        if name in table.PERSONAL:
            return self.own[role or ROLES[0]][name]
        fixed = table.FREE.get(name) or table.SECRETS.get(name)
        firm = self.world.own if self.sent % 3 else self.world.foreign
        return fixed or firm.things.get(kind) or self.world.things.get(kind) or OWN

    def _given(self, method: str, client: FlaskClient, chance: random.Random) -> dict[str, Any]:
        given: dict[str, Any] = {"headers": self._headers(chance)}
        if method == "GET":
            return given
        if chance.random() < 0.2:
            return given | {"data": strange.body(chance), "content_type": chance.choice(strange.TYPES)}
        form: dict[str, Any] = {
            chance.choice(FIELDS): strange.value(chance) for _ in range(chance.randrange(1, 10))
        }
        if chance.random() < 0.1:
            form[chance.choice(("file", "slip"))] = (io.BytesIO(strange.body(chance)), "strange.csv")
        form = {key: _sendable(value) for key, value in form.items()}
        return given | {"data": form | ({"csrf_token": csrf_token(client)} if chance.random() < 0.9 else {})}

    def _headers(self, chance: random.Random) -> dict[str, str]:
        if chance.random() < 0.7:
            return {}
        found = {chance.choice(HEADERS): strange.value(chance) for _ in range(2)}
        return {key: value.encode("latin-1", "replace").decode("latin-1") for key, value in found.items()}

    @staticmethod
    def _cookie(client: FlaskClient) -> str:
        kept = client.get_cookie("portal")
        assert kept is not None
        return kept.value


def _sendable(value: Any) -> Any:
    """A browser cannot send a lone surrogate; a client that can is played by the query and the JSON bodies."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _never_sent(error: Exception) -> bool:
    """The test client itself refuses line breaks in headers, before the portal sees anything."""
    return isinstance(error, ValueError) and "newline" in str(error).lower()
