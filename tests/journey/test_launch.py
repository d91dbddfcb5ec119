"""`make run` itself: starts on an empty folder, says where it is, keeps its data, stops cleanly."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from portal import launch
from portal.accounts.signin.demo import PASSWORD
from portal.kit.settings import ROOT
from tests.fakes.waiting import eventually
from tests.journey.surfer import Surfer


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(folder: Path, **more: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PORTAL_", "STRIPE_"))}
    return kept | {"PORTAL_DATA_DIR": str(folder), "PYTHONUNBUFFERED": "1"} | more


@contextmanager
def launched(folder: Path, **more: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`python -m portal.launch` until ready; gives the process and all that it printed until then."""
    process = subprocess.Popen(
        [sys.executable, "-m", "portal.launch"],
        cwd=ROOT, env=environment(folder, **more), text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    printed: list[str] = []
    try:
        assert process.stdout
        for line in process.stdout:
            printed.append(line)
            if "Ctrl-C stops it" in line:
                break
        yield process, "".join(printed)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


@pytest.mark.slow
def test_it_starts_serves_keeps_data_and_stops(tmp_path: Path) -> None:
    port, sandbox = free_port(), free_port()
    ports = {"PORTAL_PORT": str(port), "SANDBOX_PORT": str(sandbox)}
    with launched(tmp_path, **ports) as (process, printed):
        assert f"Portal ready at http://127.0.0.1:{port}" in printed
        assert f"http://127.0.0.1:{sandbox}" in printed
        assert "owner@aurora.example" in printed
        assert "wait for payment" not in printed  # the demo's orders were paid at the sandbox
        surfer = Surfer(f"http://127.0.0.1:{port}")
        surfer.sign_in("owner@aurora.example", PASSWORD)
        assert "CT-2023-00417" in surfer.text
        assert "合同" in surfer.text  # she reads Chinese: the catalogue was compiled and is whole
        assert (tmp_path / "secrets.env").stat().st_mode & 0o777 == 0o600
        before = (tmp_path / "secrets.env").read_text()
    assert process.returncode == 0
    with pytest.raises(requests.ConnectionError):
        requests.get(f"http://127.0.0.1:{sandbox}/_sandbox/state", timeout=2)
    with launched(tmp_path, **ports) as (process, printed):
        assert "Portal ready" in printed
        assert "Filling in" not in printed
        surfer.go("/contracts")  # the old session still holds: secret and rows were kept
        assert "CT-2023-00417" in surfer.text
        if sys.platform == "linux":  # killed outright it can stop nobody, and yet leaves nobody behind
            process.kill()
            assert eventually(lambda: (launch._is_free(port) and launch._is_free(sandbox)) or None)
    assert (tmp_path / "secrets.env").read_text() == before


def test_a_taken_port_set_by_hand_is_an_error(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-m", "portal.launch"],
            cwd=ROOT, env=environment(tmp_path, PORTAL_PORT=port), text=True, capture_output=True, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert f"PORTAL_PORT={port} cannot be used" in done.stderr


def test_a_taken_default_port_moves_on(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        default = taken.getsockname()[1]
        port = launch._port("PORTAL_PORT", default, {})
    assert port > default
    assert f"Port {default} is taken; using {port}." in capsys.readouterr().out


@pytest.mark.parametrize("wish", ["abc", "0", "70000"])
def test_a_port_that_is_none_is_refused(wish: str) -> None:
    with pytest.raises(launch.CannotStart, match="PORTAL_PORT"):
        launch._port("PORTAL_PORT", 8000, {"PORTAL_PORT": wish})
