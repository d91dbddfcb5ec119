"""Which thing each part of an address stands for, and what an answer must be. A route whose parts are not here
fails the test: whoever adds it says what it names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from werkzeug.routing import Rule

from portal.accounts import matrix
from portal.accounts.models import CompanyRole, StaffRole
from portal.kit.guard import Act, Door
from tests.portal.access.world import FOREIGN, MISSING, OWN

Role = CompanyRole | StaffRole | None

# What "<number>" is, by the beginning and the end of the address; the first that fits counts.
NUMBERS: Final = (
    ("/contracts/", "/decline/undo", "declined"),
    ("/contracts/", "", "contract"),
    ("/desk/contracts/", "", "contract"),
    ("/orders/", "/pay", "waiting"),
    ("/orders/", "/cancel", "waiting"),
    ("/orders/", "/transfer", "waiting"),
    ("/orders/", "/transfer/back", "by_transfer"),
    ("/orders/", "/slips", "by_transfer"),
    ("/orders/", "<id:slip_id>", "by_transfer"),
    ("/orders/", "<note>.pdf", "refunded"),
    ("/orders/", "", "paid"),
    ("/desk/orders/", "/cancel", "waiting"),
    ("/desk/orders/", "/check", "waiting"),
    ("/desk/orders/", "<id:slip_id>", "by_transfer"),
    ("/desk/orders/", "<note>.pdf", "refunded"),
    ("/desk/orders/", "", "paid"),
)
# Things of a company, of staff alone, of one person alone, and parts that name nothing of anybody's.
FIRMS: Final = {
    "quote_id": "quote", "note": "note", "slip_id": "slip_id", "transfer_id": "transfer_id",
    "company_id": "company_id", "membership_id": "membership_id", "red": "red",
}  # fmt: skip
DESK: Final = frozenset(
    {
        "run_id",
        "price_id",
        "account_id",
        "exception_id",
        "offer_id",
        "refund_id",
        "person_id",
        "currency",
        "mail_id",
        "request_id",
        "version_id",
        "row_id",
        "special_id",
        "exemption_id",
    }
)
PERSONAL: Final = frozenset({"session_id", "passkey_id", "cover_id"})
# An exception of the kind that the address is for.
EXCEPTIONS: Final = {"/assign": "unknown_id", "/refund": "unknown_id", "/end": "late_id", "/keep": "late_id"}
FREE: Final = {"kind": "csv"}
# Who has the token may open its page; there are tests of their own for each kind of token.
SECRETS: Final = {"token": "unknown-token"}
NOBODY: Final = {
    "number": "NO-2026-999999", "quote_id": "0" * 32, "note": "CN-2026-999999", "currency": "XXX",
}  # fmt: skip
NO_ID: Final = "999999999"

# Own things that answer 404 for what state they are in, or because the portal under test has no such part.
NOT_THERE: Final = {
    "accounts.ask_remove_app": "no app is set up",
    "accounts.remove_app": "no app is set up",
    "accounts.new_recovery_codes": "no factor is set up",
    "accounts.sso_start": "no identity provider",
    "accounts.sso_back": "no identity provider",
    "surveys.question": "an unknown token", "surveys.answer": "an unknown token",
    "surveys.stop": "an unknown token", "surveys.stopped": "an unknown token",
    "imports_desk.refused_rows": "no row was refused yet",
    "home.fapiao_file": "none is issued yet", "home.red_fapiao_file": "none is issued yet",
    "finance.desk_fapiao_file": "none is issued yet",
    "finance.take_back_refund": "only who asked for it takes it back",
}  # fmt: skip


# Looking changes nothing (SEC4), but for these.
WRITES_ON_GET: Final = {
    "home.order_return": "asks the provider and settles what it says, whoever asks",
    "staff.audit_file": "taking the trail out leaves a trace in it",
    "accounts.sso_back": "the standard's way back from the identity provider, tied to this browser by its state",
}
# The same for one role.
NOT_YET: Final = {
    ("finance.decide_refund", StaffRole.ADMIN): "finance says yes first",
    ("finance.agree_to_refund", StaffRole.ADMIN): "finance says yes first",
    ("finance.refuse_refund", StaffRole.ADMIN): "finance says yes first",
}


# A thing of one person that these roles reach too.
FOR_OTHERS: Final = {("accounts_desk.end_cover", StaffRole.ADMIN)}


@dataclass(frozen=True)
class Cell:
    """One call: who asks for which address with which method, and whose thing it names."""

    endpoint: str
    method: str
    path: str
    need: Act | Door
    role: Role
    whose: str
    personal: bool = False  # names a thing of one person, which is foreign to staff too

    def __str__(self) -> str:
        return f"{self.method} {self.path} as {self.role or 'nobody'} ({self.whose})"


def thing(rule: Rule, name: str) -> str | None:
    """The kind of thing that a part of the address names; None: this table does not know it."""
    if name == "number":
        fits = (kind for start, end, kind in NUMBERS if rule.rule.startswith(start) and rule.rule.endswith(end))
        return next(fits, None)
    if name == "exception_id":
        return EXCEPTIONS.get("/" + rule.rule.rpartition("/")[2], name)
    if name == "person_id" and rule.rule.startswith("/desk/people/"):
        return "customer_id"
    if name in FIRMS:
        return FIRMS[name]
    return name if name in DESK | PERSONAL | FREE.keys() | SECRETS.keys() else None


def belongs_to_firms(rule: Rule) -> bool:
    return bool(rule.arguments & {"number", *FIRMS})


def whose(rule: Rule) -> tuple[str, ...]:
    """Whose thing the address can name."""
    if belongs_to_firms(rule) or rule.arguments & PERSONAL:
        return (OWN, FOREIGN, MISSING)
    return (OWN, MISSING) if rule.arguments & DESK else (OWN,)


def expected(cell: Cell) -> str:
    """away: to the sign-in page; barred: 403; hidden: 404; open: none of these three."""
    if cell.need is Door.PUBLIC:
        return "any" if cell.endpoint in NOT_THERE or cell.whose != OWN else "open"
    if cell.role is None:
        return "away"
    if not matrix.opens(cell.need, cell.role):
        return "barred"
    if cell.whose == MISSING:
        return "hidden"
    if cell.whose == FOREIGN and (cell.personal or not isinstance(cell.role, StaffRole)):
        return "open" if (cell.endpoint, cell.role) in FOR_OTHERS else "hidden"
    return "any" if cell.endpoint in NOT_THERE or (cell.endpoint, cell.role) in NOT_YET else "open"


def seen(status: int, location: str | None) -> str:
    if status == 302 and (location or "").startswith("/sign-in?"):
        return "away"
    return {403: "barred", 404: "hidden"}.get(status, "broken" if status >= 500 or status == 401 else "open")
