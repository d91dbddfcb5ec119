"""Who may do what, and how passwords, links and sessions age. Pure decisions."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from contextlib import suppress
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import IPv4Address, ip_address, ip_network
from typing import Final

from zxcvbn import zxcvbn

from portal.accounts.models import CompanyRole, LinkPurpose, StaffRole
from portal.kit.guard import Act

SESSION_LIFETIME: Final = timedelta(hours=12)
STAFF_IDLE: Final = timedelta(minutes=30)
# How long staff may look at the portal as a customer before they say again why.
VIEW_LIFETIME: Final = timedelta(minutes=30)
# A session's last use is written at most this often.
SEEN_EVERY: Final = timedelta(minutes=1)
# Browsers keep no cookie for longer.
DEVICE_LIFETIME: Final = timedelta(days=400)
# How long the row of a session stays that is over.
SESSION_KEPT: Final = timedelta(days=90)
# The same for mailed links, and for the requests that they answered.
LINKS_KEPT: Final = timedelta(days=7)
# Rows deleted in one transaction, so that nobody waits for it.
FORGET_AT_ONCE: Final = 1000
LINK_LIFETIME: Final = {LinkPurpose.INVITE: timedelta(days=7), LinkPurpose.RESET: timedelta(minutes=10)}
PASSWORD_MIN: Final = 8
PASSWORD_MAX: Final = 128
# The product's own names; the seller's come with each question.
PRODUCT_WORDS: Final = ("renewal", "renewals", "portal", "renewalportal")
# So much of a password is judged; what follows only makes it better.
JUDGED_SIGNS: Final = 72

# Marks in a browser's own words, the telling ones first: Edge also says Chrome, and Chrome also says Safari.
_BROWSERS: Final = (
    ("MicroMessenger/", "WeChat"),
    ("Edg/", "Edge"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS: Final = (
    ("Windows", "Windows"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS X", "macOS"),
    ("Android", "Android"),
    ("Linux", "Linux"),
)

# What each company role may do, by the table in docs/access-matrix.md (domain notes, section 7).
_EVERYBODY: Final = frozenset({Act.SEE_CONTRACTS, Act.ANSWER_SURVEYS})
_COMPANY_ACTS: Final[dict[CompanyRole, frozenset[Act]]] = {
    CompanyRole.OWNER: _EVERYBODY
    | {Act.SEE_PRICES, Act.RENEW, Act.APPROVE, Act.PAY, Act.DECLINE, Act.CHANGE_INVOICE_DETAILS}
    | {Act.MANAGE_MEMBERS},
    CompanyRole.RENEWER: _EVERYBODY | {Act.SEE_PRICES, Act.RENEW, Act.DECLINE},
    CompanyRole.APPROVER: _EVERYBODY | {Act.SEE_PRICES, Act.APPROVE},
    CompanyRole.PAYER: _EVERYBODY | {Act.SEE_PRICES, Act.PAY, Act.CHANGE_INVOICE_DETAILS},
    CompanyRole.BILLING: _EVERYBODY | {Act.SEE_PRICES, Act.RENEW, Act.PAY, Act.CHANGE_INVOICE_DETAILS},
    CompanyRole.VIEWER: _EVERYBODY,
}
_MONEY: Final = frozenset({Act.READ_DESK, Act.READ_PRICES, Act.SEE_PAYMENTS, Act.SEE_REFUNDS})
_CARE: Final = (
    _MONEY
    | {Act.ACT_ON_DESK, Act.SET_COVER, Act.REQUEST_REFUND}
    | {Act.INVITE_CUSTOMERS, Act.VIEW_AS_CUSTOMER, Act.SEE_ADDRESSES}
)
_STAFF_ACTS: Final[dict[StaffRole, frozenset[Act]]] = {
    # EDIT_PRICES drafts prices and offers, TRY_PRICES sees whom they concern, PUBLISH_PRICES publishes what others
    # drafted. PROPOSE_SPECIAL asks for a special price, GIVE_SPECIAL agrees to one up to a limit, GRANT_SPECIAL to
    # any; nobody to their own.
    StaffRole.CS: _CARE | {Act.CORRECT_RECORDS, Act.PROPOSE_SPECIAL},
    StaffRole.SALES: _CARE | {Act.EDIT_PRICES, Act.TRY_PRICES, Act.PROPOSE_SPECIAL, Act.GIVE_SPECIAL},
    StaffRole.FINANCE: _MONEY
    | {
        Act.TRY_PRICES,
        Act.PUBLISH_PRICES,
        Act.GIVE_SPECIAL,
        Act.GRANT_SPECIAL,
        Act.REQUEST_REFUND,
        Act.MOVE_MONEY,
        Act.SECOND_YES,
        Act.EDIT_ACCOUNTS,
    },
    StaffRole.DATA: frozenset(
        {Act.READ_DESK, Act.CORRECT_RECORDS, Act.CREATE_RECORDS, Act.READ_IMPORTS, Act.INVITE_CUSTOMERS}
        | {Act.SEE_ADDRESSES}
    ),
    StaffRole.ADMIN: frozenset(
        {
            Act.READ_DESK,
            Act.READ_PRICES,
            Act.EDIT_PRICES,
            Act.TRY_PRICES,
            Act.PUBLISH_PRICES,
            Act.CORRECT_RECORDS,
            Act.CREATE_RECORDS,
            Act.READ_IMPORTS,
            Act.INVITE_CUSTOMERS,
            Act.READ_STAFF,
            Act.READ_AUDIT,
            Act.MANAGE_STAFF,
            Act.SEE_ADDRESSES,
            # For customers' people who ask for their data, or to be erased, and cannot sign in.
            Act.MANAGE_PEOPLE,
            # For account managers who fell ill.
            Act.SET_COVER,
            # The second person above a limit, where finance is one person alone; and who says what the limits are.
            Act.SEE_REFUNDS,
            Act.SECOND_YES,
            Act.EDIT_LIMITS,
        }
    ),
    StaffRole.AUDITOR: _MONEY | {Act.READ_STAFF, Act.READ_IMPORTS, Act.READ_AUDIT},
}


def acts_of(role: CompanyRole) -> frozenset[Act]:
    """What a member with `role` may do inside the company."""
    return _COMPANY_ACTS[role]


def staff_acts_of(role: StaffRole) -> frozenset[Act]:
    """What staff with `role` may do, for all companies."""
    return _STAFF_ACTS[role]


def start_path(staff_role: str | None) -> str:
    """Where a person begins after signing in."""
    if staff_role is None:
        return "/contracts"
    return {StaffRole.FINANCE: "/finance/payments", StaffRole.ADMIN: "/desk/access"}.get(
        StaffRole(staff_role), "/desk/orders"
    )


def hash_of(token: str) -> str:
    """How the database knows a random token: cookies and mailed links are never kept in clear. A plain hash is
    enough for 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()


def session_holds(seen_at: datetime, expires_at: datetime, is_staff: bool, at: datetime) -> bool:
    """Is a session that nobody ended still good at `at`? Staff lose theirs after half an hour without use."""
    return at < expires_at and not (is_staff and at - seen_at > STAFF_IDLE)


def link_end(purpose: LinkPurpose, at: datetime) -> datetime:
    """Until when a link made at `at` works."""
    return at + LINK_LIFETIME[purpose]


class PasswordProblem(StrEnum):
    """Why a password is refused."""

    SHORT = "short"
    LONG = "long"
    COMMON = "common"
    PERSONAL = "personal"


def context_words(seller: str, email: str) -> list[str]:
    """Names that are guessed first here: the product's, the seller's, and those in the person's address."""
    return [*PRODUCT_WORDS, seller, *seller.split(), email.partition("@")[0], *re.split("[@.]", email)]


def password_problem(password: str, email: str, seller: str = "") -> PasswordProblem | None:
    """What is wrong with a new password, or None. Long and odd is fine; no rules on kinds of characters.

    It must not be found in fewer guesses than PASSWORD_MIN random digits have, as zxcvbn counts them: leaked
    passwords, names, words, rows of keys, dates, repeats, and the words of this place.
    """
    if len(password) < PASSWORD_MIN:
        return PasswordProblem.SHORT
    if len(password) > PASSWORD_MAX:
        return PasswordProblem.LONG
    folded = password.strip().lower()
    if folded in {email.lower(), email.lower().partition("@")[0]}:
        return PasswordProblem.PERSONAL
    judged = zxcvbn(password.strip()[:JUDGED_SIGNS], user_inputs=context_words(seller, email))
    return PasswordProblem.COMMON if judged["guesses"] < 10**PASSWORD_MIN else None


def may_touch_staff(actor_id: int, person_id: int) -> bool:
    """Nobody grants to, or takes from, themselves: a second administrator is needed."""
    return actor_id != person_id


def loses_last_owner(owners: int, was: CompanyRole, becomes: CompanyRole | None) -> bool:
    """Would the change of one member (None: removal) leave a company that has `owners` active ones without?"""
    return was is CompanyRole.OWNER and becomes is not CompanyRole.OWNER and owners <= 1


def name_from(email: str) -> str:
    """What to call somebody of whom only the address is known: "wei.zhang@aurora.example" → "Wei Zhang". It is not
    the address' first half letter by letter, which not everybody at the desk may read."""
    words = [word for word in re.split(r"[\W_\d]+", email.partition("@")[0]) if word]
    return " ".join(word[:1].upper() + word[1:] for word in words) or "–"


def erased_email(person_id: int) -> str:
    """The address of somebody who was erased: unique, and none that mail could reach (RFC 2606)."""
    return f"erased-{person_id}@erased.invalid"


def erased_name(person_id: int) -> str:
    """What is left to call them by, in every language."""
    return f"#{person_id}"


def browser_of(agent: str | None) -> str:
    """What a browser calls itself, in short: "Firefox, Windows". Empty when it cannot be told."""
    parts = [next((name for mark, name in marks if mark in (agent or "")), "") for marks in (_BROWSERS, _SYSTEMS)]
    return ", ".join(part for part in parts if part)


def address_in_short(ip: str | None) -> str:
    """Enough of an address for its owner to know it: "203.0.113.…", "2001:db8:1:…"; empty for none."""
    with suppress(ValueError):
        found = ip_address(ip or "")
        if isinstance(found, IPv4Address):
            return found.exploded.rpartition(".")[0] + ".…"
        net = ip_network((found, 48), strict=False).network_address
        return net.compressed.removesuffix("::") + ":…"
    return ""


KEY_LENGTH: Final = 40
_HAN: Final = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]")


def search_text(text: str) -> str:
    """`text` as search keys spell it: full-width letters narrowed, small letters, one space for all that is no
    letter and no digit."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join("".join(char if char.isalnum() or _is_mark(char) else " " for char in folded).split())


def search_keys(name: str) -> set[str]:
    """The keys that find a company called `name`: its search text from each word on and, since Chinese, Japanese
    and Korean are written without spaces, from each of their characters on; cut to KEY_LENGTH."""
    text = search_text(name)
    starts = [at for at, char in enumerate(text) if char != " " and _begins_word(text, at)]
    return {text[at : at + KEY_LENGTH] for at in starts}


def _begins_word(text: str, at: int) -> bool:
    return at == 0 or text[at - 1] == " " or bool(_HAN.match(text[at]) or _HAN.match(text[at - 1]))


def _is_mark(char: str) -> bool:
    return unicodedata.category(char).startswith("M")
