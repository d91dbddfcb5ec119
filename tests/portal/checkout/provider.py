"""A provider that really answers: the app pointed at it, the portal served for its webhooks, a payer."""

from __future__ import annotations

import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

from flask import Flask
from werkzeug.serving import make_server

from portal import wiring

SECRET = "whsec_test"


@contextmanager
def portal_served(app: Flask) -> Iterator[str]:
    """The portal on a port, so that webhooks arrive as they do in life; the address of its door."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}/stripe/webhook"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def talking_to(app: Flask, base: str) -> Iterator[None]:
    """The app as wired for STRIPE_API_BASE and STRIPE_BROWSER_BASE at `base`."""
    kept = app.extensions["settings"]
    changed = kept.model_copy(update={"stripe_api_base": base, "stripe_browser_base": base})
    app.extensions["settings"] = changed
    app.extensions["gateway"] = wiring.stripe_gateway(changed)
    try:
        yield
    finally:
        app.extensions["settings"] = kept


def send(url: str, **form: str) -> str:
    """Send the hosted page's form like a browser that does not follow; where it would go."""

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_args: Any) -> None:
            return None

    try:
        urllib.request.build_opener(Stay).open(url, urlencode(form).encode(), timeout=5).close()
    except urllib.error.HTTPError as answer:
        with answer:
            return str(answer.headers["Location"])
    return ""
