"""What the account pages ask."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from babel import Locale
from email_validator import EmailNotValidError, validate_email
from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_security.forms import LoginForm
from wtforms import DateField, EmailField, Field, HiddenField, PasswordField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length, ValidationError
from wtforms.widgets import TextInput

from portal.accounts import rules, words
from portal.accounts.models import CompanyRole
from portal.kit import i18n, web, zones
from portal.kit.forms import Form
from portal.kit.settings import Settings

NAME_MAX: Final = 120
EMAIL_MAX: Final = 254
# Codes that CLDR lists beside the countries.
_NO_COUNTRIES: Final = frozenset({"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO", "CP", "DG", "EA", "IC", "TA", "CQ"})


def at_most(count: int) -> Length:
    return Length(max=count, message=_l("Use at most %(max)d characters."))


def is_email(_form: object, field: Field) -> None:
    """An address that could receive mail, by its form; kept in small letters."""
    try:
        field.data = validate_email((field.data or "").strip(), check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        raise ValidationError(_("Type an address such as name@company.com.")) from None


@lru_cache(maxsize=4)
def countries(code: str) -> list[tuple[str, str]]:
    """(ISO 3166 code, name in the language `code`), by name."""
    names: dict[str, str] = dict(Locale.parse(code).territories)
    found = [(key, names[key]) for key in names if len(key) == 2 and key.isalpha() and key not in _NO_COUNTRIES]
    return sorted(found, key=lambda pair: pair[1])


class SignInForm(LoginForm):
    """Flask-Security's form, which looks the person up and checks the password, with our fields and one answer
    for everything that does not fit: nobody learns who has an account."""

    email = EmailField(_l("E-mail"), [InputRequired(_l("Type your e-mail address.")), at_most(EMAIL_MAX)])
    password = PasswordField(
        _l("Password"), [InputRequired(_l("Type your password.")), at_most(rules.PASSWORD_MAX)]
    )
    next = HiddenField()
    remember = None  # type: ignore[assignment] # how WTForms drops a field
    submit = None  # type: ignore[assignment]

    def validate_next(self, field: Field) -> None:
        """Keep plain paths of ours, drop all else without a word."""
        field.data = web.back_to(field.data, "")

    def validate(self, **kwargs: Any) -> bool:  # type: ignore[override] # as Flask-Security has it
        self.email.data = (self.email.data or "").strip()
        if super().validate(**kwargs):
            return True
        if self.email.data and self.password.data:
            self.email.errors = self.password.errors = ()
            self.form_errors = [_("E-mail or password is not right.")]
        return False


class ForgotForm(Form):
    email = EmailField(
        _l("E-mail"), [InputRequired(_l("Type your e-mail address.")), at_most(EMAIL_MAX), is_email]
    )


class NewPasswordForm(Form):
    """Asks for a new password once: it can be shown, pasted and kept by a password manager."""

    password = PasswordField(_l("New password"), [InputRequired(_l("Type a password."))])

    def __init__(self, email: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._email = email

    def validate_password(self, field: PasswordField) -> None:
        settings: Settings = current_app.extensions["settings"]
        problem = rules.password_problem(field.data or "", self._email, settings.seller)
        if problem is not None:
            raise ValidationError(words.password_problem(problem))


class ChangePasswordForm(NewPasswordForm):
    current = PasswordField(
        _l("Current password"), [InputRequired(_l("Type your password.")), at_most(rules.PASSWORD_MAX)]
    )


class ProfileForm(Form):
    name = StringField(_l("Name"), [InputRequired(_l("Type your name.")), at_most(NAME_MAX)])
    language = SelectField(_l("Language"))
    theme = SelectField(_l("Colours"), choices=[(theme.value, label) for theme, label in words.THEMES.items()])
    zone = SelectField(_l("Time zone"))

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.language.choices = [(one.code, one.own_name) for one in i18n.LANGUAGES.values()]
        self.zone.choices = [("", _("As my company")), *zones.choices()]


class MemberForm(Form):
    email = EmailField(_l("E-mail"), [InputRequired(_l("Type an e-mail address.")), at_most(EMAIL_MAX), is_email])
    name = StringField(_l("Name"), [InputRequired(_l("Type a name.")), at_most(NAME_MAX)])
    role = SelectField(
        _l("Role"),
        choices=[(role.value, label) for role, label in words.COMPANY_ROLES.items()],
        default=CompanyRole.VIEWER.value,
    )


class RoleForm(Form):
    role = RadioField(_l("Role"))

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.role.choices = [
            (role.value, _("%(role)s: %(what)s", role=label, what=words.COMPANY_ROLE_HINTS[role]))
            for role, label in words.COMPANY_ROLES.items()
        ]


class StaffRoleForm(Form):
    role = SelectField(_l("Role"), choices=[(role.value, label) for role, label in words.STAFF_ROLES.items()])


class StaffForm(StaffRoleForm):
    email = EmailField(_l("E-mail"), [InputRequired(_l("Type an e-mail address.")), at_most(EMAIL_MAX), is_email])
    name = StringField(_l("Name"), [InputRequired(_l("Type a name.")), at_most(NAME_MAX)])


class CompanyForm(Form):
    name = StringField(_l("Name"), [InputRequired(_l("Type the company's name.")), at_most(NAME_MAX)])
    country = SelectField(_l("Country, which decides the tax"))
    language = SelectField(_l("Language of its mails"))
    zone = SelectField(_l("Time zone of its contracts"))

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.country.choices = countries(i18n.speaking_now().code)
        self.language.choices = [(one.code, one.own_name) for one in i18n.LANGUAGES.values()]
        self.zone.choices = zones.choices()

    def facts(self) -> dict[str, str]:
        return {
            "name": self.name.data.strip(),
            "country": self.country.data,
            "language": self.language.data,
            "zone": self.zone.data,
        }


class EditCompanyForm(CompanyForm):
    title = StringField(_l("Invoice title"), [at_most(NAME_MAX)])
    tax_id = StringField(_l("Tax number"), [at_most(40)])
    address = StringField(_l("Invoice address"), [at_most(300)])
    version = HiddenField()

    def details(self, before: dict[str, Any]) -> dict[str, Any]:
        """The invoice details: what stands here over what was there; emptied fields go."""
        typed = {name: (self[name].data or "").strip() for name in ("title", "tax_id", "address")}
        return {name: value for name, value in (before | typed).items() if value}


class ConfirmForm(Form):
    """A question whose only answer is the button: carries the token and, after a refusal, the reason."""


class ViewForm(Form):
    """Why somebody looks at the portal as a customer."""

    reason = RadioField(
        _l("Why?"),
        [InputRequired(_l("Choose a reason."))],
        choices=[(reason.value, label) for reason, label in words.VIEW_REASONS.items()],
    )


class CoverForm(Form):
    """Who stands in for whom, from which day to which."""

    owner = SelectField(_l("Who is away"), [InputRequired(_l("Choose somebody"))])
    person = SelectField(_l("Who stands in"), [InputRequired(_l("Choose somebody"))])
    # As text: the words of a browser's own date field follow the browser and not the page.
    from_on = DateField(_l("From"), [InputRequired(_l("Type a day such as 2026-12-24."))], widget=TextInput())
    to_on = DateField(
        _l("To, this day included"), [InputRequired(_l("Type a day such as 2026-12-24."))], widget=TextInput()
    )
