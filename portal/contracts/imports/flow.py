"""Run an import: read all of the file, then try it out, or keep it piece by piece or all at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from portal.contracts.imports import columns, pieces, reader, source, switch, trial
from portal.contracts.imports.shapes import MAX_ROWS_AT_ONCE, ImportResult, ImportUnreadable, Tally
from portal.contracts.imports.spool import Problems, Rows
from portal.contracts.imports.watch import SILENT, Watch
from portal.kit.db import database


def run(
    file: Path, *, by: str, at: datetime, mapping: Mapping[str, str] | None = None, dry_run: bool = False,
    all_or_nothing: bool = False, watch: Watch = SILENT, start: Tally | None = None,
) -> ImportResult:  # fmt: skip
    """Import the contracts of a CSV file; opens its own transactions, so call it outside any.

    Keeps what is right and lists what is not. `mapping` says which header is which column. `dry_run` only tells
    what would happen. `all_or_nothing` keeps nothing when any row is refused. `start` is how far an earlier run of
    the same file came before it was cut off. Raises ImportUnreadable when the file as a whole cannot be used.
    """
    opened = source.opened(file)
    placed = columns.places(opened.names, mapping)
    with Rows() as rows:
        refused = Problems()
        count = reader.read(opened, placed, rows, refused, watch.reading)
        limit = MAX_ROWS_AT_ONCE[database.engine.dialect.name]
        if all_or_nothing and count > limit:
            raise ImportUnreadable("too_many_at_once", limit=limit)
        watch.begun(count, len(rows))
        result = ImportResult(
            count, refused, replace(start or Tally()), columns.left_out(opened.names, placed), dry_run
        )
        if dry_run:
            trial.try_out(rows, result, watch)
        elif all_or_nothing:
            switch.all_at_once(rows, result, by, at, watch)
        else:
            pieces.keep_all(rows, result, by, at, watch)
    result.held_back = all_or_nothing and len(result.refused) > 0
    if result.held_back:
        result.tally = Tally(place=result.tally.place)
    return result
