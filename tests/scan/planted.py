"""A small site with holes, on which each scanner shows that it finds what it is there for."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs

HOME = '<p><a href="/item?id=1">Item</a> <a href="/echo?q=hello">Echo</a></p>'


def site(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """/item puts what it is given into SQL, /echo into the page; no header protects either."""
    asked = parse_qs(environ["QUERY_STRING"])
    path, page = environ["PATH_INFO"], HOME
    if path == "/item":
        page = _item(asked.get("id", ["1"])[0])
    elif path == "/echo":
        page = f"<p>You said {asked.get('q', [''])[0]}</p>"
    start_response("200 OK", [("Content-Type", "text/html; charset=utf-8")])
    return [f"<!DOCTYPE html><html><body>{page}</body></html>".encode()]


def _item(given: str) -> str:
    with sqlite3.connect(":memory:") as db:
        db.executescript("create table items (id integer, name text); insert into items values (1, 'one')")
        try:
            rows = db.execute(f"select name from items where id = {given}").fetchall()
        except sqlite3.Error as error:
            return f"sqlite3.OperationalError: {error}"
    return "".join(f"<p>{name}</p>" for (name,) in rows) or "<p>none</p>"
