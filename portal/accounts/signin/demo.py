"""The people of demo mode, as the sign-in page lists them. Their rows come from `seed-demo`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

PASSWORD: Final = "renewal-demo-2026"  # noqa: S105 - shown on the sign-in page, and demo mode stays on this computer


@dataclass(frozen=True)
class DemoPerson:
    name: str
    email: str
    what: LazyString


PEOPLE: Final = (
    DemoPerson("Lin Yue 林悦", "owner@aurora.example", _l("Owner at Aurora 极光科技, pays in CNY")),
    DemoPerson("Mark Weber", "billing@aurora.example", _l("Billing at Aurora 极光科技")),
    DemoPerson("Ana Sousa", "viewer@aurora.example", _l("Viewer at Aurora 极光科技")),
    DemoPerson("Tom Blake", "owner@harbor.example", _l("Owner at Harbor Freight Systems, pays in USD")),
    DemoPerson("Yuki Mori", "owner@sakura.example", _l("Owner at Sakura Works, pays in JPY")),
    DemoPerson("Chen Hao", "cs@portal.example", _l("Staff: customer success")),
    DemoPerson("Dana Fox", "sales@portal.example", _l("Staff: sales")),
    DemoPerson("Priya Nair", "finance@portal.example", _l("Staff: finance")),
    DemoPerson("Wei Zhang", "data@portal.example", _l("Staff: data")),
    DemoPerson("Sam Admin", "admin@portal.example", _l("Staff: administration")),
    DemoPerson("Omar Audit", "auditor@portal.example", _l("Staff: audit, reads everything and changes nothing")),
)
