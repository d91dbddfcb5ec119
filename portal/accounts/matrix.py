"""The access matrix: every route of the application × every role, as a table for people and for CI."""

from __future__ import annotations

from typing import Final

from flask import Flask

from portal.accounts import rules
from portal.accounts.models import CompanyRole, StaffRole
from portal.kit import guard
from portal.kit.guard import Act, Door

COMMAND: Final = "flask --app wsgi access-matrix --write"
HEAD: Final = f"""# Access matrix

Who reaches which route: made from the declarations beside the routes and the roles in
`portal/accounts/rules.py`. Do not edit; make it anew with `{COMMAND}`.
A company role holds inside the person's own companies only; what belongs to others answers 404.
"""


def table(app: Flask) -> str:
    """The matrix of `app` as Markdown. Raises ValueError for a route that declares nothing."""
    who = ["nobody", *CompanyRole, *StaffRole]
    lines = [HEAD, "| address | methods | needs | " + " | ".join(who) + " |", "|---" * (3 + len(who)) + "|"]
    for endpoint, rule, methods, need in guard.matrix(app):
        if need is None:
            raise ValueError(f"{endpoint} ({rule}) declares no permission: add @needs(…) beneath its route")
        marks = " | ".join("✓" if opens(need, role) else "–" for role in [None, *CompanyRole, *StaffRole])
        lines.append(f"| `{rule}` | {' '.join(methods)} | {need} | {marks} |")
    return "\n".join(lines) + "\n"


def opens(need: Act | Door, role: CompanyRole | StaffRole | None) -> bool:
    """Does a route with this need let the role in? None stands for a stranger."""
    if isinstance(need, Door):
        return need is Door.PUBLIC or role is not None
    if isinstance(role, CompanyRole):
        return need in rules.acts_of(role)
    return role is not None and need in rules.staff_acts_of(role)
