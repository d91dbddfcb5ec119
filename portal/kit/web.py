"""What every page has: headers, content security policy, CSRF, request id, template words."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

import structlog
from flask import Flask, abort, current_app, has_request_context, request
from flask import Response as FlaskResponse
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFProtect
from jinja2 import select_autoescape
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter
from werkzeug.wrappers import Response
from whitenoise import WhiteNoise

from portal.kit import addresses, clock, errorpage, files, guard, i18n, origin
from portal.kit.asked import back_to as back_to
from portal.kit.asked import nonce, request_id
from portal.kit.settings import ROOT, Settings

MAX_FORM_BYTES = 1_000_000
MAX_FORM_PARTS = 200
HSTS_SECONDS = 63_072_000
JSON_PATHS = ("/api/", "/stripe/")
_UNPRINTABLE = re.compile("[\x00\ud800-\udfff]")

csrf = CSRFProtect()
limiter = Limiter(get_remote_address, headers_enabled=False)


class IdConverter(IntegerConverter):
    """A row id in an address: digits that fit a database's big integer."""

    regex = r"\d{1,18}"


def init_app(app: Flask, settings: Settings) -> None:
    """Settings of Flask itself, and all that surrounds a view."""
    app.config.update(
        SECRET_KEY=settings.secret_keys[0],
        SECRET_KEY_FALLBACKS=settings.secret_keys[1:],
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
    app.after_request(lambda response: _finish(response, settings))
    _check_requests(app)
    app.register_error_handler(Exception, errorpage.show)
    app.context_processor(lambda: _context(settings))
    app.jinja_env.filters.update(
        money=i18n.money, amount=i18n.amount, percent=i18n.percent, number=i18n.number,
        points=i18n.points, day=i18n.day, month=i18n.month,
        day_short=i18n.day_short, day_month=i18n.day_month, instant=i18n.instant, named=i18n.named,
        foreign=i18n.foreign, shown=addresses.shown,
    )  # fmt: skip
    app.jinja_env.globals.update(asset=_asset, sentences=i18n.sentences)
    app.jinja_env.autoescape = select_autoescape(("html", "mjml"))
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    inner = WhiteNoise(app.wsgi_app, root=ROOT / "static", prefix="static/", max_age=31_536_000)
    app.wsgi_app = inner  # type: ignore[method-assign]
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]


def _check_requests(app: Flask) -> None:
    """What each request goes through before its view, in this order."""
    app.before_request(_start)  # before the token is checked, so that its refusal has a number too
    origin.init_app(app)
    csrf.init_app(app)
    limiter.init_app(app)


@lru_cache(maxsize=64)
def _asset(name: str) -> str:
    """Address of a static file, with a hash of its content so that browsers may keep it for ever."""
    digest = hashlib.sha256((ROOT / "static" / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


View = TypeVar("View", bound=Callable[..., Any])


def takes_files(limit: int) -> Callable[[View], View]:
    """Let a route take a form with files of up to `limit` bytes; all others take MAX_FORM_BYTES. Who may not open
    it is refused before a byte of the body is read, and files go to disk, not to memory."""

    def mark(view: View) -> View:
        view.__file_bytes__ = limit  # type: ignore[attr-defined]
        return view

    return mark


def download(folder: str, stored: str, name: str, media: str) -> FlaskResponse:
    """A kept file as a download called `name`: never shown as a page, whatever stands in it. 404 when it is
    gone."""
    settings: Settings = current_app.extensions["settings"]
    path = files.path_of(settings, stored, folder)
    if not path.is_file():
        abort(404)
    sent = FlaskResponse(path.read_bytes(), mimetype=media)
    sent.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    sent.headers["Content-Security-Policy"] = "sandbox; default-src 'none'; frame-ancestors 'none'"
    return sent


def _start() -> Response | None:
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=request_id())
    if request.is_json and not request.path.startswith(JSON_PATHS):
        abort(415)  # WTForms would read the body as a form, and most JSON is none
    view = current_app.view_functions.get(request.endpoint or "")
    limit: int | None = getattr(view, "__file_bytes__", None)
    if limit is not None:
        shut = guard.check()
        if shut is not None:
            return shut
        request.max_content_length = limit + MAX_FORM_BYTES
    typed = [request.path, *request.args.keys(), *request.args.values()]
    if request.mimetype in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        if limit is None:
            request.get_data()  # kept, so that a signature over the raw bytes can still be checked
        typed += [*request.form.keys(), *request.form.values()]
    if any(_unprintable(text) for text in typed):
        abort(400)
    return None


def _unprintable(text: str) -> bool:
    """NUL bytes and lone surrogates: no keyboard makes them, and databases choke on them."""
    return _UNPRINTABLE.search(text) is not None


def _finish(response: Response, settings: Settings) -> Response:
    provider = settings.provider_origin
    response.headers.setdefault(
        "Content-Security-Policy",
        "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; "
        f"script-src 'nonce-{nonce()}'; connect-src 'self'; form-action 'self' {provider}; base-uri 'none'; "
        "frame-ancestors 'none'",
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=()"
    response.headers["X-Request-Id"] = request_id()
    response.headers.setdefault("Cache-Control", "no-store")
    if settings.is_https:
        response.headers["Strict-Transport-Security"] = f"max-age={HSTS_SECONDS}; includeSubDomains"
    return response


def whole_number(text: str | None) -> int | None:
    """A row id or version that somebody sent as text; None when it is none that a database could hold."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 18 else None


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
        "csp_nonce": nonce(),
    }  # fmt: skip
