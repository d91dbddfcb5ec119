"""What every page has: headers, content security policy, CSRF, request id, error pages, template words."""

from __future__ import annotations

import hashlib
import secrets
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import structlog
from flask import Flask, abort, g, has_request_context, render_template, request
from flask_babel import gettext as _
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFError, CSRFProtect
from jinja2 import select_autoescape
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter
from werkzeug.wrappers import Response
from whitenoise import WhiteNoise

from portal.kit import clock, guard, i18n
from portal.kit.settings import ROOT, Settings

MAX_FORM_BYTES = 1_000_000
MAX_FORM_PARTS = 200
HSTS_SECONDS = 63_072_000
JSON_PATHS = ("/api/", "/stripe/")

log = structlog.get_logger(__name__)
csrf = CSRFProtect()
limiter = Limiter(get_remote_address, headers_enabled=False)


class IdConverter(IntegerConverter):
    """A row id in an address: digits that fit a database's big integer."""

    regex = r"\d{1,18}"


def init_app(app: Flask, settings: Settings) -> None:
    """Settings of Flask itself, and all that surrounds a view."""
    app.config.update(
        SECRET_KEY=settings.secret_key.get_secret_value(),
        SECRET_KEY_FALLBACKS=[key for key in settings.secret_key_fallbacks.split(",") if key],
        SESSION_COOKIE_NAME="__Host-portal" if settings.is_https else "portal",
        SESSION_COOKIE_SECURE=settings.is_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=MAX_FORM_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_FORM_BYTES,
        MAX_FORM_PARTS=MAX_FORM_PARTS,
        TRUSTED_HOSTS=settings.hosts,
        WTF_CSRF_TIME_LIMIT=None,  # a form left open over lunch must still work; the session bounds it
        WTF_CSRF_SSL_STRICT=settings.is_https,
        RATELIMIT_STORAGE_URI=settings.redis_url or "memory://",
        RATELIMIT_ENABLED=settings.mode != "test",
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=bool(settings.redis_url),
    )
    app.url_map.converters["id"] = IdConverter
    csrf.init_app(app)
    limiter.init_app(app)
    app.before_request(_start)
    app.after_request(lambda response: _finish(response, settings))
    app.register_error_handler(Exception, _error_page)
    app.context_processor(lambda: _context(settings))
    app.jinja_env.filters.update(
        money=i18n.money, amount=i18n.amount, percent=i18n.percent, number=i18n.number, day=i18n.day,
        day_short=i18n.day_short, day_month=i18n.day_month, instant=i18n.instant, named=i18n.named,
        foreign=i18n.foreign,
    )  # fmt: skip
    app.jinja_env.globals.update(asset=_asset)
    app.jinja_env.autoescape = select_autoescape(("html", "mjml"))
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    inner = WhiteNoise(app.wsgi_app, root=ROOT / "static", prefix="static/", max_age=31_536_000)
    app.wsgi_app = inner  # type: ignore[method-assign]
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]


@lru_cache(maxsize=64)
def _asset(name: str) -> str:
    """Address of a static file, with a hash of its content so that browsers may keep it for ever."""
    digest = hashlib.sha256((ROOT / "static" / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


def _start() -> None:
    g.request_id = secrets.token_hex(8)
    g.csp_nonce = secrets.token_urlsafe(16)
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)
    if request.is_json and not request.path.startswith(JSON_PATHS):
        abort(415)  # WTForms would read the body as a form, and most JSON is none
    typed = [request.path, *request.args.keys(), *request.args.values()]
    if request.mimetype in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        request.get_data()  # kept, so that a signature over the raw bytes can still be checked
        typed += [*request.form.keys(), *request.form.values()]
    if any(_unprintable(text) for text in typed):
        abort(400)


def _unprintable(text: str) -> bool:
    """NUL bytes and lone surrogates: no keyboard makes them, and databases choke on them."""
    return "\x00" in text or any("\ud800" <= char <= "\udfff" for char in text)


def _finish(response: Response, settings: Settings) -> Response:
    provider = settings.provider_origin
    nonce = g.get("csp_nonce", "")
    response.headers.setdefault(
        "Content-Security-Policy",
        "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; "
        f"script-src 'nonce-{nonce}'; connect-src 'self'; form-action 'self' {provider}; base-uri 'none'; "
        "frame-ancestors 'none'",
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=()"
    response.headers["X-Request-Id"] = g.get("request_id", "")
    response.headers.setdefault("Cache-Control", "no-store")
    if settings.is_https:
        response.headers["Strict-Transport-Security"] = f"max-age={HSTS_SECONDS}; includeSubDomains"
    return response


def back_to(target: str | None, default: str) -> str:
    """A redirect target that stays on this site: `target` if it is a plain path, else `default`."""
    if not target or not target.startswith("/") or target.startswith("//"):
        return default
    # Before urlsplit: it drops tabs and newlines as browsers do, so that "/\t/host" would become "//host".
    if "\\" in target or any(ord(char) < 32 or ord(char) == 127 for char in target):
        return default
    parts = urlsplit(target)
    return default if parts.scheme or parts.netloc else target


def whole_number(text: str | None) -> int | None:
    """A row id or version that somebody sent as text; None when it is none that a database could hold."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 18 else None


def _error_page(error: Exception) -> tuple[str, int] | Response | tuple[str, int, Any]:
    if isinstance(error, HTTPException) and error.code is not None and error.code < 400:
        return error.get_response()
    if isinstance(error, SecurityError):  # asked under a name that is not ours, where no page can link anywhere
        return Response(_("This portal has another address."), 400, mimetype="text/plain")
    code = error.code if isinstance(error, HTTPException) and error.code else 500
    if code >= 500:
        log.error("request.failed", path=request.path, exc_info=error)
    page = {"code": code, "request_id": g.get("request_id", ""), **_words(error, code)}
    headers = {}
    if isinstance(error, HTTPException):
        headers = {k: v for k, v in error.get_headers() if k in {"Allow", "Retry-After"}}
    return render_template("errors/error.html", **page), code, headers


def _words(error: Exception, code: int) -> dict[str, str]:
    if isinstance(error, CSRFError):
        return {
            "title": _("This page was open too long"),
            "text": _("Go back, reload the page and try again. Nothing was changed and nothing was charged."),
        }
    texts = {
        400: (_("We could not read this request"), _("Go back and try again. Nothing was changed.")),
        403: (
            _("You may not do this"),
            _("Your role does not include it. Ask the owner of your company's account."),
        ),
        404: (_("We found nothing here"), _("Check the address, or go on from the start page.")),
        415: (_("We could not read this request"), _("Send the page's own form. Nothing was changed.")),
        413: (_("That is too large"), _("Send a smaller file or a shorter text. Nothing was changed.")),
        429: (_("Too many tries"), _("Wait a minute, then try again.")),
        503: (_("We are not reachable for a moment"), _("Try again in a minute. Nothing was changed.")),
    }
    broken = (
        _("Something broke on our side"),
        _("No payment was started by this page. If you were paying, your order shows what happened to the money."),
    )
    title, text = texts.get(code, broken if code >= 500 else texts[400])
    return {"title": title, "text": text}


def _context(settings: Settings) -> dict[str, Any]:
    if not has_request_context():  # a mail, written by a job
        return {}
    actor = guard.current()
    language = i18n.speaking_now()
    other = i18n.ENGLISH if language is i18n.CHINESE else i18n.CHINESE
    theme = actor.theme if actor else "auto"
    zone = actor.zone if actor else settings.zone
    return {
        "me": actor,
        "seller": {
            "name": settings.seller, "address": settings.seller_address, "tax_id": settings.seller_tax_id,
            "email": settings.support_email,
        },
        "test_banner": settings.practice,
        "lang": language.lang,
        "other_language": other,
        "dark_media": {"auto": "screen and (prefers-color-scheme: dark)", "dark": "screen", "light": None}[theme],
        "zone": zone,
        "zone_name": i18n.zone_name(zone, clock.now()),
        "here": request.full_path.rstrip("?") if request.method == "GET" else "/",
        "support_url": f"mailto:{settings.support_email}" if settings.support_email else None,
        "csp_nonce": g.get("csp_nonce", ""),
    }  # fmt: skip
