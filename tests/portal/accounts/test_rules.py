"""Roles, passwords and ages, decided without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from portal.accounts import rules
from portal.accounts.models import CompanyRole, StaffRole
from portal.accounts.rules import PasswordProblem
from portal.kit.guard import STAFF_ACTS, Act

AT = datetime(2026, 11, 22, tzinfo=UTC)
# The table of the domain notes, section 7, as it is drawn: owner renewer approver payer billing viewer.
CUSTOMERS = {
    Act.SEE_CONTRACTS: "xxxxxx",
    Act.SEE_PRICES: "xxxxx-",
    Act.RENEW: "xx--x-",
    Act.PAY: "x--xx-",
    Act.DECLINE: "xx----",
    Act.CHANGE_INVOICE_DETAILS: "x--xx-",
    Act.MANAGE_MEMBERS: "x-----",
    Act.ANSWER_SURVEYS: "xxxxxx",
}
# cs sales finance data admin auditor
STAFF = {
    Act.READ_DESK: "xxxxxx",
    Act.READ_PRICES: "xxx-xx",
    Act.EDIT_PRICES: "-x--x-",
    Act.TRY_PRICES: "-xx-x-",
    Act.PUBLISH_PRICES: "--x-x-",
    Act.PROPOSE_SPECIAL: "xx----",
    Act.GIVE_SPECIAL: "-xx---",
    Act.GRANT_SPECIAL: "--x---",
    Act.ACT_ON_DESK: "xx----",
    Act.SEE_PAYMENTS: "xxx--x",
    Act.CORRECT_RECORDS: "x--xx-",
    Act.CREATE_RECORDS: "---xx-",
    Act.INVITE_CUSTOMERS: "xx-xx-",
    Act.READ_STAFF: "----xx",
    Act.MANAGE_STAFF: "----x-",
}


@pytest.mark.parametrize(("act", "row"), CUSTOMERS.items())
def test_company_roles(act: Act, row: str) -> None:
    assert "".join("x" if act in rules.acts_of(role) else "-" for role in CompanyRole) == row


@pytest.mark.parametrize(("act", "row"), STAFF.items())
def test_staff_roles(act: Act, row: str) -> None:
    assert "".join("x" if act in rules.staff_acts_of(role) else "-" for role in StaffRole) == row


def test_no_role_crosses_the_counter() -> None:
    for role in CompanyRole:
        assert not rules.acts_of(role) & STAFF_ACTS
    for staff_role in StaffRole:
        assert rules.staff_acts_of(staff_role) <= STAFF_ACTS


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("7 chars", PasswordProblem.SHORT),
        ("8 chars.", None),
        ("x" * 20, PasswordProblem.COMMON),
        ("121212121212", PasswordProblem.COMMON),
        ("correct horse battery staple, and some more words to make it long " * 1, None),
        ("ab" * 64 + "c", PasswordProblem.LONG),
        ("PASSWORD1", PasswordProblem.COMMON),
        (" qwertyuiop ", PasswordProblem.COMMON),
        ("lin.yue@aurora.example", PasswordProblem.PERSONAL),
        ("Lin.Yue@Aurora.Example", PasswordProblem.PERSONAL),
        ("lin.yue.", PasswordProblem.COMMON),
        ("Aurora2026!", PasswordProblem.COMMON),
        ("Polaris-2026", PasswordProblem.COMMON),
        ("polaris instruments 7", PasswordProblem.COMMON),
        ("Renewal_2026", PasswordProblem.COMMON),
        ("polaris instruments and tea", None),
        ("密码密码密码一二", PasswordProblem.COMMON),
        ("海上生明月 天涯共此时", None),
        ("Password1!", PasswordProblem.COMMON),
        ("Summer2026!", PasswordProblem.COMMON),
        ("woaini1314", PasswordProblem.COMMON),
        ("5201314520", PasswordProblem.COMMON),
        ("elizabeth", PasswordProblem.COMMON),
        ("qwertz1234", PasswordProblem.COMMON),
        ("kT9#vLq2", None),
    ],
)
def test_passwords(password: str, problem: PasswordProblem | None) -> None:
    assert rules.password_problem(password, "lin.yue@aurora.example", "Polaris Instruments") is problem


def test_the_sellers_name_counts_in_any_script() -> None:
    assert rules.password_problem("极光20262026", "a@b.example", "极光 Instruments") is PasswordProblem.COMMON


def test_the_three_thousand_best_known_are_refused() -> None:
    leaked = [word for word in FREQUENCY_LISTS["passwords"] if len(word) >= rules.PASSWORD_MIN][:3000]
    assert len(leaked) == 3000
    assert [word for word in leaked if rules.password_problem(word, "a@b.example") is None] == []


@pytest.mark.parametrize(
    ("email", "name"),
    [
        ("wei.zhang@aurora.example", "Wei Zhang"),
        ("procurement@aurora.example", "Procurement"),
        ("anna_von-hohenberg2@x.example", "Anna Von Hohenberg"),
        ("王伟@例子.中国", "王伟"),
        ("007@x.example", "–"),
    ],
)
def test_what_somebody_is_called_of_whom_only_the_address_is_known(email: str, name: str) -> None:
    assert rules.name_from(email) == name


def test_the_demo_password_is_allowed() -> None:
    assert rules.password_problem("renewal-demo-2026", "owner@aurora.example") is None


@pytest.mark.parametrize(
    ("idle", "staff", "holds"),
    [(30, True, True), (31, True, False), (31, False, True), (11 * 60, False, True), (12 * 60, False, False)],
)
def test_sessions_hold(idle: int, staff: bool, holds: bool) -> None:
    at = AT + timedelta(minutes=idle)
    assert rules.session_holds(AT, AT + rules.SESSION_LIFETIME, staff, at) is holds


@pytest.mark.parametrize(
    ("owners", "was", "becomes", "loses"),
    [
        (1, CompanyRole.OWNER, None, True),
        (1, CompanyRole.OWNER, CompanyRole.VIEWER, True),
        (1, CompanyRole.OWNER, CompanyRole.OWNER, False),
        (2, CompanyRole.OWNER, None, False),
        (1, CompanyRole.PAYER, None, False),
    ],
)
def test_the_last_owner(owners: int, was: CompanyRole, becomes: CompanyRole | None, loses: bool) -> None:
    assert rules.loses_last_owner(owners, was, becomes) is loses


def test_tokens_are_hashed() -> None:
    assert rules.hash_of("a") != rules.hash_of("b")
    assert len(rules.hash_of("a")) == 64


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0", "Firefox, Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0 Safari/537.36", "Chrome, Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/131.0 Safari/537.36 Edg/131.0", "Edge, Windows"),
        ("Mozilla/5.0 (iPhone; like Mac OS X) Mobile Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/116.0 MicroMessenger/8.0.50", "WeChat, Android"),
        ("curl/8", ""),
        (None, ""),
    ],
)  # fmt: skip
def test_browsers_in_short(agent: str | None, name: str) -> None:
    assert rules.browser_of(agent) == name
