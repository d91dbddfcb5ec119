"""Who is told of a published price change, and that letter, trial and quote say one figure."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from portal.accounts.models import CompanyRole
from portal.contracts import actions as contract_actions
from portal.contracts import queries as contracts
from portal.contracts.rules import LineSpec
from portal.kit import outbox
from portal.kit.db import reading, transaction
from portal.kit.mail import Mail
from portal.pricing import actions, queries, rules
from portal.pricing.jobs import notices
from tests import factories
from tests.conftest import NOW
from tests.portal.pricing.scene import sealed, staged
from tests.portal.pricing.versions import (
    DRAFTER,
    draft,
    effects,
    many,
    publish,
    published,
    tried,
)

pytestmark = pytest.mark.usefixtures("app")


def letters() -> list[Mail]:
    with reading() as db:
        return list(db.scalars(select(Mail).where(Mail.kind == "prices.changed").order_by(Mail.id)))


def drain() -> None:
    while outbox.run_due(50):
        pass


def test_those_whom_it_concerns_read_old_and_new_price_and_the_reason() -> None:
    scene = staged()
    with transaction() as db:
        factories.member(db, scene.company, CompanyRole.VIEWER)
        factories.member(db, scene.company, CompanyRole.BILLING, language="zh_Hans_CN")
        elsewhere = factories.company(db, "Harbor")
        factories.member(db, elsewhere)
        factories.contract(db, elsewhere, date(2026, 11, 25))  # ends before
    published(110_000, reasons={"en": "Power costs more.", "zh_Hans_CN": "电费上涨。"})
    drain()
    english, chinese = letters()
    assert english.to_email == scene.owner.email
    for part in (
        "New prices from 1 December 2026", "Power costs more.",
        f"{scene.contract.number}, Insight Analytics, Business, to 12 Dec 2026",
        "12 months: CN¥22,000.00 instead of CN¥20,000.00", "Who renews before 1 December 2026",
    ):  # fmt: skip
        assert part in english.text
    assert "电费上涨。" in chinese.text
    assert "¥22,000.00" in chinese.text


def test_who_is_in_grace_is_told_too() -> None:
    """Those who renew next: from the new price's first day on it is theirs."""
    scene = staged(ends_on=date(2026, 11, 13))
    version_id = published(110_000, valid_from=date(2026, 11, 24))
    drain()
    [letter] = letters()
    assert "12 months: CN¥22,000.00 instead of CN¥20,000.00" in letter.text
    with transaction() as db:
        quote = actions.seal(db, scene.contract, 12, None, scene.ref, NOW.replace(month=12, day=13))
    assert effects(version_id) == [(2_000_000, quote.total_minor)]


def test_what_has_begun_is_told_as_begun() -> None:
    """Nobody is promised a day that is over."""
    staged()
    published(110_000, valid_from=date(2026, 11, 22))
    drain()
    [letter] = letters()
    assert "Our prices changed on 22 November 2026." in letter.text
    assert "Who renews before" not in letter.text


def test_the_letter_says_what_the_page_of_that_day_says() -> None:
    """The same figure in the trial, in the letter, and in the quote that is sealed on the last day."""
    scene = staged()
    version_id = published(110_000)
    drain()
    [letter] = letters()
    with transaction() as db:
        quote = actions.seal(db, scene.contract, 12, None, scene.ref, NOW.replace(month=12, day=12))
    assert effects(version_id) == [(2_000_000, quote.total_minor)]
    assert f"CN¥{quote.total.major:,.2f}" in letter.text


def test_each_company_once_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "PIECE", 1)
    monkeypatch.setattr(notices, "MOST_NAMED", 1)
    scene = staged()
    many(scene, 2)
    with transaction() as db:
        harbor = factories.company(db, "Harbor")
        reader = factories.member(db, harbor)
        factories.contract(db, harbor)
    published(110_000)
    drain()
    drain()
    first, second = letters()
    assert (first.to_email, second.to_email) == (scene.owner.email, reader.email)
    assert "2 more contracts are concerned" in first.text
    assert "more contract" not in second.text


def test_who_renewed_or_left_meanwhile_is_not_told() -> None:
    scene = staged()
    with transaction() as db:
        other = factories.contract(db, scene.company, date(2026, 12, 20))
    version_id = draft(110_000)
    tried(version_id)
    with transaction() as db:
        contract_actions.decline(db, contracts.lock(db, other.id), None, scene.ref, NOW)
        same = rules.RenewalRow(None, rules.Method.SAME)
        actions.agree_renewal(db, contracts.lock(db, scene.contract.id), same, DRAFTER, NOW)
    publish(version_id)
    drain()
    assert letters() == []  # one left, the other keeps the price it has


def test_of_a_contract_that_changed_meanwhile_only_the_new_price_is_told() -> None:
    scene = staged()
    version_id = draft(110_000)
    tried(version_id)
    with transaction() as db:
        held_one = contracts.lock(db, scene.contract.id)
        lines = [LineSpec("insight", 30, 100_000)]
        contract_actions.correct_term(
            db, held_one, currency="CNY", starts_on=date(2025, 12, 13), ends_on=date(2026, 12, 12), lines=lines,
            by=DRAFTER, at=NOW,
        )  # fmt: skip
    publish(version_id)
    drain()
    [letter] = letters()
    assert "12 months: CN¥33,000.00" in letter.text
    assert "instead of" not in letter.text


def test_quotes_that_are_held_keep_their_price() -> None:
    scene = staged()
    quote = sealed(scene, 12)
    published(110_000)
    with reading() as db:
        found = queries.quote(db, quote.id)
    assert found is not None
    assert (found.total_minor, found.voided_at) == (2_000_000, None)
