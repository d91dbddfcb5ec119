"""The house's rules hold, and each of them finds what was planted for it (SEC18, SEC30)."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from portal.kit.settings import ROOT
from tests.rules import checks
from tests.rules.excused import EXCUSED, SAFE_IN_TEMPLATES

FOUND = {path: checks.breaches(path, source) for path, source in checks.modules()}


def test_the_product_keeps_the_rules() -> None:
    broken = [
        f"{path}:{line} ({rule})"
        for path, rules in FOUND.items()
        for rule, lines in rules.items()
        if (rule, path) not in EXCUSED
        for line in lines
    ]
    assert broken == []


def test_no_excuse_outlives_its_reason() -> None:
    assert {(rule, path) for rule, path in EXCUSED if rule not in FOUND.get(path, {})} == set()


@pytest.mark.parametrize(
    ("rule", "path", "planted"),
    [
        ("no_float_money", "portal/pricing/rules/price.py", "total = net * 1.06"),
        ("no_float_money", "payments/ledger/rules.py", "half = minor / 2"),
        ("no_float_money", "portal/checkout/rules.py", "part = float(minor)"),
        ("one_clock", "portal/orders/actions/moves.py", "at = datetime.now(UTC)"),
        ("one_clock", "portal/home/rules.py", "on = datetime.date.today()"),
        ("one_clock", "portal/kit/jobs.py", "start = time.time()"),
        ("no_raw_sql", "portal/staff/queries/orders.py", "from sqlalchemy import text\ndb.execute(text(q))"),
        ("no_raw_sql", "portal/staff/queries/orders.py", "from sqlalchemy import text as t\nt(f'x {q}')"),
        ("no_raw_sql", "portal/kit/search.py", "connection.exec_driver_sql('SELECT 1')"),
        ("no_raw_sql", "portal/kit/search.py", "db.execute(f'SELECT {q}')"),
        ("routes_are_guarded", "portal/home/views/x.py", "@blueprint.get('/x')\ndef x(): ..."),
        ("routes_are_guarded", "portal/home/views/x.py", "@blueprint.get('/x')\n@one()\n@needs(A)\ndef x(): ..."),
        ("no_loose_ends", "portal/home/words/x.py", "shown = Markup(name)"),
        ("no_loose_ends", "portal/home/views/x.py", "render_template_string(name)"),
        ("no_loose_ends", "portal/home/views/x.py", "eval(name)"),
        ("no_loose_ends", "portal/home/views/x.py", "@csrf.exempt\ndef x(): ..."),
        ("no_loose_ends", "portal/kit/files.py", "run(name, shell=True)"),
        ("known_ways_out", "portal/surveys/jobs.py", "import urllib.request"),
        ("known_ways_out", "portal/orders/jobs.py", "from requests import get"),
        ("one_source_each", "portal/home/views/x.py", "name = request.values['name']"),
    ],
)  # fmt: skip
def test_each_rule_finds_what_is_planted(rule: str, path: str, planted: str) -> None:
    assert rule in checks.breaches(path, planted)


@pytest.mark.parametrize(
    "fine",
    [
        "share = Fraction(1, 3)\nhalf = minor // 2\nplace = folder / 'x.pdf'",
        "@blueprint.get('/x')\n@needs(Act.PAY)\ndef x(): ...",
        "@blueprint.get('/x')\n@blueprint.get('/y')\n@needs(Act.PAY)\ndef x(): ...",
        "at = clock.now()\ndb.execute(select(Order))",
    ],
)
def test_no_rule_cries_wolf(fine: str) -> None:
    assert checks.breaches("portal/home/views/x.py", fine) == {}


def test_templates_trust_nothing_but_their_own() -> None:
    trusting = {
        file.relative_to(ROOT).as_posix()
        for folder in ("templates", "payments/sandbox/hosted/templates")
        for file in (ROOT / folder).rglob("*")
        if file.is_file() and re.search(r"\|\s*safe\b|autoescape\s+false", file.read_text(encoding="utf-8"))
    }
    assert trusting == set(SAFE_IN_TEMPLATES)


SCRIPTS_DO_NOT = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|\bFunction\(|setTimeout\(['\"]"
    r"|localStorage|sessionStorage|indexedDB|document\.cookie|postMessage|__proto__|constructor\["
)


def test_scripts_write_text_and_keep_nothing() -> None:
    """No markup from data, no code from data, nothing kept in the browser, no talk with other windows."""
    scripts = [file for file in (ROOT / "static").rglob("*.js") if "vendor" not in file.parts]
    assert scripts
    assert [file.name for file in scripts if SCRIPTS_DO_NOT.search(file.read_text(encoding="utf-8"))] == []
    assert SCRIPTS_DO_NOT.search("box.innerHTML = name")
    assert SCRIPTS_DO_NOT.search("localStorage.setItem('token', token)")


@pytest.mark.parametrize(
    ("code", "planted"),
    [
        ("DTZ005", "from datetime import datetime\nat = datetime.now()\n"),
        ("DTZ011", "from datetime import date\non = date.today()\n"),
        ("S608", "def find(q: str) -> str:\n    return f\"SELECT * FROM people WHERE name = '{q}'\"\n"),
        ("S324", "import hashlib\nhashlib.md5(b'x')\n"),
        ("S602", "import subprocess\nsubprocess.run('ls', shell=True)\n"),
        ("S301", "import pickle\npickle.loads(b'')\n"),
        ("S501", "import requests\nrequests.get('https://x', verify=False, timeout=5)\n"),
    ],
)
def test_ruff_looks_for_these_too(code: str, planted: str) -> None:
    command = [sys.executable, "-m", "ruff", "check", "--quiet", "--stdin-filename", "portal/planted.py", "-"]
    done = subprocess.run(command, cwd=ROOT, input=planted, text=True, capture_output=True, check=False)
    assert done.returncode == 1
    assert code in done.stdout


def test_bandit_finds_what_is_planted() -> None:
    planted = "import subprocess\n\n\ndef run(name):\n    subprocess.Popen(name, shell=True)\n"
    command = [sys.executable, "-m", "bandit", "-q", "-ll", "-c", "pyproject.toml", "-"]
    done = subprocess.run(command, cwd=ROOT, input=planted, text=True, capture_output=True, check=False)
    assert done.returncode == 1
    assert "B602" in done.stdout
