"""Slips: what is refused, and how long they are kept."""

from __future__ import annotations

import io
import os
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.checkout import flows
from portal.contracts.imports import jobs as imports
from portal.kit import clock, files
from tests.fakes.gateway import FakeGateway
from tests.portal.finance.test_transfers_desk import PNG, chosen, slip
from tests.web import csrf_token


def addresses(client: FlaskClient, number: str) -> list[str]:
    """The addresses of the slips that the order's page shows."""
    start = f"/orders/{number}/slips/"
    return [
        start + each.split('"')[0] for each in client.get(f"/orders/{number}").text.split(f'href="{start}')[1:]
    ]


def stored(folder: Path) -> list[Path]:
    place = folder / files.SLIPS
    return [each for each in place.iterdir() if each.is_file()] if place.is_dir() else []


def age(path: Path, days: int) -> None:
    then = (clock.now() - timedelta(days=days)).timestamp()
    os.utime(path, (then, then))


def test_no_clearing_takes_a_slip(client: FlaskClient, gateway: FakeGateway, tmp_path: Path) -> None:
    made = chosen(client)
    slip(client, made.number, PNG, "slip.png")
    for path in stored(tmp_path):
        age(path, 400)
    imports.remove_old_files()
    flows.clear_slips()
    assert [client.get(each).status_code for each in addresses(client, made.number)] == [200]


def test_an_upload_that_was_cut_off_is_cleared_after_a_day(
    client: FlaskClient,
    gateway: FakeGateway,
    tmp_path: Path,
) -> None:
    made = chosen(client)
    slip(client, made.number, PNG, "slip.png")
    old, new = (tmp_path / files.SLIPS / (letter * 32) for letter in "ab")
    for path in (old, new):
        path.write_bytes(PNG)
    age(old, 2)
    age(new, 0)
    flows.clear_slips()
    assert (old.exists(), new.exists(), len(stored(tmp_path))) == (False, True, 2)


def large(client: FlaskClient, number: str, size: int) -> TestResponse:
    """Send a slip of `size` bytes, from memory: the test client would leave a temporary file open."""
    parts = {"csrf_token": csrf_token(client).encode(), 'slip"; filename="slip.png': PNG.ljust(size, b"0")}
    lines = [
        b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name.encode(), content)
        for name, content in parts.items()
    ]
    body = b"".join(lines) + b"--x--\r\n"
    return client.post(
        f"/orders/{number}/slips",
        input_stream=io.BytesIO(body), content_length=len(body), content_type="multipart/form-data; boundary=x",
    )  # fmt: skip


@pytest.mark.parametrize(("size", "status"), [(10_000_000, 303), (10_000_001, 303), (11_000_000, 413)])
def test_more_than_ten_megabytes_leave_nothing(
    client: FlaskClient, gateway: FakeGateway, tmp_path: Path, size: int, status: int
) -> None:
    made = chosen(client)
    assert large(client, made.number, size).status_code == status
    kept = int(size <= 10_000_000)
    assert (len(addresses(client, made.number)), len(stored(tmp_path))) == (kept, kept)


@pytest.mark.parametrize(
    "name", ["../../../etc/passwd", "..\\..\\boot.ini", "/etc/cron.d/x", "a" * 5_000 + ".png"]
)
def test_a_name_is_never_a_path(
    client: FlaskClient,
    gateway: FakeGateway,
    tmp_path: Path,
    name: str,
) -> None:
    made = chosen(client)
    slip(client, made.number, PNG, name)
    (kept,) = stored(tmp_path)
    assert len(kept.name) == 32
    (address,) = addresses(client, made.number)
    sent = client.get(address)
    assert (
        sent.headers["Content-Disposition"]
        == f'attachment; filename="slip-{made.number}-{address.split("/")[-1]}.png"'
    )
