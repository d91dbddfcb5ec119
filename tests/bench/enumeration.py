"""Does an answer's time tell who has an account? `python -m tests.bench.enumeration [--db sqlite] [--tries 200]`.

Known and unknown addresses take turns at the doors; the medians' difference must stay under 5 ms.
"""

from __future__ import annotations

import argparse
import re
import statistics
from collections.abc import Callable
from time import perf_counter

import click
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.accounts.models import CompanyRole
from portal.accounts.signin import passwords
from portal.kit import clock
from portal.kit.db import transaction
from tests import factories
from tests.bench.rig import backends, portal_on
from tests.web import Browser, post_form

Ask = Callable[[FlaskClient, str], TestResponse]
MOST_MS = 5.0


def sign_in(client: FlaskClient, email: str) -> TestResponse:
    return post_form(client, "/sign-in", email=email, password="not this one, surely")


def forgot(client: FlaskClient, email: str) -> TestResponse:
    return post_form(client, "/forgot", email=email)


def mailed_code(client: FlaskClient, email: str) -> TestResponse:
    return post_form(client, "/sign-in/code", email=email)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--tries", type=int, default=200)
    tries = parser.parse_known_args()[0].tries
    click.echo("| | door | known, median ms | unknown, median ms | difference ms | same answer |")
    click.echo("|---|---|---|---|---|---|")
    good = True
    for backend in backends():
        with portal_on(backend) as app:
            app.test_client_class = Browser
            for name, ask in doors(app).items():
                good = compare(app, backend, name, ask, tries) and good
    if not good:
        raise SystemExit("A door tells who has an account.")


def doors(app: Flask) -> dict[str, Ask]:
    """The doors that take an address. The invitation is an owner's."""
    with transaction() as db:
        company = factories.company(db)
        owner = factories.member(db, company, CompanyRole.OWNER)
    cookie = app.test_client()
    factories.sign_in(cookie, owner, clock.now())
    kept = cookie.get_cookie("portal")

    def invite(client: FlaskClient, email: str) -> TestResponse:
        client.set_cookie("portal", kept.value if kept else "")
        return post_form(client, f"/team/{company.id}/members", email=email, name="Somebody", role="viewer")

    return {"sign-in": sign_in, "forgotten password": forgot, "mailed code": mailed_code, "invitation": invite}


def compare(app: Flask, backend: str, name: str, ask: Ask, tries: int) -> bool:
    """Ask for known and unknown addresses in turn; print the line, and say whether they look the same."""
    hashed = passwords.hashed("a password of somebody")
    with transaction() as db:
        known = [
            factories.person(db, f"known{n}-{name[:3]}@bench.example", password=hashed).email for n in range(tries)
        ]
    times: dict[bool, list[float]] = {True: [], False: []}
    answers: dict[bool, set[tuple[int, str]]] = {True: set(), False: set()}
    for number in range(tries):
        for is_known in (number % 2 == 0, number % 2 != 0):
            email = known[number] if is_known else f"nobody{number}-{name[:3]}@bench.example"
            client = app.test_client()
            start = perf_counter()
            answer = ask(client, email)
            times[is_known].append((perf_counter() - start) * 1000)
            answers[is_known].add((answer.status_code, alike(answer.text, email)))
    medians = {each: statistics.median(times[each]) for each in times}
    gap = abs(medians[True] - medians[False])
    same = answers[True] == answers[False]
    told = " | ".join(f"{each:.2f}" for each in (medians[True], medians[False], gap))
    click.echo(f"| {backend} | {name} | {told} | {'yes' if same else 'NO'} |")
    return same and gap <= MOST_MS


def alike(page: str, email: str) -> str:
    """Without what differs between any two requests."""
    page = page.replace(email, "E")
    return re.sub(r'nonce="[^"]*"|name="csrf_token"[^>]*value="[^"]*"|[0-9a-f]{16}', "", page)


if __name__ == "__main__":
    main()
