"""The terms of a contract, as far as its next price asks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Protocol


class Product(Protocol):
    @property
    def names(self) -> dict[str, str]: ...


class Line(Protocol):
    """A line of the last term."""

    @property
    def product_code(self) -> str: ...
    @property
    def seats(self) -> int: ...
    @property
    def unit_minor(self) -> int: ...
    @property
    def undiscounted_minor(self) -> int | None: ...
    @property
    def product(self) -> Product: ...


class Term(Protocol):
    @property
    def starts_on(self) -> date: ...
    @property
    def ends_on(self) -> date: ...
    @property
    def lines(self) -> Sequence[Line]: ...


class WithTerms(Protocol):
    @property
    def terms(self) -> Sequence[Term]: ...


def last_term(contract: WithTerms) -> Term:
    """The contract's latest term: what there is to renew."""
    return max(contract.terms, key=lambda term: term.starts_on)


def running_since(contract: WithTerms) -> date:
    """The first day of the terms that follow each other without a gap up to the latest one."""
    first, *earlier = sorted(contract.terms, key=lambda term: term.starts_on, reverse=True)
    since = first.starts_on
    for term in earlier:
        if term.ends_on + timedelta(days=1) != since:
            break
        since = term.starts_on
    return since


def last_lines(contract: WithTerms) -> Sequence[Line]:
    """The lines of the contract's latest term."""
    return last_term(contract).lines
