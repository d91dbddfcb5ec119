"""Create and correct companies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete
from sqlalchemy.orm import Session

from portal.accounts import rules
from portal.accounts.errors import StaleEdit
from portal.accounts.models import Company, CompanyKey
from portal.audit import actions as audit
from portal.audit.actions import Note
from portal.kit import bulk


class NewCompany(NamedTuple):
    """A customer to be. `country` is an ISO 3166 code and decides the tax; `zone` an IANA name."""

    name: str
    country: str
    language: str
    zone: str


def write_search_keys(db: Session, names: Mapping[int, str]) -> None:
    """Make new companies findable by their names, given by their ids; whoever creates companies calls this in the
    same transaction."""
    rows = [(id_, key) for id_, name in names.items() for key in sorted(rules.search_keys(name))]
    bulk.insert(db, CompanyKey, ("company_id", "key"), rows)


def renew_search_keys(db: Session, company_id: int, name: str) -> None:
    """Make a company findable by its new name instead of the one before."""
    db.execute(delete(CompanyKey).where(CompanyKey.company_id == company_id))
    write_search_keys(db, {company_id: name})


def create_company(
    db: Session, *, name: str, country: str, language: str, zone: str, by: str, at: datetime
) -> Company:
    """A new customer. `country` is an ISO 3166 code and decides the tax; `zone` an IANA name."""
    company = Company(name=name, country=country, language=language, zone=zone, invoice_details={}, created_at=at)
    db.add(company)
    db.flush()
    write_search_keys(db, {company.id: name})
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
    write_search_keys(db, {row_id: new.name for row_id, new in zip(ids, wanted, strict=True)})
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
        renew_search_keys(db, company.id, company.name)
    audit.note(
        db, by, "company.corrected", f"company:{company.id}", at,
        before={field: before[field] for field in changed}, after=changed,
    )  # fmt: skip


def change_invoice_details(db: Session, company: Company, details: dict[str, Any], by: str, at: datetime) -> None:
    """What the company's receipts print from now on; receipts that exist stay as they are. The trail tells which
    of them changed, not to what: there are phones and accounts among them, and the trail forgets nothing."""
    before = company.invoice_details
    changed = sorted(name for name in {*before, *details} if before.get(name) != details.get(name))
    if not changed:
        return
    company.invoice_details = dict(details)
    db.flush()
    audit.note(db, by, "company.invoice_details_changed", f"company:{company.id}", at, changed=changed)
