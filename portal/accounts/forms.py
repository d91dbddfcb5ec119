"""What the account pages ask."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_security.forms import LoginForm
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from portal.accounts import rules
from portal.kit import web


class SignInForm(LoginForm):
    """Flask-Security's form, which looks the person up and checks the password, with our fields and one answer
    for everything that does not fit: nobody learns who has an account."""

    email = StringField(_l("E-mail"), [InputRequired(_l("Type your e-mail address.")), Length(max=254)])
    password = PasswordField(
        _l("Password"), [InputRequired(_l("Type your password.")), Length(max=rules.PASSWORD_MAX)]
    )
    next = HiddenField()
    remember = None
    submit = None

    def validate_next(self, field: HiddenField) -> None:
        """Keep plain paths of ours, drop all else without a word."""
        field.data = web.back_to(field.data, "")

    def validate(self, **kwargs: Any) -> bool:
        self.email.data = (self.email.data or "").strip()
        if super().validate(**kwargs):
            return True
        if self.email.data and self.password.data:
            self.email.errors, self.password.errors = [], []
            self.form_errors = [_("E-mail or password is not right.")]
        return False
