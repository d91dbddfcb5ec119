"""Rate limits with Redis: shared between hosts, and no reason to be down when Redis is.

Each host is a process of its own here, since the limiter is one object for all apps of a process.
"""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from portal.kit.settings import ROOT

NOWHERE = "redis://127.0.0.1:1/0"

HOST = """
import sys
from portal.app import create_app
from portal.cli import prepare_database
from tests.conftest import make_settings
from tests.web import Browser, post_form

database, redis, email, tries = sys.argv[1:]
settings = make_settings(PORTAL_MODE="demo", PORTAL_DATABASE_URL=database, PORTAL_REDIS_URL=redis)
app = create_app(settings)
app.test_client_class = Browser
with app.app_context():
    prepare_database(settings)
client = app.test_client()
for _ in range(int(tries)):
    print(post_form(client, "/sign-in", email=email, password="not this one").status_code)
"""


def host(folder: Path, redis: str, email: str, tries: int) -> list[int]:
    """The answers to `tries` wrong sign-ins at a fresh process."""
    command = [sys.executable, "-c", HOST, f"sqlite:///{folder / 'limits.db'}", redis, email, str(tries)]
    done = subprocess.run(command, cwd=ROOT, text=True, capture_output=True, check=True, timeout=120)
    return [int(code) for code in done.stdout.split()]


@pytest.fixture
def redis_url() -> str:
    url = os.environ.get("TEST_REDIS_URL")
    if not url:
        if os.environ.get("TEST_REQUIRE_ALL"):
            pytest.fail("no Redis, and everything is required here: set TEST_REDIS_URL")
        pytest.skip("no Redis; to run this: TEST_REDIS_URL=redis://127.0.0.1:6379/9 make test")
    return url


@pytest.mark.slow
def test_two_hosts_count_together(redis_url: str, tmp_path: Path) -> None:
    email = f"{uuid.uuid4().hex}@aurora.example"
    first = host(tmp_path, redis_url, email, 6)
    second = host(tmp_path, redis_url, email, 6)
    assert 429 not in first
    assert second[-1] == 429
    assert second.count(429) == 2  # ten wrong tries are allowed, wherever they were made


@pytest.mark.slow
def test_without_redis_sign_in_still_answers_and_still_limits(tmp_path: Path) -> None:
    codes = host(tmp_path, NOWHERE, "limit@aurora.example", 12)
    assert codes[0] == 200
    assert 500 not in codes
    assert codes[-1] == 429
