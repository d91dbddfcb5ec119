"""Settings: what is refused in which mode, and where values come from."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.kit import settings
from portal.kit.settings import Mode, SettingsError

SECRET = {"PORTAL_SECRET_KEY": "s" * 40}
PRODUCTION = SECRET | {
    "PORTAL_MODE": "production",
    "PORTAL_BASE_URL": "https://renew.example.com",
    "PORTAL_SELLER_NAME": "Tidewell",
    "PORTAL_SELLER_ZONE": "Asia/Shanghai",
    "PORTAL_BOOKS_CURRENCY": "CNY",
    "PORTAL_SMTP_URL": "smtp://mail.example.com",
    "STRIPE_API_KEY": "sk_live_x",
    "STRIPE_WEBHOOK_SECRET": "whsec_x",
}


@pytest.fixture(autouse=True)
def _no_env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "ROOT", tmp_path)


def problems(env: dict[str, str]) -> str:
    with pytest.raises(SettingsError) as caught:
        settings.load(env)
    return "\n".join(caught.value.problems)


def test_demo_needs_nothing_but_a_secret() -> None:
    loaded = settings.load(SECRET)
    assert loaded.mode is Mode.DEMO
    assert loaded.practice
    assert loaded.seller == "Tidewell"
    assert loaded.zone == "Asia/Shanghai"
    assert loaded.provider_origin == settings.STRIPE_CHECKOUT
    assert loaded.sqlalchemy_url.startswith("sqlite:///")


def test_production_starts_when_complete() -> None:
    loaded = settings.load(PRODUCTION)
    assert loaded.is_https
    assert not loaded.practice
    assert loaded.hosts == ["renew.example.com"]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"PORTAL_SECRET_KEY": "short"}, "PORTAL_SECRET_KEY"),
        ({"PORTAL_BASE_URL": "http://renew.example.com"}, "PORTAL_BASE_URL"),
        ({"STRIPE_API_BASE": "http://127.0.0.1:8420"}, "STRIPE_API_BASE"),
        ({"PORTAL_SELLER_NAME": ""}, "PORTAL_SELLER_NAME"),
        ({"PORTAL_SELLER_ZONE": ""}, "PORTAL_SELLER_ZONE"),
        ({"PORTAL_BOOKS_CURRENCY": ""}, "PORTAL_BOOKS_CURRENCY"),
        ({"STRIPE_API_KEY": ""}, "STRIPE_API_KEY"),
        ({"PORTAL_SMTP_URL": ""}, "PORTAL_SMTP_URL"),
        ({"PORTAL_SMTP_URL": "smtp://me:secret@mail.example.com"}, "PORTAL_SMTP_URL"),
        ({"STRIPE_API_KEY": "sk_test_x"}, "STRIPE_API_KEY"),
    ],
)
def test_production_refuses_to_start_without(change: dict[str, str], named: str) -> None:
    assert named in problems(PRODUCTION | change)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"STRIPE_API_KEY": "sk_live_x"}, "STRIPE_API_KEY"),
        ({"PORTAL_BASE_URL": "http://renew.example.com"}, "PORTAL_BASE_URL"),
        ({"STRIPE_API_KEY": "rk_live_x", "STRIPE_API_BASE": "http://127.0.0.1:1"}, "STRIPE_API_BASE"),
        ({"PORTAL_SELLER_ZONE": "Mars/Base"}, "PORTAL_SELLER_ZONE"),
        ({"PORTAL_BASE_URL": "renew.example.com"}, "PORTAL_BASE_URL"),
        ({"PORTAL_MODE": "staging"}, "PORTAL_MODE"),
        ({"PORTAL_MODE": "test", "PORTAL_BASE_URL": "https://renew.example.com"}, "PORTAL_BASE_URL"),
    ],
)
def test_demo_refuses(change: dict[str, str], named: str) -> None:
    assert named in problems(SECRET | change)


def test_environment_wins_over_env_file_and_secrets(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PORTAL_SELLER_NAME=From file\nPORTAL_SELLER_TAX_ID=T1\n")
    folder = tmp_path / "var"
    folder.mkdir()
    (folder / "secrets.env").write_text(f"PORTAL_SECRET_KEY={'k' * 40}\nPORTAL_SELLER_TAX_ID=T2\n")
    loaded = settings.load({"PORTAL_SELLER_NAME": "From environment", "PORTAL_DATA_DIR": str(folder)})
    assert loaded.seller_name == "From environment"
    assert loaded.seller_tax_id == "T1"
    assert loaded.secret_key.get_secret_value() == "k" * 40


def test_production_ignores_generated_secrets(tmp_path: Path) -> None:
    (tmp_path / "secrets.env").write_text(f"PORTAL_SECRET_KEY={'k' * 40}\n")
    env = PRODUCTION | {"PORTAL_DATA_DIR": str(tmp_path)}
    del env["PORTAL_SECRET_KEY"]
    assert "PORTAL_SECRET_KEY" in problems(env)


def test_secrets_do_not_show_in_dumps() -> None:
    loaded = settings.load(PRODUCTION | {"PORTAL_DATABASE_URL": "postgres://u:hidden@h/db"})
    assert "hidden" not in repr(loaded)
    assert "sk_live" not in repr(loaded)
    assert loaded.sqlalchemy_url == "postgresql+psycopg://u:hidden@h/db"
