"""An offer's limits: counted by contracts, held by quotes, given free again, never oversold."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.contracts import actions as contract_actions
from portal.contracts import queries as contracts
from portal.contracts.models import Contract, Segment
from portal.contracts.rules import LineSpec, next_term
from portal.kit.db import reading, transaction
from portal.orders import actions as orders
from portal.orders.models import CancelledBy, Order
from portal.pricing import actions, queries
from portal.pricing.actions import claims
from portal.pricing.errors import AmountOutOfRange, ChangedMeanwhile, NotToBeEnded, PeriodReversed, PromotionUsedUp
from portal.pricing.models import Promotion, PromotionClaim, Quote
from portal.pricing.rules import PromotionKind
from tests import factories
from tests.conftest import NOW
from tests.portal.pricing.scene import Scene, sealed, staged

pytestmark = pytest.mark.usefixtures("app")
NAMES = {"en": "Autumn", "zh_Hans_CN": "秋季优惠"}
TODAY = date(2026, 11, 22)


def offer(**changes: Any) -> Promotion:
    given: dict[str, Any] = {
        "kind": PromotionKind.EARLY, "names": NAMES, "basis_points": 300, "least": 10,
        "valid_from": date(2026, 11, 1),
    }  # fmt: skip
    with transaction() as db:
        return factories.promotion(db, **(given | changes))


def second_contract(of: Scene, elsewhere: bool = False) -> Scene:
    """Another contract, of the same company or of another one."""
    with transaction() as db:
        company = factories.company(db, "Harbor") if elsewhere else of.company
        return Scene(company, factories.contract(db, company), of.owner, of.cs)


def has_offer(quote: Quote) -> bool:
    return any(step["code"] == "early_offer" for step in quote.document["steps"])


def place(quote: Quote, of: Scene) -> Order:
    with transaction() as db:
        return orders.place(db, quote, of.ref, of.owner.email, None, "2026-03", NOW)


@pytest.mark.parametrize(
    ("elsewhere", "limits", "left"),
    [
        (False, {}, True),
        (False, {"limit_total": 1}, False),
        (True, {"limit_total": 1}, False),
        (False, {"limit_company": 1}, False),
        (True, {"limit_company": 1}, True),
        (True, {"limit_total": 2, "limit_company": 1}, True),
    ],
)
def test_limits_count_contracts_in_all_and_of_one_company(
    elsewhere: bool, limits: dict[str, int], left: bool
) -> None:
    scene = staged()
    offer(**limits)
    assert has_offer(sealed(scene, 12))
    assert has_offer(sealed(second_contract(scene, elsewhere), 12)) is left


def test_one_contract_counts_once_however_many_prices_it_holds() -> None:
    scene = staged()
    offer(limit_total=1)
    assert all(has_offer(sealed(scene, months)) for months in (12, 24, 36))


def test_a_held_price_keeps_its_place_until_it_ends_and_an_order_for_good() -> None:
    scene, limit = staged(), {"limit_total": 1}
    promotion = offer(**limit)
    quote = sealed(scene, 12)
    other = second_contract(scene)
    after = quote.valid_until + timedelta(seconds=1)
    with reading() as db:
        found, contract = db.get_one(Promotion, promotion.id), db.get_one(Contract, other.contract.id)
        assert not queries.free(db, found, contract, NOW)
        assert queries.free(db, found, contract, after)
    place(quote, scene)
    with reading() as db:
        assert not queries.free(db, db.get_one(Promotion, promotion.id), contract, after)


def test_a_place_is_free_again_though_the_quote_was_outdated_before_its_order_was_cancelled() -> None:
    scene = staged()
    promotion = offer(limit_total=1)
    order = place(sealed(scene, 12), scene)
    with transaction() as db:
        contract_actions.price_changed(db, contracts.lock(db, scene.contract.id), NOW)
        assert actions.void_for_contract(db, scene.contract.id, NOW) == [order.quote_id]
    with transaction() as db:
        orders.cancel(db, db.get_one(Order, order.id), scene.ref, CancelledBy.CUSTOMER, NOW)
    other = second_contract(scene)
    with reading() as db:
        found, contract = db.get_one(Promotion, promotion.id), db.get_one(Contract, other.contract.id)
        assert queries.free(db, found, contract, NOW)


def test_a_paid_renewal_counts_although_it_outdates_its_quote() -> None:
    scene = staged()
    promotion = offer(limit_total=1)
    order = place(sealed(scene, 12), scene)
    with transaction() as db:
        orders.mark_paid(db, db.get_one(Order, order.id), "card visa 4242", NOW)
        contract = contracts.lock(db, scene.contract.id)
        plan = next_term(contracts.last_term(contract), 12, TODAY)
        line = LineSpec("insight", 20, 97_000)
        contract_actions.extend(db, contract, plan, [line], order.number, scene.ref, NOW)
        assert actions.void_for_contract(db, contract.id, NOW) == [order.quote_id]
    with reading() as db:
        assert queries.uses(db, [promotion.id], NOW + timedelta(days=400)) == {promotion.id: 1}


def test_an_order_called_off_gives_the_place_free() -> None:
    scene = staged()
    offer(limit_total=1)
    order = place(sealed(scene, 12), scene)
    other = second_contract(scene)
    assert not has_offer(sealed(other, 12))
    with transaction() as db:
        orders.cancel(db, db.get_one(Order, order.id), scene.ref, CancelledBy.CUSTOMER, NOW)
    assert has_offer(sealed(other, 24))


def test_the_last_place_is_never_sold_twice(app: Flask) -> None:
    scene = staged()
    offer(limit_total=3)
    scenes = [scene, *[second_contract(scene) for _ in range(7)]]
    got: list[bool] = []
    start = threading.Barrier(len(scenes))

    def seal(of: Scene) -> None:
        with app.app_context():
            start.wait()
            try:
                got.append(has_offer(sealed(of, 12)))
            except PromotionUsedUp:
                got.append(False)

    threads = [threading.Thread(target=seal, args=(of,)) for of in scenes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(got), sum(got)) == (8, 3)
    with reading() as db:
        assert len(db.scalars(select(PromotionClaim)).all()) == 3


def test_used_up_between_look_and_lock_is_a_refusal() -> None:
    scene = staged()
    promotion = offer(limit_total=1)
    sealed(scene, 12)
    other = second_contract(scene)
    with transaction() as db:
        quote = sealed_row(scene)
        contract = db.get_one(Contract, other.contract.id)
        with pytest.raises(PromotionUsedUp) as refused:
            claims.claim(db, [promotion.id], contract, db.get_one(Quote, quote), NOW)
    assert refused.value.facts == {"names": NAMES}


def sealed_row(of: Scene) -> str:
    with reading() as db:
        return db.scalars(select(Quote.id).where(Quote.contract_id == of.contract.id)).one()


def test_an_offer_for_another_segment_is_none_of_ours() -> None:
    scene = staged()
    offer(segment=Segment.SMALL)
    assert not has_offer(sealed(scene, 12))


def test_a_held_price_survives_the_offers_end() -> None:
    scene = staged()
    promotion = offer()
    quote = sealed(scene, 12)
    with transaction() as db:
        found = db.get_one(Promotion, promotion.id)
        actions.end_promotion(db, found, date(2026, 11, 23), found.valid_to, TODAY, "person:1", NOW)
    assert place(quote, scene).total == quote.total


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"basis_points": 0}, AmountOutOfRange),
        ({"basis_points": 10_000}, AmountOutOfRange),
        ({"least": 0}, AmountOutOfRange),
        ({"least": 181}, AmountOutOfRange),
        ({"kind": PromotionKind.MULTI_YEAR, "least": 121}, AmountOutOfRange),
        ({"limit_total": 0}, AmountOutOfRange),
        ({"limit_company": -1}, AmountOutOfRange),
        ({"valid_to": date(2026, 11, 1)}, PeriodReversed),
        ({"valid_to": date(2026, 10, 1)}, PeriodReversed),
    ],
)
def test_what_makes_no_offer(changes: dict[str, Any], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        offer(**changes)


def test_an_offer_that_has_begun_can_be_ended_and_a_coming_one_taken_back() -> None:
    begun, coming = offer(), offer(valid_from=date(2026, 12, 1))
    with transaction() as db:
        found = db.get_one(Promotion, begun.id)
        with pytest.raises(NotToBeEnded):
            actions.withdraw_promotion(db, found, found.version, TODAY, "person:1", NOW)
        with pytest.raises(NotToBeEnded):
            actions.end_promotion(db, found, TODAY, found.valid_to, TODAY, "person:1", NOW)
        actions.end_promotion(db, found, date(2026, 12, 1), found.valid_to, TODAY, "person:1", NOW)
        with pytest.raises(NotToBeEnded):
            actions.end_promotion(db, found, date(2026, 12, 1), found.valid_to, TODAY, "person:1", NOW)
        unborn = db.get_one(Promotion, coming.id)
        with pytest.raises(ChangedMeanwhile):
            actions.withdraw_promotion(db, unborn, unborn.version - 1, TODAY, "person:1", NOW)
        actions.withdraw_promotion(db, unborn, unborn.version, TODAY, "person:1", NOW)
    with reading() as db:
        assert [row.valid_to for row in db.scalars(select(Promotion))] == [date(2026, 12, 1)]
