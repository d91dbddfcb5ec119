"""Settings: read once from the environment, `.env` and the data folder's secrets; typed and frozen."""

from __future__ import annotations

import os
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

ROOT: Final = Path(__file__).resolve().parents[2]
STRIPE_CHECKOUT: Final = "https://checkout.stripe.com"
LIVE_KEYS: Final = ("sk_live_", "rk_live_")
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
MINIMUM_SECRET = 32


class Mode(StrEnum):
    DEMO = "demo"
    PRODUCTION = "production"
    TEST = "test"


class SettingsError(Exception):
    """The settings cannot be used; `problems` holds one sentence each, for the person who installs."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Settings(BaseModel):
    """All settings. Field names are those of the environment without the prefix PORTAL_."""

    model_config = ConfigDict(frozen=True, populate_by_name=True, extra="ignore")

    secret_key: SecretStr = Field(alias="PORTAL_SECRET_KEY")
    secret_key_fallbacks: str = Field("", alias="PORTAL_SECRET_KEY_FALLBACKS", repr=False)
    base_url: str = Field("http://127.0.0.1:8000", alias="PORTAL_BASE_URL")
    database_url: str = Field("", alias="PORTAL_DATABASE_URL", repr=False)
    redis_url: str = Field("", alias="PORTAL_REDIS_URL", repr=False)
    data_dir: Path = Field(ROOT / "var", alias="PORTAL_DATA_DIR")
    mode: Mode = Field(Mode.DEMO, alias="PORTAL_MODE")
    trusted_hosts: str = Field("", alias="PORTAL_TRUSTED_HOSTS")
    trusted_proxies: int = Field(0, alias="PORTAL_TRUSTED_PROXIES", ge=0, le=5)
    worker: bool = Field(False, alias="PORTAL_WORKER_INSIDE")
    smtp_url: str = Field("", alias="PORTAL_SMTP_URL", repr=False)
    mail_from: str = Field("Renewals <renewals@portal.example>", alias="PORTAL_MAIL_FROM")
    seller_name: str = Field("", alias="PORTAL_SELLER_NAME")
    seller_address: str = Field("", alias="PORTAL_SELLER_ADDRESS")
    seller_tax_id: str = Field("", alias="PORTAL_SELLER_TAX_ID")
    seller_zone: str = Field("", alias="PORTAL_SELLER_ZONE")
    books_currency: str = Field("", alias="PORTAL_BOOKS_CURRENCY")
    support_email: str = Field("", alias="PORTAL_SUPPORT_EMAIL")
    require_mfa: bool | None = Field(None, alias="PORTAL_REQUIRE_MFA")
    oidc_issuer: str = Field("", alias="PORTAL_OIDC_ISSUER")
    oidc_client_id: str = Field("", alias="PORTAL_OIDC_CLIENT_ID")
    oidc_client_secret: SecretStr = Field(SecretStr(""), alias="PORTAL_OIDC_CLIENT_SECRET")
    oidc_name: str = Field("", alias="PORTAL_OIDC_NAME")
    stripe_api_key: SecretStr = Field(SecretStr(""), alias="STRIPE_API_KEY")
    stripe_webhook_secret: SecretStr = Field(SecretStr(""), alias="STRIPE_WEBHOOK_SECRET")
    stripe_api_base: str = Field("", alias="STRIPE_API_BASE")
    stripe_browser_base: str = Field("", alias="STRIPE_BROWSER_BASE")

    @field_validator("base_url", "stripe_api_base", "stripe_browser_base")
    @classmethod
    def _is_origin(cls, value: str) -> str:
        if not value:
            return value
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path not in {"", "/"}:
            raise ValueError("must look like https://host or http://host:port, without a path")
        return value.rstrip("/")

    @field_validator("seller_zone")
    @classmethod
    def _is_zone(cls, value: str) -> str:
        if value:
            try:
                ZoneInfo(value)
            except (ZoneInfoNotFoundError, ValueError):
                raise ValueError("is no IANA time zone such as Asia/Shanghai") from None
        return value

    @property
    def sqlalchemy_url(self) -> str:
        """The database address as SQLAlchemy reads it; psycopg 3 is the PostgreSQL driver."""
        url = self.database_url or f"sqlite:///{self.data_dir / 'portal.db'}"
        scheme, rest = url.split("://", 1)
        return f"postgresql+psycopg://{rest}" if scheme in {"postgres", "postgresql"} else url

    @property
    def secret_keys(self) -> list[str]:
        """The secret key, then those that it replaced."""
        older = [key for key in self.secret_key_fallbacks.split(",") if key]
        return [self.secret_key.get_secret_value(), *older]

    @property
    def second_factor_required(self) -> bool:
        """Must staff sign in with two things? Always in production."""
        return self.mode is Mode.PRODUCTION if self.require_mfa is None else self.require_mfa

    @property
    def sso_name(self) -> str | None:
        """What staff call the identity provider they may sign in with; None: there is none."""
        return (self.oidc_name or urlsplit(self.oidc_issuer).hostname) if self.oidc_issuer else None

    @property
    def is_https(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def provider_origin(self) -> str:
        """The origin to which a browser may be sent for paying."""
        return self.stripe_browser_base or STRIPE_CHECKOUT

    @property
    def practice(self) -> bool:
        """True when no real money can move: the pages carry the TEST banner."""
        return self.mode is not Mode.PRODUCTION

    @property
    def hosts(self) -> list[str]:
        """Host names that a request may carry."""
        named = [host.strip() for host in self.trusted_hosts.split(",") if host.strip()]
        own = urlsplit(self.base_url).hostname or ""
        return named or ([own, "127.0.0.1", "localhost"] if own in LOOPBACK else [own])

    @property
    def seller(self) -> str:
        return self.seller_name or "Tidewell"

    @property
    def zone(self) -> str:
        """The seller's zone: decides what is today for staff."""
        return self.seller_zone or "Asia/Shanghai"


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from `environ` (default: the process's), then `.env`, then the data folder's secrets.env.

    Raises SettingsError with every problem found, in words for the installer.
    """
    env = dict(os.environ if environ is None else environ)
    values = {k: v for k, v in dotenv_values(ROOT / ".env").items() if v is not None} | env
    if values.get("PORTAL_MODE", Mode.DEMO) != Mode.PRODUCTION:
        folder = Path(values.get("PORTAL_DATA_DIR") or ROOT / "var")
        secrets = {k: v for k, v in dotenv_values(folder / "secrets.env").items() if v is not None}
        values = secrets | values
    filled = {name: value for name, value in values.items() if value != ""}
    try:
        settings = Settings.model_validate(filled)
    except ValidationError as error:
        raise SettingsError([f"{line['loc'][0]}: {line['msg']}" for line in error.errors()]) from None
    problems = problems_of(settings)
    if problems:
        raise SettingsError(problems)
    return settings


def problems_of(settings: Settings) -> list[str]:
    """What keeps these settings from being used in their mode; empty when all is well."""
    found = []
    if len(settings.secret_key.get_secret_value()) < MINIMUM_SECRET:
        found.append(f"PORTAL_SECRET_KEY: use at least {MINIMUM_SECRET} random characters.")
    live = settings.stripe_api_key.get_secret_value().startswith(LIVE_KEYS)
    if live and settings.stripe_api_base:
        found.append("STRIPE_API_BASE: a live key must go to Stripe itself; remove the custom base.")
    found += _oidc_problems(settings)
    if settings.mode is Mode.PRODUCTION:
        found += _production_problems(settings, live)
    else:
        found += _practice_problems(settings, live)
    return found


def _oidc_problems(settings: Settings) -> list[str]:
    given = [settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret.get_secret_value()]
    if any(given) and not all(given):
        return ["PORTAL_OIDC_ISSUER, _CLIENT_ID, _CLIENT_SECRET: staff's single sign-on needs all three."]
    issuer = urlsplit(settings.oidc_issuer)
    if any(given) and issuer.scheme != "https" and issuer.hostname not in LOOPBACK:
        return ["PORTAL_OIDC_ISSUER: the identity provider must be asked over https."]
    return []


def _practice_problems(settings: Settings, live: bool) -> list[str]:
    found = []
    if live:
        found.append("STRIPE_API_KEY: only production takes a live key; set PORTAL_MODE=production to take money.")
    if (urlsplit(settings.base_url).hostname or "") not in LOOPBACK:
        found.append("PORTAL_BASE_URL: demo and test modes are for this computer only; use a loopback address.")
    return found


def _production_problems(settings: Settings, live: bool) -> list[str]:
    found = []
    host = urlsplit(settings.base_url).hostname or ""
    if not settings.is_https and host not in LOOPBACK:
        found.append("PORTAL_BASE_URL: production needs https, since people's passwords travel there.")
    if settings.stripe_api_base or settings.stripe_browser_base:
        found.append("STRIPE_API_BASE, STRIPE_BROWSER_BASE: production talks to Stripe itself; remove them.")
    for name, value in (
        ("STRIPE_API_KEY", settings.stripe_api_key.get_secret_value()),
        ("STRIPE_WEBHOOK_SECRET", settings.stripe_webhook_secret.get_secret_value()),
        ("PORTAL_SELLER_NAME", settings.seller_name),
        ("PORTAL_SELLER_ZONE", settings.seller_zone),
        ("PORTAL_BOOKS_CURRENCY", settings.books_currency),
        ("PORTAL_SMTP_URL", settings.smtp_url),
    ):
        if not value:
            found.append(f"{name}: production needs it.")
    if settings.stripe_api_key.get_secret_value() and not live:
        found.append(
            "STRIPE_API_KEY: a test key takes no money; production needs a live one (sk_live_… or rk_live_…)."
        )
    if not settings.second_factor_required:
        found.append("PORTAL_REQUIRE_MFA: production always asks staff for a second factor; remove it.")
    server = urlsplit(settings.smtp_url)
    if server.scheme == "smtp" and server.username and server.hostname not in LOOPBACK:
        found.append("PORTAL_SMTP_URL: a password would travel in clear; use smtp+starttls:// or smtps://.")
    return found
