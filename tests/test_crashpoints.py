"""R1: a point stands around everything in checkout that writes or asks the provider."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from flask import Flask

from payments import crashpoints
from portal.checkout import flows
from portal.kit.db import transaction
from tests.fakes.gateway import FakeGateway
from tests.portal.checkout.support import open_page, renewal, use
from tests.torture import points

ROOT = Path(__file__).parents[1]


def test_there_are_enough_points_and_each_has_two_sides() -> None:
    found = points.expected()
    assert len(found) >= 100
    assert len(set(found)) == len(found)
    assert sum(point.endswith(":before") for point in found) * 2 == len(found)


def test_nothing_writes_or_asks_past_the_points() -> None:
    """In checkout and payments: no session of one's own, no commit, no gateway but by `gateway()`."""
    past = []
    for folder in ("portal/checkout", "payments"):
        for path in (ROOT / folder).rglob("*.py"):
            if "sandbox" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if not isinstance(node, ast.Call):
                    continue
                text = ast.unparse(node)
                if text.endswith((".commit()", ".begin()")) or text.startswith(("Session(", "create_engine(")):
                    past.append(f"{path.relative_to(ROOT)}:{node.lineno} {text}")
    assert not past


def test_every_point_of_a_payment_is_reached_under_the_name_that_the_code_gives_it(app: Flask) -> None:
    reached: list[str] = []
    crashpoints.install(reached.append)
    try:
        use(app)
        open_page(renewal())
        flows.sweep()
    finally:
        crashpoints.remove()
    ours = {point for point in reached if point.startswith("portal.checkout.")}
    assert ours <= set(points.expected())
    assert "portal.checkout.flows.pages.ensure_page:open_session:after" in ours
    assert "portal.checkout.flows.pages.begin:transaction:before" in ours


def test_without_a_hook_nothing_is_named(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(_up: int) -> str:
        raise AssertionError("a name was made for nobody")

    monkeypatch.setattr(crashpoints, "here", never)
    gateway: FakeGateway = use(app)
    with transaction():
        pass
    assert flows.ground.gateway() is gateway


def test_a_comprehension_is_no_function_of_its_own() -> None:
    assert [crashpoints.here(0) for _ in range(1)] == [
        f"{__name__}.{test_a_comprehension_is_no_function_of_its_own.__name__}"
    ]
