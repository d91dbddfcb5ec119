"""A company's identity provider on loopback (OpenID Connect): it signs in whoever `claims` name, without
asking."""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, jsonify, redirect, request
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

CLIENT, SECRET = "portal", "portal-secret-of-the-client"


@dataclass
class Identity:
    """What the provider says. Change `claims` to make it say something else, `key` to make it lie."""

    claims: dict[str, Any] = field(default_factory=dict)
    base: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, parameters={"kid": "one"}))
    known_key: RSAKey | None = None
    asked: list[dict[str, str]] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    off: bool = False
    # Where it sends on whoever asks for its particulars.
    elsewhere: str | None = None

    def forget(self) -> None:
        """Say nothing yet, and know nobody, as at the beginning; the key stays."""
        self.claims, self.known_key, self.off, self.elsewhere = {}, None, False, None
        self.asked.clear()
        self.codes.clear()

    def token(self, asked: dict[str, str]) -> str:
        now = int(time.time())
        told = {"iss": self.base, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        told |= {"auth_time": now} if asked.get("prompt") == "login" else {}
        return jwt.encode({"alg": "RS256", "kid": "one"}, told | self.claims, self.key)


def application(identity: Identity) -> Flask:
    app = Flask("identity")

    @app.before_request
    def away() -> tuple[str, int] | None:
        return ("away", 503) if identity.off else None

    @app.get("/.well-known/openid-configuration")
    def configuration() -> Response:
        if identity.elsewhere:
            return redirect(identity.elsewhere)
        return jsonify(
            issuer=identity.base, authorization_endpoint=identity.base + "/authorize",
            token_endpoint=identity.base + "/token", jwks_uri=identity.base + "/keys",
            id_token_signing_alg_values_supported=["RS256"], response_types_supported=["code"],
            subject_types_supported=["public"],
        )  # fmt: skip

    @app.get("/authorize")
    def authorize() -> Response:
        asked = request.args.to_dict()
        identity.asked.append(asked)
        code = secrets.token_urlsafe(16)
        identity.codes[code] = asked
        return redirect(f"{asked['redirect_uri']}?code={code}&state={asked['state']}")

    @app.post("/token")
    def token() -> Response | tuple[Response, int]:
        asked = identity.codes.pop(request.form["code"], None)
        given = request.authorization
        verifier = hashlib.sha256(request.form.get("code_verifier", "").encode()).digest()
        proof = base64.urlsafe_b64encode(verifier).decode().rstrip("=")
        good = given is not None and (given.username, given.password) == (CLIENT, SECRET)
        if asked is None or not good or proof != asked["code_challenge"]:
            return jsonify(error="invalid_grant"), 400
        return jsonify(access_token="access", token_type="Bearer", expires_in=300, id_token=identity.token(asked))

    @app.get("/keys")
    def keys() -> Response:
        return jsonify(keys=[(identity.known_key or identity.key).as_dict(private=False)])

    return app


@contextmanager
def running() -> Iterator[Identity]:
    identity = Identity()
    server = make_server("127.0.0.1", 0, application(identity), threaded=True)
    identity.base = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield identity
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()
