"""The knobs at /_sandbox, what survives a restart, and the command line."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests
import stripe

from payments.sandbox.__main__ import main
from payments.sandbox.app import Sandbox, create_sandbox
from payments.sandbox.serve import Server
from tests.payments.sandbox.support import SECRET, Payer, Receiver, client_of, order


def control(base: str, path: str, **sent: Any) -> requests.Response:
    return requests.post(f"{base}/_sandbox/{path}", json=sent, timeout=5)


def test_knobs(payer: Payer, sandbox: Sandbox, receiver: Receiver, base: str) -> None:
    assert control(base, "webhooks", target=receiver.url, secret=SECRET, delay=5).json() == {"delay": 5}
    payer.client.v1.customers.create({})
    assert control(base, "clock/advance", seconds=6).json()["advanced"] == 6
    assert receiver.types(sandbox) == ["customer.created"]
    assert control(base, "webhooks", stop=True).json()["stop"] is True
    assert control(base, "webhooks", resume=True).json()["stop"] is False
    assert control(base, "faults", next=[{"status": 500}]).json()["faults"] == 1
    with pytest.raises(stripe.APIError):
        payer.client.v1.customers.list()
    state = requests.get(f"{base}/_sandbox/state", timeout=5).json()
    assert state["objects"] == {"customer": 1, "event": 1}
    assert state["target"] == receiver.url
    empty = requests.post(f"{base}/_sandbox/reset", timeout=5).json()
    assert (empty["objects"], empty["advanced"], empty["target"]) == ({}, 0, receiver.url)
    assert payer.client.v1.customers.list().data == []


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("clock/advance", {}),
        ("clock/advance", {"seconds": -1}),
        ("webhooks", {"target": "http://example.com/"}),
        ("webhooks", {"explode": True}),
        ("webhooks", {"delay": "long"}),
        ("webhooks", {"drop": "some"}),
        ("faults", {"next": "all"}),
        ("faults", {"next": [{"status": 418}]}),
        ("faults", {"next": [{"status": 500, "colour": "red"}]}),
    ],
)
def test_bad_wishes(base: str, path: str, sent: dict[str, Any]) -> None:
    answer = control(base, path, **sent)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_strangers_may_not_turn_them(sandbox: Sandbox, base: str) -> None:
    foreign = requests.post(f"{base}/_sandbox/reset", headers={"Origin": "http://evil.example"}, timeout=5)
    assert foreign.status_code == 403
    bad = requests.post(f"{base}/_sandbox/reset", data="[1]", timeout=5)
    assert bad.status_code == 200
    with sandbox.wsgi.test_client() as remote:
        answer = remote.post(
            "/_sandbox/reset", base_url="http://127.0.0.1", environ_base={"REMOTE_ADDR": "10.0.0.9"}
        )
    assert answer.status_code == 403


def test_a_restart_keeps_everything(tmp_path: Path, receiver: Receiver) -> None:
    first = create_sandbox(tmp_path, webhook=receiver.url, secret=SECRET)
    first.modes(stop=True)
    with first.serving() as base:
        client = client_of(base)
        session = client.v1.checkout.sessions.create(order(), {"idempotency_key": "k"})
        requests.post(str(session.url), data={"outcome": "pending_then_succeed"}, allow_redirects=False, timeout=5)
        first.advance(3)
    first.close()

    second = create_sandbox(tmp_path)
    with second.serving() as base:
        client = client_of(base)
        assert second.summary()["advanced"] == 3
        replayed = client.v1.checkout.sessions.create(order(), {"idempotency_key": "k"})
        assert replayed.id == session.id
        assert client.v1.checkout.sessions.retrieve(session.id).payment_status == "unpaid"
        second.advance(3)
        assert client.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"
        second.modes(stop=False)
        arrived = receiver.types(second)
        assert arrived[0] == "payment_intent.created"
        assert arrived[-1] == "checkout.session.async_payment_succeeded"
    second.close()


def test_the_background_settles_by_itself(payer: Payer, receiver: Receiver, sandbox: Sandbox) -> None:
    sandbox.target(receiver.url, SECRET)
    session = payer.session()
    payer.post(session.url, outcome="pending_then_succeed")
    sandbox._clock.advance(5)  # the clock alone: nobody calls tick() but the background
    while receiver.take().type != "checkout.session.async_payment_succeeded":
        pass
    assert payer.again(session).payment_status == "paid"


def test_the_command_line(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "payments.sandbox", "--port", "0", "--state", str(tmp_path / "s.db")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        ready = process.stdout.readline()
        found = re.fullmatch(r"Stripe sandbox ready at (http://127\.0\.0\.1:\d+)\n", ready)
        assert found
        assert client_of(found[1]).v1.customers.list().data == []
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0


def test_a_taken_port(base: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    port = base.rsplit(":", 1)[1]
    assert main(["--port", port, "--state", str(tmp_path / "other")]) == 1
    assert f"cannot listen on 127.0.0.1:{port}: Address already in use" in capsys.readouterr().err


def test_loopback_only(sandbox: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--host", "0.0.0.0", "--port", "0", "--state", str(tmp_path / "other")]) == 1
    assert main(["--webhook", "http://example.com/", "--state", str(tmp_path / "other")]) == 1
    assert "loopback" in capsys.readouterr().err
    with pytest.raises(ValueError, match="loopback"):
        Server(sandbox.wsgi, 0, "10.0.0.1")
