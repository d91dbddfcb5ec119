"""The base of our forms: WTForms with CSRF, with types where the libraries have none."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm


class Form(FlaskForm):
    """A posted form. Give `formdata=None` to fill it from `data` alone."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)  # type: ignore[no-untyped-call]

    def validate_on_submit(self, extra_validators: Any = None) -> bool:
        """Was the form sent, and is all of it good?"""
        return bool(super().validate_on_submit(extra_validators))  # type: ignore[no-untyped-call]

    def refuse(self, sentence: str, field: str | None = None) -> None:
        """Tell why what was typed cannot be, at a field or for the whole form."""
        if field is None:
            self.form_errors.append(sentence)
        else:
            self[field].errors = (sentence,)

    def in_row(self, row: int) -> None:
        """The page has this form once for each row: name the fields after this one's."""
        for field in self:
            field.id = f"{field.name}-{row}"
