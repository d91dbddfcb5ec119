"""Contracts from a CSV file: read it, decide row by row, keep what is right and list what is not."""

from portal.contracts.imports.columns import mapping_in
from portal.contracts.imports.flow import run
from portal.contracts.imports.shapes import ImportResult, ImportUnreadable, LineRow, RowProblem, Tally
from portal.contracts.imports.tell import report
from portal.contracts.imports.watch import Watch

__all__ = [
    "ImportResult",
    "ImportUnreadable",
    "LineRow",
    "RowProblem",
    "Tally",
    "Watch",
    "mapping_in",
    "report",
    "run",
]
