"""What people fill in for an import: the file, and which of its headers is which column."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import FileField, SelectField

from portal.contracts import words
from portal.contracts.imports.shapes import COLUMNS
from portal.kit.forms import Form

LEAVE_OUT: Final = ""


class UploadForm(Form):
    """A file to import."""

    file = FileField(_l("CSV file"))


class ColumnsForm(Form):
    """One select for each header of a file; made by `columns_form`."""

    names: Sequence[str] = ()

    def mapping(self) -> dict[str, str]:
        """Header to our column, "" for those that are left out."""
        return {name: self[f"column_{place}"].data for place, name in enumerate(self.names) if name}

    def validate(self, extra_validators: Any = None) -> bool:
        """No two headers may be the same column."""
        good = bool(super().validate(extra_validators))  # type: ignore[no-untyped-call]
        chosen: dict[str, list[str]] = defaultdict(list)
        for place, name in enumerate(self.names):
            if name and self[f"column_{place}"].data:
                chosen[self[f"column_{place}"].data].append(f"column_{place}")
        for column, fields in chosen.items():
            for field in fields if len(fields) > 1 else ():
                good = False
                label = words.COLUMN_NAMES[column]
                self.refuse(_("Two headers are mapped to “%(column)s”. Choose one of them.", column=label), field)
        return good


def columns_form(names: Sequence[str], chosen: Mapping[str, str] | None) -> ColumnsForm:
    """The form for a file with these headers, filled from `chosen` or else from what was sent."""
    choices = [(LEAVE_OUT, _("Leave out")), *((name, str(words.COLUMN_NAMES[name])) for name in COLUMNS)]
    fields = {f"column_{place}": SelectField(name, choices=choices) for place, name in enumerate(names) if name}
    made: type[ColumnsForm] = type("FileColumnsForm", (ColumnsForm,), {"names": tuple(names), **fields})
    if chosen is None:
        return made()
    return made(formdata=None, data={f"column_{place}": chosen.get(name, "") for place, name in enumerate(names)})
