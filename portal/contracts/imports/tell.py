"""An import's result in lines to print."""

from __future__ import annotations

from flask_babel import gettext as _

from portal.contracts import words
from portal.contracts.imports.model import ImportResult


def report(result: ImportResult) -> list[str]:
    """What happened, one line for each problem, then the counts. In the language in force."""
    lines = [words.row_problem(wrong.row, wrong.field, wrong.code, wrong.facts) for wrong in result.refused]
    if result.ignored:
        names = ", ".join(result.ignored)
        lines.append(_("We do not know these columns and left them out: %(names)s.", names=names))
    if result.dry_run:
        lines.append(_("This was a trial run: nothing was changed. A real run would do this:"))
    if result.held_back:
        lines.append(_("Nothing was kept, since all or nothing was asked for and some rows were refused."))
    refused = len({wrong.row for wrong in result.refused})
    kept, rows = result.kept, result.rows
    lines.append(_("%(kept)s of %(rows)s rows kept, %(refused)s refused.", kept=kept, rows=rows, refused=refused))
    counts = {"created": result.created, "updated": result.updated, "unchanged": result.unchanged}
    lines.append(_("Contracts: %(created)s created, %(updated)s updated, %(unchanged)s unchanged.", **counts))
    return lines
