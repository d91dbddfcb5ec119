"""Whoever looks on while an import runs: to draw its progress, to keep its place, or to stop it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from portal.contracts.imports.shapes import RowProblem, Tally


class Watch:
    """Looks on and does nothing. Every method may raise to end the import; what was kept until then stays kept."""

    def reading(self, rows: int) -> None:
        """So many rows of the file were read."""

    def begun(self, rows: int, contracts: int) -> None:
        """The file is read: so many rows, and contracts that can be looked at."""

    def tried(self, tally: Tally) -> None:
        """A trial came so far; nothing was changed."""

    def keeping(self, db: Session, tally: Tally, found: Sequence[RowProblem]) -> None:
        """Inside the transaction of each piece: how far the import is once it commits, and what it refused."""

    def kept(self, tally: Tally) -> None:
        """The piece is committed."""


SILENT = Watch()
