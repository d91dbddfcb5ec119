"""The HTTP server: threads, loopback only, quiet."""

from __future__ import annotations

import ipaddress
import socket
import threading
from wsgiref.types import WSGIApplication

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server


class Handler(WSGIRequestHandler):
    """One request for each connection: kept-alive ones would hold a thread and outlive a stop."""

    protocol_version = "HTTP/1.0"
    # Head and body go out as two small writes; Nagle would hold the second back for 40 ms.
    disable_nagle_algorithm = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


class Server:
    """Serves `app` on a loopback address. Raises OSError when the port is taken, ValueError for another host."""

    def __init__(self, app: WSGIApplication, port: int = 0, host: str = "127.0.0.1") -> None:
        if not ipaddress.ip_address(host).is_loopback:
            raise ValueError(f"{host} is not a loopback address")
        self._server = _listen(app, host, port)
        self._thread: threading.Thread | None = None
        shown = f"[{host}]" if ":" in host else host
        self.base = f"http://{shown}:{self._server.port}"

    def start(self) -> None:
        """Serve in a thread of its own."""
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="sandbox-server", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        if self._thread:
            self._thread.join()


def _listen(app: WSGIApplication, host: str, port: int) -> BaseWSGIServer:
    # Bound here, since werkzeug would print and leave the process when the port is taken.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as ours:
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        ours.bind((host, port))
        ours.listen(128)
        return make_server(host, port, app, threaded=True, request_handler=Handler, fd=ours.fileno())
