"""The person at the keyboard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from portal.kit.guard.acts import Act


@dataclass(frozen=True)
class Actor:
    """The person at the keyboard, as every room sees them. `companies` maps the company's id to the acts that
    the person may do there; `staff_acts` holds for all companies."""

    id: int
    name: str
    email: str
    language: str | None
    theme: str
    zone: str
    staff_role: str | None = None
    companies: Mapping[int, frozenset[Act]] = field(default_factory=dict)
    staff_acts: frozenset[Act] = frozenset()
    # Showed a moment ago that it is they who sit here.
    fresh: bool = True
    # Must set up a second factor before anything else.
    held_up: bool = False
    company_names: Mapping[int, str] = field(default_factory=dict)
    # The one company that somebody with several looks at; None: all of them. It narrows lists, never rights.
    in_view: int | None = None
    # The member of staff who looks at the portal as this person, and can change nothing.
    behind: Actor | None = None

    @property
    def is_staff(self) -> bool:
        return self.staff_role is not None

    @property
    def ref(self) -> str:
        """How the audit trail names this person."""
        return f"person:{self.id}"

    @property
    def trace(self) -> str:
        """How the log names whoever sits there, also behind somebody else."""
        return f"{self.behind.ref} as {self.ref}" if self.behind else self.ref

    def can(self, act: Act | str, company_id: int | None = None) -> bool:
        """May this person do `act` in the company, or (without one) anywhere at all?"""
        act = Act(act)
        if act in self.staff_acts:
            return True
        if company_id is not None:
            return act in self.companies.get(company_id, frozenset())
        return any(act in acts for acts in self.companies.values())

    def companies_for(self, act: Act) -> list[int]:
        """Ids of the companies in which this person, as a customer, may do `act`, of those in view."""
        return [
            company for company, acts in self.companies.items() if act in acts and self.in_view in (None, company)
        ]
