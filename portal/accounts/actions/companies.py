"""Create and correct companies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from portal.accounts import rules
from portal.accounts.errors import StaleEdit
from portal.accounts.models import Company, CompanyKey
from portal.audit import actions as audit
from portal.audit.actions import Note
from portal.kit import bulk

_BATCH: Final = 500


class NewCompany(NamedTuple):
    """A customer to be. `country` is an ISO 3166 code and decides the tax; `zone` an IANA name."""

    name: str
    country: str
    language: str
    zone: str


def keep_search_keys(db: Session, names: Mapping[int, str]) -> None:
    """Make companies findable by the names they have now, given by their ids; whoever creates or renames companies
    calls this in the same transaction. Two statements for each 500 of them."""
    ids = list(names)
    for start in range(0, len(ids), _BATCH):
        batch = ids[start : start + _BATCH]
        db.execute(delete(CompanyKey).where(CompanyKey.company_id.in_(batch)))
        rows = [{"company_id": id_, "key": key} for id_ in batch for key in sorted(rules.search_keys(names[id_]))]
        if rows:
            db.execute(insert(CompanyKey), rows)


def create_company(
    db: Session, *, name: str, country: str, language: str, zone: str, by: str, at: datetime
) -> Company:
    """A new customer. `country` is an ISO 3166 code and decides the tax; `zone` an IANA name."""
    company = Company(name=name, country=country, language=language, zone=zone, invoice_details={}, created_at=at)
    db.add(company)
    db.flush()
    keep_search_keys(db, {company.id: name})
    audit.note(db, by, "company.created", f"company:{company.id}", at, name=name, country=country, zone=zone)
    return company


def create_companies(db: Session, wanted: Sequence[NewCompany], by: str, at: datetime) -> Sequence[int]:
    """Many new customers at once, each with its audit note; their ids, in the same order."""
    ids = bulk.next_ids(db, Company, len(wanted))
    columns = ("id", "name", "country", "language", "zone", "invoice_details", "created_at", "version")
    nothing: dict[str, Any] = {}
    bulk.insert(
        db, Company, columns, [(row_id, *new, nothing, at, 1) for row_id, new in zip(ids, wanted, strict=True)]
    )
    keep_search_keys(db, {row_id: new.name for row_id, new in zip(ids, wanted, strict=True)})
    audit.note_all(db, by, at, [
        Note("company.created", f"company:{row_id}", {"name": new.name, "country": new.country, "zone": new.zone})
        for row_id, new in zip(ids, wanted, strict=True)
    ])  # fmt: skip
    return ids


def correct_company(
    db: Session, company: Company, version: int, changes: dict[str, Any], by: str, at: datetime
) -> None:
    """Change a company's own facts, all or nothing. `version` is the one that the form was opened with.

    Raises StaleEdit when somebody else was faster.
    """
    if company.version != version:
        raise StaleEdit
    before = {field: getattr(company, field) for field in changes}
    changed = {field: value for field, value in changes.items() if value != before[field]}
    if not changed:
        return
    for field, value in changed.items():
        setattr(company, field, value)
    db.flush()
    if "name" in changed:
        keep_search_keys(db, {company.id: company.name})
    audit.note(
        db, by, "company.corrected", f"company:{company.id}", at,
        before={field: before[field] for field in changed}, after=changed,
    )  # fmt: skip


def change_invoice_details(db: Session, company: Company, details: dict[str, Any], by: str, at: datetime) -> None:
    """What the company's receipts print from now on; receipts that exist stay as they are."""
    if company.invoice_details == details:
        return
    before, company.invoice_details = company.invoice_details, dict(details)
    db.flush()
    audit.note(
        db, by, "company.invoice_details_changed", f"company:{company.id}", at, before=before, after=details
    )
