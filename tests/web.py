"""Browsers for tests: each request in a context of its own, and forms posted with their token."""

from __future__ import annotations

import hashlib
import re
from html import unescape
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse


class Browser(FlaskClient):
    """A client whose requests share nothing but cookies. Without this, Flask would use the test's own application
    context for every request, and with it its `g`: the person of the first request would sign the second."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        with self.application.app_context():
            return super().open(*args, **kwargs)


def csrf_token(client: FlaskClient) -> str:
    """A token that fits the client's session, as the page with the form would carry it."""
    with client.session_transaction() as cookie:
        raw = cookie.setdefault("csrf_token", hashlib.sha256(b"test").hexdigest())
    app: Flask = client.application
    return str(URLSafeTimedSerializer(app.config["SECRET_KEY"], salt="wtf-csrf-token").dumps(raw))


def post_form(client: FlaskClient, url: str, **fields: Any) -> TestResponse:
    """Post a form the way its page would, token included. A list gives a field several values. Redirects are not
    followed."""
    return client.post(url, data={"csrf_token": csrf_token(client), **fields})


def hidden(page: TestResponse, name: str, within: str = "") -> str:
    """The value of the first input called `name`, on the page or in the form whose data-action is `within`."""
    text = page.text.partition(f'data-action="{within}"')[2] if within else page.text
    tag = re.search(rf'<input[^>]*name="{re.escape(name)}"[^>]*>', text)
    assert tag, f"the page has no input {name}"
    value = re.search(r'value="([^"]*)"', tag.group(0))
    return unescape(value.group(1)) if value else ""
