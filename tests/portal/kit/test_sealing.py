"""Sealed secrets: unreadable without the key, and readable across a change of keys."""

from __future__ import annotations

import pytest

from portal.kit import sealing
from tests.conftest import make_settings


def test_what_was_sealed_comes_back() -> None:
    settings = make_settings()
    sealed = sealing.seal(settings, b"secret")
    assert "secret" not in sealed
    assert sealing.unseal(settings, sealed) == b"secret"
    assert sealing.seal(settings, b"secret") != sealed


def test_a_replaced_key_still_opens_what_it_sealed() -> None:
    sealed = sealing.seal(make_settings(), b"secret")
    rotated = make_settings(PORTAL_SECRET_KEY="n" * 40, PORTAL_SECRET_KEY_FALLBACKS="t" * 40)
    assert sealing.unseal(rotated, sealed) == b"secret"
    assert sealing.unseal(make_settings(PORTAL_SECRET_KEY="n" * 40), sealed) is None


@pytest.mark.parametrize("junk", ["", "x", "gAAAAAB", "ÄÖÜ"])
def test_junk_opens_as_nothing(junk: str) -> None:
    assert sealing.unseal(make_settings(), junk) is None


def test_a_codes_mark_depends_on_the_key() -> None:
    one, other = make_settings(), make_settings(PORTAL_SECRET_KEY="n" * 40)
    assert sealing.mac(one, "12345678") == sealing.mac(one, "12345678")
    assert sealing.mac(one, "12345678") != sealing.mac(other, "12345678")
