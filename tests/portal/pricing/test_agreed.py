"""What is agreed with one customer: how the next price is found, special prices, no tax."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from portal.accounts.models import Company
from portal.audit import queries as audit
from portal.checkout.rules import lines_of
from portal.contracts import actions as contract_actions
from portal.contracts import queries as contracts
from portal.contracts import rules as contract_rules
from portal.kit import clock, outbox
from portal.kit.db import reading, transaction
from portal.pricing import actions, errors, queries, rules
from portal.pricing.models import PriceIndex, Quote, RenewalAgreement, SpecialPrice, SpecialState, TaxExemption
from portal.pricing.rules import Exemption, ExemptReason, Method, Pick, RenewalRow
from tests.conftest import NOW
from tests.portal.pricing.scene import Scene, ordered, sealed, staged

pytestmark = pytest.mark.usefixtures("app")
TODAY = date(2026, 11, 22)
UNTIL = date(2026, 12, 22)
CHARITY = Exemption(ExemptReason.CHARITY, "C-77")


def agree(scene: Scene, row: RenewalRow) -> None:
    with transaction() as db:
        actions.agree_renewal(db, contracts.lock(db, scene.contract.id), row, "person:1", NOW)


def steps(quote: Quote) -> list[str]:
    return [step["code"] for step in quote.document["steps"]]


def voided(quote: Quote) -> bool:
    while outbox.run_due(50):
        pass
    with reading() as db:
        return db.get_one(Quote, quote.id).voided_at is not None


def test_an_agreement_makes_the_next_price_and_voids_what_was_held() -> None:
    scene = staged()
    before = sealed(scene, 12)
    with transaction() as db:
        actions.set_index(db, "CPI", date(2026, 6, 17), 320, "person:1", NOW)
    agree(scene, RenewalRow(None, Method.UPLIFT, 500, "CPI", 200, 6, Pick.LESSER))
    assert voided(before)
    after = sealed(scene, 12)
    assert (after.total_minor, steps(after)) == (2_100_000, ["last_price", "uplift", "seats"])
    agree(scene, RenewalRow(None, Method.SAME))  # replaces it
    assert sealed(scene, 12).total_minor == 2_000_000
    with reading() as db:
        assert len(db.scalars(select(RenewalAgreement)).all()) == 1
        actions_done = [note.action for note in audit.about(db, [f"contract:{scene.contract.number}"])]
    assert actions_done.count("renewal.agreed") == 2


def test_a_products_agreement_and_back_to_the_book() -> None:
    scene = staged(lines=(("insight", 20, 90_000), ("backup", 1, 50_000)))
    agree(scene, RenewalRow("backup", Method.SAME))
    assert sealed(scene, 12).total_minor == 2_050_000
    with transaction() as db:
        held = contracts.lock(db, scene.contract.id)
        assert actions.drop_renewal(db, held, "backup", "person:1", NOW)
        assert not actions.drop_renewal(db, held, "backup", "person:1", NOW)
    assert sealed(scene, 12).total_minor == 2_100_000


@pytest.mark.parametrize(
    ("row", "error"),
    [
        (RenewalRow(None, Method.UPLIFT), errors.NoRate),
        (RenewalRow(None, Method.UPLIFT, rate=10_001), errors.AmountOutOfRange),
        (RenewalRow(None, Method.UPLIFT, rate=1, cap=-1), errors.AmountOutOfRange),
        (RenewalRow(None, Method.UPLIFT, series="CPI", points=10_001), errors.AmountOutOfRange),
        (RenewalRow(None, Method.UPLIFT, series="CPI", month=13), errors.AmountOutOfRange),
        (RenewalRow("backup", Method.SAME), errors.ProductNotInContract),
    ],
)
def test_what_cannot_be_agreed(row: RenewalRow, error: type[Exception]) -> None:
    scene = staged()
    with pytest.raises(error):
        agree(scene, row)


def test_an_index_is_corrected_and_its_trace_stays() -> None:
    for points, seen in ((320, None), (310, 320)):
        with transaction() as db:
            actions.set_index(db, "CPI", date(2026, 6, 1), points, "person:1", NOW, seen)
    with transaction() as db, pytest.raises(errors.IndexKnown):
        actions.set_index(db, "CPI", date(2026, 6, 1), 330, "person:1", NOW, 320)
    with reading() as db:
        assert [row.basis_points for row in db.scalars(select(PriceIndex))] == [310]
        [first, second] = audit.about(db, ["index:CPI"])
    assert (first.facts["before"], second.facts["before"]) == (None, 320)


def test_an_index_that_is_missing_is_no_price() -> None:
    scene = staged()
    agree(scene, RenewalRow(None, Method.UPLIFT, series="CPI"))
    with pytest.raises(errors.PriceUnavailable):
        sealed(scene, 12)


@pytest.mark.parametrize(
    ("row", "totals"),
    [
        (RenewalRow(None, Method.SAME), [5_160_000] * 3),
        (RenewalRow(None, Method.UPLIFT, rate=500), [5_418_000, 5_688_900, 5_973_371]),
    ],
)
def test_a_kept_price_is_discounted_once_at_each_renewal(row: RenewalRow, totals: list[int]) -> None:
    """1,000.00 × 20 × 3 years − 14 %, each time anew; what was given once is not in it for ever."""
    scene = staged()
    agree(scene, row)
    propose(scene, 1_000, valid_to=date(2026, 11, 23))
    with transaction() as db:
        first = actions.seal(db, scene.contract, 36, None, scene.ref, NOW)
        assert first.total_minor == totals[0] * 9 // 10  # a special price, once
    at, found = NOW.replace(day=25), []
    for number in range(3):
        with transaction() as db:
            held = contracts.lock(db, scene.contract.id)
            quote = actions.seal(db, held, 36, None, scene.ref, at)
            plan = contract_rules.next_term(contracts.last_term(held), 36, clock.day(at, held.zone))
            lines = lines_of(quote.document)
            contract_actions.extend(db, held, plan, lines, f"RNW-{number}", scene.ref, at)
            found.append(quote.total_minor)
            assert lines[0].undiscounted_minor != lines[0].unit_minor
        at = at.replace(year=at.year + 3)
    assert found == totals


# --- special prices


def propose(scene: Scene, points: int = 1_000, limit: int = rules.SPECIAL_ALONE, **changes: Any) -> int:
    given: dict[str, Any] = {
        "reason": "Long friendship",
        "valid_to": UNTIL,
        "on": TODAY,
        "by": "person:1",
        "at": NOW,
    }
    with transaction() as db:
        held = contracts.lock(db, scene.contract.id)
        made = actions.propose_special(db, held, basis_points=points, limit=limit, **(given | changes))
        return made.id


def decide(scene: Scene, special_id: int, act: Callable[..., None], by: str = "person:2", **given: Any) -> None:
    with transaction() as db:
        special = db.get_one(SpecialPrice, special_id)
        held = contracts.lock(db, scene.contract.id)
        act(db, special, held, version=given.pop("version", special.version), by=by, at=NOW, **given)


def state_of(special_id: int) -> SpecialState:
    with reading() as db:
        return db.get_one(SpecialPrice, special_id).state


def test_up_to_their_limit_sales_give_it_alone() -> None:
    scene = staged()
    before = sealed(scene, 12)
    special_id = propose(scene)
    assert state_of(special_id) is SpecialState.GRANTED
    assert voided(before)
    quote = sealed(scene, 12)
    assert (quote.total_minor, steps(quote)[-1]) == (1_800_000, "special_price")


def test_above_it_waits_for_another() -> None:
    scene = staged()
    special_id = propose(scene, 1_001)
    assert state_of(special_id) is SpecialState.PROPOSED
    assert sealed(scene, 12).total_minor == 2_000_000
    more: dict[str, Any] = {"limit": rules.MOST_POINTS, "on": TODAY}
    with pytest.raises(errors.OwnDraft):
        decide(scene, special_id, actions.grant_special, by="person:1", **more)
    with pytest.raises(errors.OwnDraft):
        decide(scene, special_id, actions.refuse_special, by="person:1")
    with pytest.raises(errors.AboveLimit):
        decide(scene, special_id, actions.grant_special, limit=1_000, on=TODAY)
    with pytest.raises(errors.ChangedMeanwhile):
        decide(scene, special_id, actions.grant_special, version=7, **more)
    with pytest.raises(errors.PeriodReversed):
        decide(scene, special_id, actions.grant_special, limit=rules.MOST_POINTS, on=UNTIL)
    decide(scene, special_id, actions.grant_special, **more)
    assert sealed(scene, 12).total_minor == 1_799_800
    with pytest.raises(errors.NotADraft):
        decide(scene, special_id, actions.grant_special, **more)


def test_one_holds_at_a_time_and_one_waits_at_a_time() -> None:
    scene = staged()
    first = propose(scene, 500)
    second = propose(scene, 300)
    assert (state_of(first), state_of(second)) == (SpecialState.WITHDRAWN, SpecialState.GRANTED)
    third = propose(scene, 2_000)
    with pytest.raises(errors.AlreadyProposed):
        propose(scene, 2_500)
    decide(scene, third, actions.refuse_special)
    assert state_of(third) is SpecialState.REFUSED
    assert sealed(scene, 12).total_minor == 1_940_000


def test_it_ends_with_its_time_and_can_be_taken_back() -> None:
    scene = staged()
    special_id = propose(scene, 500, valid_to=date(2026, 11, 23))
    quote = sealed(scene, 12)
    with transaction() as db:
        late = actions.seal(db, scene.contract, 12, None, scene.ref, NOW.replace(day=23))
    assert (quote.total_minor, late.total_minor) == (1_900_000, 2_000_000)
    again = propose(scene, 500)
    granted = sealed(scene, 12)
    decide(scene, again, actions.withdraw_special, by="person:1")
    assert voided(granted)
    assert state_of(again) is SpecialState.WITHDRAWN
    assert sealed(scene, 12).total_minor == 2_000_000
    with pytest.raises(errors.NotADraft):
        decide(scene, special_id, actions.withdraw_special)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"points": 0}, errors.AmountOutOfRange),
        ({"points": 10_000}, errors.AmountOutOfRange),
        ({"valid_to": TODAY}, errors.PeriodReversed),
    ],
)
def test_what_cannot_be_proposed(changes: dict[str, Any], error: type[Exception]) -> None:
    scene = staged()
    with pytest.raises(error):
        propose(scene, **changes)


def test_nothing_changes_under_an_open_order() -> None:
    scene = staged()
    waiting = propose(scene, 2_000)
    ordered(scene, paid=False)
    with pytest.raises(errors.ContractHasOpenOrder):
        decide(scene, waiting, actions.grant_special, limit=rules.MOST_POINTS, on=TODAY)
    with pytest.raises(errors.ContractHasOpenOrder):
        agree(scene, RenewalRow(None, Method.SAME))


# --- tax


def test_who_is_exempt_is_quoted_without_tax() -> None:
    scene = staged()
    before = sealed(scene, 12)
    assert before.tax_minor
    with transaction() as db:
        company = db.get_one(Company, scene.company.id)
        actions.exempt_from_tax(db, company, CHARITY, TODAY, None, "person:1", NOW)
    assert voided(before)
    quote = sealed(scene, 12)
    assert (quote.tax_minor, quote.total_minor, quote.net_minor) == (0, 1_886_792, 1_886_792)
    assert steps(quote)[-1] == "tax_exempt"
    with transaction() as db:
        company = db.get_one(Company, scene.company.id)
        with pytest.raises(errors.PeriodOverlap):
            actions.exempt_from_tax(db, company, CHARITY, UNTIL, None, "person:1", NOW)


def test_an_exemption_ends() -> None:
    scene = staged()
    with transaction() as db:
        company = db.get_one(Company, scene.company.id)
        row_id = actions.exempt_from_tax(db, company, CHARITY, TODAY, None, "person:1", NOW).id
    untaxed = sealed(scene, 12)
    with transaction() as db:
        row = db.get_one(TaxExemption, row_id)
        with pytest.raises(errors.EndedMeanwhile):
            actions.end_exemption(db, row, UNTIL, UNTIL, TODAY, "person:1", NOW)
        with pytest.raises(errors.NotToBeEnded):
            actions.end_exemption(db, row, TODAY, None, TODAY, "person:1", NOW)
        actions.end_exemption(db, row, date(2026, 11, 23), None, TODAY, "person:1", NOW)
        with pytest.raises(errors.NotToBeEnded):
            actions.end_exemption(db, row, UNTIL, date(2026, 11, 23), TODAY, "person:1", NOW)
    assert voided(untaxed)
    with transaction() as db:
        late = actions.seal(db, scene.contract, 12, None, scene.ref, NOW.replace(day=23))
    assert late.tax_minor
    with reading() as db:
        assert len(queries.exemptions_of(db, scene.company.id)) == 1
