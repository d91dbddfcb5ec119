"""Card data never touches us (SEC27): no page asks for it, no script of Stripe's draws a field into one."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator

import pytest
from wtforms import Form

import portal
from portal.kit.settings import ROOT

ASKS = re.compile(
    r"""autocomplete=["']?cc-|\b(card|cc)[-_]?(number|no|num|cvc|cvv|csc|exp)|\bcvv?c?2?\b|\bcvv\b"""
    r"""|security[-_ ]code|expiry[-_ ](date|month)|js\.stripe\.com|stripe\.js|\bStripe\(""",
    re.IGNORECASE,
)


def sources() -> Iterator[tuple[str, str]]:
    for folder, kinds in (("templates", ("*.html", "*.mjml")), ("static", ("*.js",))):
        for kind in kinds:
            for file in (ROOT / folder).rglob(kind):
                yield str(file.relative_to(ROOT)), file.read_text(encoding="utf-8")


def forms() -> Iterator[tuple[str, str]]:
    """Every field of every form class of ours."""
    for module in pkgutil.walk_packages(portal.__path__, "portal."):
        if module.name.rpartition(".")[2] not in {"launch", "__main__"}:
            importlib.import_module(module.name)
    waiting = list(Form.__subclasses__())
    while waiting:
        form = waiting.pop()
        waiting += form.__subclasses__()
        if form.__module__.startswith("portal."):
            yield from ((form.__name__, name) for name in dir(form) if not name.startswith("_"))


def test_no_page_and_no_script_asks_for_a_card() -> None:
    found = {name for name, text in sources() if ASKS.search(text)}
    assert len(list(sources())) > 100
    assert found == set()


def test_no_form_takes_one() -> None:
    fields = list(forms())
    assert len({form for form, _name in fields}) > 30
    assert [each for each in fields if ASKS.search(each[1])] == []


@pytest.mark.parametrize(
    "text",
    [
        '<input name="n" autocomplete="cc-number">', "<input autocomplete=cc-csc>", '<input name="card_number">',
        '<input id="cardnumber">', '<label>CVC</label><input name="cvc">', '<input name="cvv">',
        '<script src="https://js.stripe.com/v3/"></script>', 'const stripe = Stripe("pk")', 'name="security-code"',
    ],
)  # fmt: skip
def test_each_would_be_noticed(text: str) -> None:
    assert ASKS.search(text)


@pytest.mark.parametrize("text", ["order number", "discard", "postcard 5", "account-number", "card flush"])
def test_other_words_are_left_alone(text: str) -> None:
    assert not ASKS.search(text)
