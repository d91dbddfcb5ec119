"""Labels and sentences of the accounts room."""

from __future__ import annotations

from typing import Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from portal.accounts import errors
from portal.accounts.models import CompanyRole, MemberState, Person, StaffRole, Theme, ViewReason
from portal.accounts.rules import PASSWORD_MAX, PASSWORD_MIN, PasswordProblem
from portal.kit.errors import Refusal

COMPANY_ROLES: Final = {
    CompanyRole.OWNER: _l("Owner"),
    CompanyRole.RENEWER: _l("Renewer"),
    CompanyRole.APPROVER: _l("Approver"),
    CompanyRole.PAYER: _l("Payer"),
    CompanyRole.BILLING: _l("Billing"),
    CompanyRole.VIEWER: _l("Viewer"),
}
COMPANY_ROLE_HINTS: Final = {
    CompanyRole.OWNER: _l("Does everything, and decides who is in the team"),
    CompanyRole.RENEWER: _l("Sees prices, renews and declines"),
    CompanyRole.APPROVER: _l("Sees prices and approves large orders"),
    CompanyRole.PAYER: _l("Sees prices, pays, keeps the invoice details"),
    CompanyRole.BILLING: _l("Renews, pays, keeps the invoice details"),
    CompanyRole.VIEWER: _l("Sees the contracts, but no prices"),
}
STAFF_ROLES: Final = {
    StaffRole.CS: _l("Customer success"),
    StaffRole.SALES: _l("Sales"),
    StaffRole.FINANCE: _l("Finance"),
    StaffRole.DATA: _l("Data"),
    StaffRole.ADMIN: _l("Administration"),
    StaffRole.AUDITOR: _l("Audit"),
}
MEMBER_STATES: Final = {
    MemberState.PENDING: (_l("Not joined yet"), "warn"),
    MemberState.ACTIVE: (_l("Active"), "ok"),
    MemberState.LEFT: (_l("Removed"), "quiet"),
}
VIEW_REASONS: Final = {
    ViewReason.HELP: _l("They asked me to help them find their way"),
    ViewReason.QUESTION: _l("They asked about a price, an order or a document"),
    ViewReason.CHECK: _l("I check what they see after a change"),
}
THEMES: Final = {
    Theme.AUTO: _l("As on my device"),
    Theme.LIGHT: _l("Light"),
    Theme.DARK: _l("Dark"),
}

SAVED: Final = _l("Saved. Thank you.")
INVITED: Final = _l("The invitation is on its way.")
PASSWORD_SET: Final = _l("Your new password is in force. Everywhere else you were signed out.")


def staff_state(person: Person) -> tuple[str, str, str]:
    """A staff account's state: as machines read it, the chip's kind, and the word."""
    if not person.active:
        return "inactive", "quiet", _("No access")
    if person.password is None:
        return "pending", "warn", _("Not joined yet")
    return "active", "ok", _("Active")


def refusal(error: Refusal) -> str:
    """The sentence for a refusal of this room."""
    facts = error.facts
    sentences = {
        errors.LastOwner: _("A team needs an owner. Make somebody else owner first; nothing was changed."),
        errors.AlreadyMember: _("%(email)s is in this team already.", email=facts.get("email")),
        errors.StaffCannotJoin: _("%(email)s cannot be invited. Use another address.", email=facts.get("email")),
        errors.EmailTaken: _(
            "%(email)s has an account already. Staff need an address of their own.", email=facts.get("email")
        ),
        errors.StaleEdit: _(
            "Somebody changed this while you were editing. Nothing of yours was saved; below is what stands now."
        ),
        errors.NotYourself: _("You cannot change your own role or access. Ask another administrator."),
        errors.StaffStay: _(
            "Staff accounts are not erased: what staff did must stay told. Take their access away instead."
        ),
        errors.CoverReversed: _("The last day lies before the first."),
        errors.LinkGone: _("This link was used. We can send a new one."),
    }
    return sentences[type(error)]


def password_problem(problem: PasswordProblem) -> str:
    """Why a password will not do, and what would."""
    if problem is PasswordProblem.SHORT:
        return _("Use at least %(count)s characters.", count=PASSWORD_MIN)
    if problem is PasswordProblem.LONG:
        return _("Use at most %(count)s characters.", count=PASSWORD_MAX)
    if problem is PasswordProblem.PERSONAL:
        return _("Do not use your e-mail address as password.")
    return _(
        "This is guessed early: many people use it, or one like it. Add words that have nothing to do with it."
    )


def wrong_password() -> str:
    return _("This is not your current password.")


def signed_out_there() -> str:
    return _("That browser was signed out.")


def welcome() -> str:
    return _("Welcome to the team.")


def removed(name: str) -> str:
    return _("%(name)s is no longer in the team.", name=name)


def wrong_code() -> str:
    return _("This code does not fit. Codes of the app change every half minute, and each works once.")


def wrong_first_code() -> str:
    return _(
        "This code does not fit. Type the one that the app shows now; check that your phone's clock is right."
    )


def wrong_mailed_code() -> str:
    return _("This code does not fit, or its ten minutes are over. After five tries you need a new one.")


def wrong_passkey() -> str:
    return _("This passkey does not open an account here. Sign in another way; you can add it afterwards.")


def no_passkey_made() -> str:
    return _("No passkey was made. Try again; your device asks for your finger, face or PIN.")


def passkey_known() -> str:
    return _("This passkey is kept already.")


def not_confirmed() -> str:
    return _("That was not right. Nothing was done yet; try again.")


def a_passkey() -> str:
    return _("Passkey")


def the_app() -> str:
    return _("Authenticator app")


def removed_factor(name: str) -> str:
    return _("%(name)s no longer opens your account.", name=name)


def factor_change(what: str) -> str:
    """What happened to somebody's ways to sign in, as the title of the mail about it."""
    return {
        "app_added": _("An authenticator app was added to your account"),
        "app_removed": _("The authenticator app was removed from your account"),
        "passkey_added": _("A passkey was added to your account"),
        "passkey_removed": _("A passkey was removed from your account"),
        "recovery_code_used": _("A recovery code was used to sign in to your account"),
        "factors_reset": _("An administrator removed the second steps of your account"),
    }[what]


def sso_away() -> str:
    return _("The sign-in service cannot be reached right now. Sign in another way, or try again in a minute.")


def sso_refused() -> str:
    return _("The sign-in service did not let you in, or nobody has made you a staff account here yet.")


def factors_reset(name: str) -> str:
    return _(
        "%(name)s was signed out and needs no second step until they set one up. They are told by mail.", name=name
    )


def no_factors(name: str) -> str:
    return _("%(name)s had no second step. Nothing was changed.", name=name)


def handed_over(name: str) -> str:
    return _("%(name)s is owner now, and you are a viewer.", name=name)


def signed_out(name: str, count: int) -> str:
    return ngettext(
        "%(name)s was signed out of %(num)s browser.", "%(name)s was signed out of %(num)s browsers.",
        count, name=name,
    )  # fmt: skip


def left() -> str:
    return _("You left the team.")


def sso_not_asked() -> str:
    return _(
        "The sign-in service knew you without asking again, so that proves nothing. Sign out there, or ask us."
    )
