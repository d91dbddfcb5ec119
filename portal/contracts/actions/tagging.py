"""Make tags, and put them on contracts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.audit import actions as audit
from portal.contracts import queries
from portal.contracts.actions.ground import subject_of
from portal.contracts.models import Contract, ContractTag, Tag


def add_tag(db: Session, names: Mapping[str, str], by: str, at: datetime) -> Tag:
    """A new tag, with its names by language code."""
    tag = Tag(names=dict(names), created_at=at)
    db.add(tag)
    db.flush()
    audit.note(db, by, "tag.added", f"tag:{tag.id}", at, names=dict(names))
    return tag


def tag_contract(db: Session, contract: Contract, wanted: Collection[int], by: str, at: datetime) -> None:
    """Give the contract just these tags; ids that are none are left out. Hold it by queries.lock. Its price is not
    another one by that: offers are chosen anew for each quote."""
    known = set(db.scalars(select(Tag.id).where(Tag.id.in_(wanted))))
    before = queries.tag_ids(db, contract.id)
    if known == before:
        return
    db.execute(delete(ContractTag).where(ContractTag.contract_id == contract.id))
    db.add_all([ContractTag(contract_id=contract.id, tag_id=tag_id) for tag_id in sorted(known)])
    db.flush()
    facts = {"before": sorted(before), "after": sorted(known)}
    audit.note(db, by, "contract.tagged", subject_of(contract), at, **facts)
