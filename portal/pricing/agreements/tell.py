"""What became of a file of agreements, in lines to print."""

from __future__ import annotations

from collections.abc import Iterator

from flask_babel import gettext as _

from portal.contracts import words as contract_words
from portal.contracts.imports.shapes import RowProblem
from portal.pricing import words
from portal.pricing.agreements.flow import Problem, Result


def report(result: Result) -> Iterator[str]:
    """A line for each problem, then the counts. In the language in force."""
    for problem in result.problems:
        yield _line(problem)
    if result.ignored:
        names = ", ".join(result.ignored)
        yield _("We do not know these columns and left them out: %(names)s.", names=names)
    if result.dry_run:
        yield _("This was a trial run: nothing was changed. A real run would do this:")
    yield _(
        "%(changed)s of %(rows)s rows saved, %(unchanged)s as before, %(refused)s refused.",
        rows=result.rows, changed=result.changed, unchanged=result.unchanged, refused=len(result.problems),
    )  # fmt: skip


def _line(problem: Problem) -> str:
    row, why = problem
    if isinstance(why, RowProblem):
        return contract_words.row_problem(*why)
    return _("Row %(row)s: %(problem)s", row=row, problem=words.refusal(why))
