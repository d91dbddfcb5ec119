"""Say whom a new price or offer concerns, and what it comes to."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from payments.money import Money
from portal.kit import i18n
from portal.kit.export import Column
from portal.pricing import rules
from portal.pricing.models import PriceEffect
from portal.pricing.words.compare import signed


def trial_title(sums: Mapping[str, Any]) -> str:
    """What came of trying a version on all contracts."""
    looked, affected = i18n.number(sums["contracts"]), i18n.number(sums["affected"])
    if not sums["affected"]:
        return ngettext(
            "%(count)s contract ends within a year; none of them is affected.",
            "%(count)s contracts end within a year; none of them is affected.", sums["contracts"], count=looked,
        )  # fmt: skip
    return ngettext(
        "%(affected)s of %(count)s contract that ends within a year is affected.",
        "%(affected)s of %(count)s contracts that end within a year are affected.", sums["contracts"],
        affected=affected, count=looked,
    )  # fmt: skip


def trial_sums(sums: Mapping[str, Any]) -> list[str]:
    """What it comes to, one sentence for each currency, and who gets or loses a price."""
    told = [
        _("%(change)s in all, each renewed on its last day for as long as its last term",
          change=signed(Money(minor, currency)))
        for currency, minor in sorted(sums["change"].items())
    ]  # fmt: skip
    if sums["first_time"]:
        told.append(
            ngettext(
                "%(count)s contract had no price before.", "%(count)s contracts had no price before.",
                sums["first_time"], count=i18n.number(sums["first_time"]),
            )
        )  # fmt: skip
    if sums["lost"]:
        told.append(
            ngettext(
                "%(count)s contract would have no price.", "%(count)s contracts would have no price.",
                sums["lost"], count=i18n.number(sums["lost"]),
            )
        )  # fmt: skip
    return told


def effect_columns() -> list[Column[PriceEffect]]:
    """The columns of the file of all contracts that a version concerns."""
    return [
        Column(_("Contract"), lambda row: row.contract.number),
        Column(_("Company"), lambda row: row.contract.company.name),
        Column(_("Last day"), lambda row: row.on),
        Column(_("Months"), lambda row: row.months),
        Column(_("Currency"), lambda row: row.currency),
        Column(_("Before"), lambda row: _major(row.old_minor, row.currency)),
        Column(_("With this version"), lambda row: _major(row.new_minor, row.currency)),
    ]


def _major(minor: int | None, currency: str) -> Decimal | None:
    return None if minor is None else Money(minor, currency).major


def lapsed_title(reach: rules.Reach) -> str:
    """How many contracts could be won back by an offer."""
    if not reach.contracts:
        return _("No contract that ended in the last two years is concerned.")
    count = i18n.number(reach.contracts)
    return ngettext(
        "%(count)s contract that ended in the last two years is concerned.",
        "%(count)s contracts that ended in the last two years are concerned.", reach.contracts, count=count,
    )  # fmt: skip


def reach_title(reach: rules.Reach) -> str:
    """How many contracts a change concerns."""
    if not reach.contracts:
        return _("No contract that ends within a year is concerned.")
    count = i18n.number(reach.contracts)
    return ngettext(
        "%(count)s contract that ends within a year is concerned.",
        "%(count)s contracts that end within a year are concerned.", reach.contracts, count=count,
    )  # fmt: skip


def reach_sums(reach: rules.Reach) -> list[str]:
    """What the change comes to a year, one sentence for each currency."""
    changes = [signed(Money(minor, currency)) for currency, minor in sorted(reach.change_minor.items())]
    return [_("%(change)s a year at most, all seats together", change=change) for change in changes]
