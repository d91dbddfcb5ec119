"""Scanners against the whole portal: `python -m tests.scan [--db sqlite] [--seconds 240] [--roles owner,cs]`.

Each scanner first has to find the holes of a planted site. Then wapiti crawls and attacks the portal as a stranger
and in each role named, and sqlmap tries every parameter that a search, a list or a form of a stranger takes. A
finding, or a planted hole that was not found, is a failure. pip-audit says SKIPPED where it cannot reach its data.
"""

from __future__ import annotations

import argparse
import logging
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote
from urllib.request import Request, urlopen

from flask import Flask

from portal.accounts.models import CompanyRole, StaffRole
from tests.conftest import POSTGRES, SQLITE
from tests.journey.live import serving
from tests.portal.access.world import World, build, signed
from tests.portal.checkout.support import use
from tests.scan import planted
from tests.scan.tools import BIN, Finding, pip_audit, sqlmap, wapiti
from tests.web import csrf_token
from tests.whole import portal

ROLES: Final[tuple[CompanyRole | StaffRole, ...]] = (
    CompanyRole.OWNER,
    StaffRole.CS,
    StaffRole.FINANCE,
    StaffRole.ADMIN,
)
# What would sign the scanner out, or take its account away.
LEAVE_OUT: Final = (
    "/sign-out", "/account/sessions/end-others", "/account/data/erase", "/account/password", "/desk/view/end",
)  # fmt: skip
# What wapiti says that is no hole, and why.
ACCEPTED: Final = {
    "Secure Flag cookie": "the scanned portal speaks plain HTTP on loopback; with https the cookie is __Host-",
    "Clickjacking Protection": "it asks for X-Frame-Options; frame-ancestors says the same in every answer",
    "HTTP Secure Headers": "HSTS is not sent over plain HTTP; all other headers are tested in tests/portal/kit",
}
# Each list and search with all that its address takes.
SEARCHES: Final[dict[CompanyRole | StaffRole, tuple[str, ...]]] = {
    StaffRole.CS: (
        "/desk/orders?q=Aurora&state=paid&from=2026-01-01&to=2026-12-31",
        "/desk/orders?older=1",
        "/desk/contracts?q=Aurora",
        "/desk/companies?q=Aurora",
        "/desk/surveys?from=2026-01-01&to=2026-12-31",
    ),
    StaffRole.FINANCE: (
        "/finance/payments?q=Aurora&currency=CNY&from=2026-01-01&to=2026-12-31&unmatched=1",
        "/finance/transfers?q=1",
        "/finance/refunds?state=asked",
        "/desk/prices?q=insight&currency=CNY&on=2026-12-01",
        "/desk/offers?state=running",
    ),
    StaffRole.ADMIN: ("/desk/audit?who=Lin&action=order.paid&about=order&from=2026-01-01&to=2026-12-31",),
    CompanyRole.OWNER: ("/documents?kind=receipt&year=2026", "/documents/statement?year=2026&currency=CNY"),
}
FORMS: Final = {
    "/sign-in": "email=a%40b.example&password=secret",
    "/forgot": "email=a%40b.example",
    "/sign-in/code": "email=a%40b.example",
}


@dataclass(frozen=True)
class Target:
    base: str
    app: Flask
    world: World

    def cookies(self, role: CompanyRole | StaffRole | None) -> dict[str, str]:
        if role is None:
            return {}
        kept = signed(self.app, self.world.person(role)).get_cookie("portal")
        assert kept is not None
        return {"portal": kept.value}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--db", default=f"{SQLITE},{POSTGRES}")
    parser.add_argument("--seconds", type=int, default=240)
    parser.add_argument("--roles", default=",".join(ROLES))
    asked = parser.parse_args()
    if not BIN.is_dir():
        sys.exit("The scanners are not set up: run `make scan`.")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # a line for each of some 100,000 requests
    wrong = [*prove()]
    roles = [role for role in ROLES if role in asked.roles.split(",")]
    for backend in asked.db.split(","):
        wrong += [f"{backend}: {finding}" for finding in scan(backend, roles, asked.seconds)]
    wrong += audit()
    print(*(wrong or ["No findings."]), sep="\n")
    sys.exit(1 if wrong else 0)


def prove() -> Iterator[str]:
    """What the scanners miss on the planted site."""
    with serving(planted.site) as base:
        kinds = {finding.kind for finding in wapiti(base, {}, (), 120)}
        for kind in ("SQL Injection", "Reflected Cross Site Scripting"):
            told("wapiti", f"planted {kind}", kind in kinds)
            if kind not in kinds:
                yield f"wapiti does not find the planted {kind}; it told {sorted(kinds)}"
        found = bool(sqlmap(f"{base}/item?id=1", {}))
        told("sqlmap", "planted SQL injection", found)
        if not found:
            yield "sqlmap does not find the planted SQL injection"
        if sqlmap(f"{base}/echo?q=hello", {}):
            yield "sqlmap sees a hole where none is"


def scan(backend: str, roles: list[CompanyRole | StaffRole], seconds: int) -> Iterator[Finding]:
    """What the scanners find in the portal on `backend`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    with portal(backend, PORTAL_BASE_URL=base) as app:
        target = Target(base, app, build(app, use(app)))
        with serving(app, port):
            yield from searches(target, backend)
            for role in (None, *roles):
                start = time.perf_counter()
                found = wapiti(target.base, target.cookies(role), LEAVE_OUT, seconds)
                real = [each for each in found if each.kind not in ACCEPTED]
                passed = len(found) - len(real)
                words = (
                    f"as {role or 'nobody'} on {backend}, {time.perf_counter() - start:.0f} s, {passed} accepted"
                )
                told("wapiti", words, not real)
                yield from real


def searches(target: Target, backend: str) -> Iterator[Finding]:
    """sqlmap on what takes a search, a filter or a stranger's form."""
    for role, paths in SEARCHES.items():
        for path in paths:
            yield from tried(f"{path} as {role} on {backend}", target.base + path, target.cookies(role))
    browser = target.app.test_client()
    token = quote(csrf_token(browser))
    kept = browser.get_cookie("portal")
    assert kept is not None
    for path, data in FORMS.items():
        cookies = {"portal": kept.value}
        filled = f"{data}&csrf_token={token}"
        yield from tried(f"POST {path} on {backend}", target.base + path, cookies, filled)


def tried(words: str, url: str, cookies: Mapping[str, str], data: str | None = None) -> list[Finding]:
    """A page that would not even open must not pass for one without holes."""
    asked = Request(url, data.encode() if data else None, {"Cookie": f"portal={cookies['portal']}"})
    with urlopen(asked) as answer:
        assert answer.url == url, f"{words} leads to {answer.url}"
    found = sqlmap(url, cookies, data)
    told("sqlmap", words, not found)
    return found


def audit() -> list[str]:
    """Known holes of the pinned packages, as far as that can be asked here."""
    found = pip_audit()
    if found is None:
        print("pip-audit: SKIPPED, its data cannot be reached from here; nothing was audited", flush=True)
        return []
    told("pip-audit", "the pinned packages", not found)
    return [f"pip-audit: {each}" for each in found]


def told(tool: str, words: str, good: bool) -> None:
    print(f"{tool}: {words}: {'as it should be' if good else 'NOT as it should be'}", flush=True)


if __name__ == "__main__":
    main()
