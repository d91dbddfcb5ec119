"""Permissions: an act is declared beside every route; who may do which act is decided in accounts/rules.py.

`needs(act)` marks a view; `init_app` refuses a request to a view without a mark and, before any view runs, asks
whether the person at the keyboard may do the act somewhere. Views that take an object then ask `allowed(act,
company_id)` for that object's company; a foreign object answers 404, so that nobody learns that it exists.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, TypeVar
from urllib.parse import urlencode

from flask import Flask, abort, current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response

from portal.kit.asked import came_from

# Of a form that came after its session: so many values of a field, and so many signs of each.
MOST_KEPT: Final = 50


class Act(StrEnum):
    """What somebody may do. The first block is for customers, inside their own companies; the second for staff,
    across all companies."""

    SEE_CONTRACTS = "see_contracts"
    SEE_PRICES = "see_prices"
    RENEW = "renew"
    APPROVE = "approve"
    PAY = "pay"
    DECLINE = "decline"
    CHANGE_INVOICE_DETAILS = "change_invoice_details"
    MANAGE_MEMBERS = "manage_members"
    ANSWER_SURVEYS = "answer_surveys"

    READ_DESK = "read_desk"
    READ_PRICES = "read_prices"
    EDIT_PRICES = "edit_prices"
    ACT_ON_DESK = "act_on_desk"
    SEE_PAYMENTS = "see_payments"
    SEE_REFUNDS = "see_refunds"
    REQUEST_REFUND = "request_refund"
    MOVE_MONEY = "move_money"
    SECOND_YES = "second_yes"
    EDIT_ACCOUNTS = "edit_accounts"
    EDIT_LIMITS = "edit_limits"
    CORRECT_RECORDS = "correct_records"
    CREATE_RECORDS = "create_records"
    READ_IMPORTS = "read_imports"
    INVITE_CUSTOMERS = "invite_customers"
    READ_AUDIT = "read_audit"
    READ_STAFF = "read_staff"
    MANAGE_STAFF = "manage_staff"


class Door(StrEnum):
    """Routes that need no act."""

    PUBLIC = "public"
    SIGNED_IN = "signed_in"
    # For whoever is signed in, also before they have set up the second factor that they must have.
    SETTING_UP = "setting_up"


STAFF_ACTS = frozenset(
    {
        Act.READ_DESK,
        Act.READ_PRICES,
        Act.EDIT_PRICES,
        Act.ACT_ON_DESK,
        Act.SEE_PAYMENTS,
        Act.SEE_REFUNDS,
        Act.REQUEST_REFUND,
        Act.MOVE_MONEY,
        Act.SECOND_YES,
        Act.EDIT_ACCOUNTS,
        Act.EDIT_LIMITS,
        Act.CORRECT_RECORDS,
        Act.CREATE_RECORDS,
        Act.READ_IMPORTS,
        Act.INVITE_CUSTOMERS,
        Act.READ_AUDIT,
        Act.READ_STAFF,
        Act.MANAGE_STAFF,
    }
)


# Whoever does one of these has shown a moment ago that it is they.
ASKED_AGAIN = frozenset(
    {
        Act.EDIT_PRICES,
        Act.MOVE_MONEY,
        Act.SECOND_YES,
        Act.EDIT_ACCOUNTS,
        Act.EDIT_LIMITS,
        Act.MANAGE_STAFF,
    }
)


@dataclass(frozen=True)
class Actor:
    """The person at the keyboard, as every room sees them. `companies` maps the company's id to the acts that
    the person may do there; `staff_acts` holds for all companies."""

    id: int
    name: str
    email: str
    language: str | None
    theme: str
    zone: str
    staff_role: str | None = None
    companies: Mapping[int, frozenset[Act]] = field(default_factory=dict)
    staff_acts: frozenset[Act] = frozenset()
    # Showed a moment ago that it is they who sit here.
    fresh: bool = True
    # Must set up a second factor before anything else.
    held_up: bool = False
    company_names: Mapping[int, str] = field(default_factory=dict)
    # The one company that somebody with several looks at; None: all of them. It narrows lists, never rights.
    in_view: int | None = None

    @property
    def is_staff(self) -> bool:
        return self.staff_role is not None

    @property
    def ref(self) -> str:
        """How the audit trail names this person."""
        return f"person:{self.id}"

    def can(self, act: Act | str, company_id: int | None = None) -> bool:
        """May this person do `act` in the company, or (without one) anywhere at all?"""
        act = Act(act)
        if act in self.staff_acts:
            return True
        if company_id is not None:
            return act in self.companies.get(company_id, frozenset())
        return any(act in acts for acts in self.companies.values())

    def companies_for(self, act: Act) -> list[int]:
        """Ids of the companies in which this person, as a customer, may do `act`, of those in view."""
        return [
            company for company, acts in self.companies.items() if act in acts and self.in_view in (None, company)
        ]


View = TypeVar("View", bound=Callable[..., Any])
Loader = Callable[[], Actor | None]
# What a check answers instead of the view; None lets the request through.
Answer = Response | None

_foreign: dict[str, Act | Door] = {"static": Door.PUBLIC}


def needs(act: Act | Door) -> Callable[[View], View]:
    """Declare what a route needs. Stands directly under the route decorator."""

    def mark(view: View) -> View:
        view.__act__ = act  # type: ignore[attr-defined]
        return view

    return mark


def keeps(*names: str) -> Callable[[View], View]:
    """Let these fields of a form come along when it was sent after its session ended: its page reads them from the
    address. For choices alone, never for what somebody typed about a person."""

    def mark(view: View) -> View:
        view.__kept__ = names  # type: ignore[attr-defined]
        return view

    return mark


def confirmed(view: View) -> View:
    """Ask whoever opens this to show once more that it is they, if that was long ago: for taking data out, and for
    changing how one signs in. Forms for ASKED_AGAIN need no mark."""
    view.__confirmed__ = True  # type: ignore[attr-defined]
    return view


def declare(endpoint: str, act: Act | Door) -> None:
    """Declare what a library's route needs, since we cannot write beside it."""
    _foreign[endpoint] = act


def needed(app: Flask, endpoint: str) -> Act | Door | None:
    """What `endpoint` needs, or None when nobody declared it (which a test and the guard refuse)."""
    mark = getattr(app.view_functions.get(endpoint), "__act__", None)
    return mark if mark is not None else _foreign.get(endpoint)


def current() -> Actor | None:
    """Who is signed in, loaded once a request by the loader that wiring set."""
    if "actor" not in g:
        g.actor = None  # if the loader fails, the error's page asks again and shall not fail for that
        g.actor = current_app.extensions["guard_loader"]()
    actor: Actor | None = g.actor
    return actor


def me() -> Actor:
    """Who is signed in; only for views behind an act or Door.SIGNED_IN."""
    actor = current()
    if actor is None:
        raise RuntimeError("this view's door lets strangers in")
    return actor


def allowed(act: Act, company_id: int) -> bool:
    """May the person at the keyboard do `act` for this company?"""
    return me().can(act, company_id)


def require(act: Act, company_id: int) -> None:
    """Answer 404 unless the person may at least see the company's things, 403 when only this act is missing."""
    actor = me()
    if actor.can(act, company_id):
        return
    abort(403 if company_id in actor.companies or actor.is_staff else 404)


def init_app(app: Flask, loader: Loader, confirm: Callable[[], Answer]) -> None:
    """Guard every request of `app`; `loader` returns the signed-in person or None, `confirm` a page on which they
    show that it is they, or None once the request at hand shows it."""
    app.extensions["guard_loader"] = loader
    app.extensions["guard_confirm"] = confirm
    app.before_request(check)


def check() -> Answer:
    """Refuse the request at hand, or None: the person may open what is asked for."""
    if request.endpoint is None:  # no such address: the 404 page needs no permission
        return None
    act = needed(current_app, request.endpoint)
    if act is None:
        raise RuntimeError(f"{request.endpoint} declares no permission")
    stranger = shut_out()
    if stranger is not None:
        return stranger
    if act is Door.PUBLIC:
        return None
    actor = me()
    if isinstance(act, Act) and not actor.can(act):
        abort(403)
    if actor.held_up and act is not Door.SETTING_UP:
        return redirect(url_for("accounts.security"))
    if not actor.fresh and asks_again(current_app, request.endpoint):
        confirm: Callable[[], Answer] = current_app.extensions["guard_confirm"]
        return confirm()
    return None


def asks_again(app: Flask, endpoint: str) -> bool:
    """Is the request at hand one for which people show once more that it is they?"""
    view = app.view_functions.get(endpoint)
    return getattr(view, "__confirmed__", False) or (
        request.method not in {"GET", "HEAD"} and needed(app, endpoint) in ASKED_AGAIN
    )


def shut_out() -> Response | None:
    """The way to sign in, when what is asked for needs a person and nobody is signed in. A form's refusal for its
    token asks this too: whoever was signed out meanwhile must not hear of tokens."""
    need = needed(current_app, request.endpoint or "")
    if need in (None, Door.PUBLIC) or current() is not None:
        return None
    return redirect(_to_sign_in())


def _to_sign_in() -> str:
    """The sign-in page, and the way back: to the page asked for, or to the one whose form was sent. Of the form,
    what its route `keeps` comes along; the rest is lost, so the page says so."""
    if request.method in {"GET", "HEAD"}:
        return url_for("security.login", next=request.full_path.rstrip("?"))
    back = came_from()
    names = getattr(current_app.view_functions.get(request.endpoint or ""), "__kept__", ())
    kept = [(name, value[:MOST_KEPT]) for name in names for value in request.form.getlist(name)[:MOST_KEPT]]
    if back and kept:
        back += "?" + urlencode(kept)
    return url_for("security.login", next=back, ended=1)


def matrix(app: Flask) -> list[tuple[str, str, tuple[str, ...], Act | Door | None]]:
    """Every route of `app`, by address: endpoint, address, methods, need (None: nobody declared it)."""
    found = []
    for rule in app.url_map.iter_rules():
        methods = tuple(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
        found.append((rule.endpoint, rule.rule, methods, needed(app, rule.endpoint)))
    return sorted(found, key=lambda line: (line[1], line[2]))
