"""Progress on the command line: a bar on a terminal, a line now and then where nobody looks on."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any, Final, Self

import click
from flask_babel import gettext as _

from portal.contracts.imports.shapes import Tally
from portal.contracts.imports.watch import Watch

LINE_SECONDS: Final = 10.0


class Bars(Watch):
    """On standard error, so that the report alone is on standard output."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._bar: Any = None
        self._total = 0
        self._next = time.monotonic() + LINE_SECONDS

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.render_finish()

    def reading(self, rows: int) -> None:
        if self._live:
            click.echo("\r" + _("%(rows)s rows read", rows=rows), nl=False, err=True)
        else:
            self._line(_("%(rows)s rows read", rows=rows))

    def begun(self, rows: int, contracts: int) -> None:
        self._total = contracts
        if self._live:
            click.echo("\r" + _("%(rows)s rows read", rows=rows), err=True)
            self._bar = click.progressbar(length=contracts, label=_("Contracts"), file=sys.stderr, show_pos=True)
            self._bar.render_progress()

    def tried(self, tally: Tally) -> None:
        self._at(tally.place)

    def kept(self, tally: Tally) -> None:
        self._at(tally.place)

    def _at(self, place: int) -> None:
        if self._bar is not None:
            self._bar.update(place - self._bar.pos)
        else:
            self._line(_("%(place)s of %(contracts)s contracts", place=place, contracts=self._total))

    def _line(self, text: str) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + LINE_SECONDS
            click.echo(text, err=True)
