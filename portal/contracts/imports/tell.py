"""An import's result in lines to print."""

from __future__ import annotations

from collections.abc import Iterator

from flask_babel import gettext as _

from portal.contracts import words
from portal.contracts.imports.shapes import ImportResult


def report(result: ImportResult) -> Iterator[str]:
    """What happened, one line for each problem, then the counts. In the language in force."""
    for wrong in result.refused:
        yield words.row_problem(*wrong)
    if result.ignored:
        names = ", ".join(result.ignored)
        yield _("We do not know these columns and left them out: %(names)s.", names=names)
    if result.dry_run:
        yield _("This was a trial run: nothing was changed. A real run would do this:")
    if result.held_back:
        yield _("Nothing was kept, since all or nothing was asked for and some rows were refused.")
    tally, rows, refused = result.tally, result.rows, result.refused.rows
    yield _("%(kept)s of %(rows)s rows kept, %(refused)s refused.", kept=tally.kept, rows=rows, refused=refused)
    counts = {"created": tally.created, "updated": tally.updated, "unchanged": tally.unchanged}
    yield _("Contracts: %(created)s created, %(updated)s updated, %(unchanged)s unchanged.", **counts)
