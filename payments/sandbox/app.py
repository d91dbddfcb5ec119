"""Puts the sandbox together: the Flask app, and the handle by which tests and the command line hold it."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, request

from payments.sandbox import control, tasks
from payments.sandbox.api.door import Asked, Door
from payments.sandbox.background import Loop
from payments.sandbox.clock import Clock
from payments.sandbox.envelope import Answer
from payments.sandbox.faults import Faults
from payments.sandbox.hosted import views
from payments.sandbox.serve import Server
from payments.sandbox.store import Json, Rows, Store, state_file
from payments.sandbox.webhooks import Postman, loopback_url
from payments.sandbox.work import Settings, Work

LARGEST_REQUEST = 1_000_000


class Sandbox:
    """A running (or resting) sandbox; see the package's docstring for its use."""

    def __init__(self, path: Path, settings: Settings) -> None:
        self._settings = settings
        self._store = Store(path)
        self._clock = Clock(self._store)
        self._faults = Faults()
        self._postman = Postman(self._store, self._clock)
        self._loops = [Loop("clock", self.tick), Loop("post", self._postman.deliver_due)]
        self._store.on_commit = self._loops[1].wake
        self.wsgi = _flask_app(self, self._store, Door(self._store, self._faults, self._work))

    def _work(self, rows: Rows) -> Work:
        return Work(rows, int(self._clock.now()), self._settings)

    @contextlib.contextmanager
    def serving(self, port: int = 0, host: str = "127.0.0.1") -> Iterator[str]:
        """Serve in threads of this process, background included; gives the base address."""
        server = Server(self.wsgi, port, host)
        server.start()
        self.start_background()
        try:
            yield server.base
        finally:
            self._faults.plan([])
            server.stop()
            self.stop_background()

    def start_background(self) -> None:
        self._postman.start()
        for loop in self._loops:
            loop.start()

    def stop_background(self) -> None:
        self._postman.stop()
        for loop in self._loops:
            loop.stop()

    def close(self) -> None:
        """Close the state file; call after serving has ended."""
        self._store.close()

    @property
    def now(self) -> int:
        """Whole seconds of the sandbox's clock."""
        return int(self._clock.now())

    def tick(self) -> None:
        """Do what is due; the background does this by itself."""
        sql = "SELECT 1 FROM tasks WHERE due <= ? LIMIT 1"
        with self._store.reading() as rows:
            if not rows.db.execute(sql, (self._clock.now(),)).fetchone():
                return
        with self._store.writing() as rows:
            while tasks.due(self._work(rows), self._clock.now()):
                pass

    def deliver(self) -> int:
        """Send the webhooks that are due, as the background does; the number of attempts."""
        return self._postman.deliver_due()

    def advance(self, seconds: float) -> None:
        """Move the sandbox's clock on; what falls due by it is done before this returns, webhooks aside."""
        self._clock.advance(seconds)
        self.tick()
        self._loops[1].wake()

    def target(self, url: str | None, secret: str = "") -> None:
        """Send webhooks to `url` (None: nowhere). Raises ValueError unless it is http on a loopback address."""
        if url is not None and not loopback_url(url):
            raise ValueError(f"webhooks go to http on a loopback address only, not to {url}")
        with self._store.writing() as rows:
            rows.set("webhook_target", {"url": url, "secret": secret} if url else None)

    def modes(self, **changes: Any) -> Json:
        """Change how webhooks (mis)behave, see `webhooks`; gives all modes."""
        with self._store.writing() as rows:
            modes: Json = {**rows.setting("webhook_modes", {}), **changes}
            rows.set("webhook_modes", modes)
        return modes

    def misbehave(self, *wishes: Json) -> None:
        """Let the API fail as wished, e.g. `{"status": 500, "path_prefix": "/v1/checkout", "count": 2}`."""
        self._faults.plan(list(wishes))

    def reset(self) -> None:
        """Forget all objects, keys, deliveries, faults and the advanced clock; keep the default target."""
        self._faults.plan([])
        with self._store.writing() as rows:
            target = rows.setting("webhook_target")
            rows.forget_everything()
            rows.set("webhook_target", target)
        self._clock.back_to_real()

    def do(self, deed: Callable[[Work], Json]) -> Json:
        """What a test makes happen at the provider, in one transaction. Raises ApiError."""
        with self._store.writing() as rows:
            done: Json = deed(self._work(rows))
            return done

    def summary(self) -> Json:
        objects = "SELECT kind, count(*) FROM objects GROUP BY kind ORDER BY kind"
        deliveries = "SELECT state, count(*) FROM deliveries GROUP BY state ORDER BY state"
        with self._store.reading() as rows:
            return {
                "now": self.now,
                "advanced": self._clock.offset,
                "objects": dict(rows.db.execute(objects).fetchall()),
                "deliveries": dict(rows.db.execute(deliveries).fetchall()),
                "modes": rows.setting("webhook_modes", {}),
                "target": (rows.setting("webhook_target") or {}).get("url"),
                "faults": len(self._faults),
            }


def create_sandbox(
    state_path: Path | str,
    *,
    webhook: str | None = None,
    secret: str = "",
    settle_seconds: float = 5.0,
    seller: str = "",
    browser_base: str = "",
) -> Sandbox:
    """A sandbox over the state at `state_path` (a folder or a .db file), which may hold an earlier run.

    `webhook` replaces the target of that earlier run; without it the old one stays.
    """
    sandbox = Sandbox(state_file(Path(state_path)), Settings(settle_seconds, seller, browser_base.rstrip("/")))
    if webhook is not None:
        sandbox.target(webhook, secret)
    return sandbox


def _flask_app(sandbox: Sandbox, store: Store, door: Door) -> Flask:
    app = Flask("payments.sandbox", static_folder="hosted/static", static_url_path="/_static")
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST
    app.before_request(_only_by_a_local_name)

    @app.route("/v1/<path:_rest>", methods=["GET", "POST", "DELETE"])
    def api(_rest: str) -> Response:
        encoded = request.query_string if request.method == "GET" else request.get_data()
        origin = request.host_url.rstrip("/")
        asked = Asked(request.method, request.path, request.headers, encoded, origin)
        answer, cut = door.answer(asked)
        if cut:
            _cut()
        return _response(answer)

    app.register_blueprint(views.blueprint(store, sandbox._work))
    app.register_blueprint(control.blueprint(sandbox))
    return app


def _only_by_a_local_name() -> None:
    """A strange name that leads to 127.0.0.1 is a rebinding trick, or a mistake."""
    name = request.host.rsplit(":", 1)[0] if not request.host.endswith("]") else request.host
    if name not in ("127.0.0.1", "localhost", "[::1]"):
        abort(403)


def _response(answer: Answer) -> Response:
    body = json.dumps(answer.body, ensure_ascii=False)
    return Response(body, answer.status, answer.headers, mimetype="application/json")


def _cut() -> None:
    """Close the line under the answer: the deed is done, the caller will not hear of it."""
    line = request.environ.get("werkzeug.socket")
    if isinstance(line, socket.socket):
        with contextlib.suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)
