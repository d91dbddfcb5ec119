"""What the pages about ways to sign in ask."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import EmailField, HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from portal.accounts import rules
from portal.accounts.forms import EMAIL_MAX, at_most, is_email
from portal.kit.forms import Form

CODE_MAX = 40
PASSKEY_NAME_MAX = 60


class PasskeyForm(Form):
    """What the browser's script fills in: the device's answer, and the ticket that came with the question."""

    passkey = HiddenField(validators=[Length(max=20_000)])
    ticket = HiddenField(validators=[Length(max=1_000)])


class PasskeyInForm(PasskeyForm):
    next = HiddenField()


class NewPasskeyForm(PasskeyForm):
    name = StringField(_l("Its name, so that you know it again"), [at_most(PASSKEY_NAME_MAX)])


class SecondStepForm(PasskeyInForm):
    code = StringField(_l("Code"), [at_most(CODE_MAX)])


class AskCodeForm(Form):
    email = EmailField(
        _l("E-mail"), [InputRequired(_l("Type your e-mail address.")), at_most(EMAIL_MAX), is_email]
    )
    next = HiddenField()


class MailedCodeForm(Form):
    code = StringField(_l("Code"), [InputRequired(_l("Type the code from our mail.")), at_most(CODE_MAX)])
    next = HiddenField()


class AppForm(Form):
    code = StringField(
        _l("The code that the app shows now"), [InputRequired(_l("Type the six digits.")), at_most(CODE_MAX)]
    )
    ticket = HiddenField(validators=[Length(max=1_000)])


class AgainForm(PasskeyForm):
    """Shows once more that it is they who sit here. Its fields travel beside those of the form that is waiting,
    under names of their own; that form's token was checked already."""

    class Meta:
        csrf = False

    password = PasswordField(_l("Password"), [at_most(rules.PASSWORD_MAX)])
    code = StringField(_l("Code from your app"), [at_most(CODE_MAX)])

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(prefix="confirm_", **kwargs)
