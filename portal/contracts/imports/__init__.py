"""Contracts from a CSV file: read it, decide row by row, keep what is right and list what is not."""

from portal.contracts.imports.flow import run
from portal.contracts.imports.model import ImportResult, ImportUnreadable, LineRow, RowProblem, Sheet
from portal.contracts.imports.reader import read
from portal.contracts.imports.tell import report

__all__ = ["ImportResult", "ImportUnreadable", "LineRow", "RowProblem", "Sheet", "read", "report", "run"]
