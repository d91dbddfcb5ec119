"""The people of demo mode: the sign-in page lists them, `seed-demo` makes their rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from portal.accounts.models import CompanyRole, StaffRole

PASSWORD: Final = "renewal-demo-2026"  # noqa: S105 - shown on the sign-in page, and demo mode stays on this computer
AURORA: Final = "Aurora 极光科技"
HARBOR: Final = "Harbor Freight Systems"
SAKURA: Final = "Sakura Works"
ZH: Final = "zh_Hans_CN"


@dataclass(frozen=True)
class DemoPerson:
    """Somebody to try the portal as: a customer's member, or staff."""

    name: str
    email: str
    what: LazyString
    company: str = ""
    role: CompanyRole | StaffRole = CompanyRole.OWNER
    language: str = "en"


PEOPLE: Final = (
    DemoPerson(
        "Lin Yue 林悦", "owner@aurora.example", _l("Owner at Aurora 极光科技, pays in CNY"), AURORA, language=ZH
    ),
    DemoPerson(
        "Mark Weber", "billing@aurora.example", _l("Billing at Aurora 极光科技"), AURORA, CompanyRole.BILLING
    ),
    DemoPerson("Ana Sousa", "viewer@aurora.example", _l("Viewer at Aurora 极光科技"), AURORA, CompanyRole.VIEWER),
    DemoPerson("Tom Blake", "owner@harbor.example", _l("Owner at Harbor Freight Systems, pays in USD"), HARBOR),
    DemoPerson("Yuki Mori", "owner@sakura.example", _l("Owner at Sakura Works, pays in JPY"), SAKURA),
    DemoPerson("Chen Hao", "cs@portal.example", _l("Staff: customer success"), role=StaffRole.CS),
    DemoPerson("Dana Fox", "sales@portal.example", _l("Staff: sales"), role=StaffRole.SALES),
    DemoPerson("Priya Nair", "finance@portal.example", _l("Staff: finance"), role=StaffRole.FINANCE),
    DemoPerson("Wei Zhang", "data@portal.example", _l("Staff: data"), role=StaffRole.DATA),
    DemoPerson("Sam Admin", "admin@portal.example", _l("Staff: administration"), role=StaffRole.ADMIN),
    DemoPerson(
        "Omar Audit", "auditor@portal.example", _l("Staff: audit, reads everything and changes nothing"),
        role=StaffRole.AUDITOR,
    ),
)  # fmt: skip
