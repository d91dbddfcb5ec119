"""The desk's offers: made after a look at whom they concern, shown with how often they were taken up, ended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from flask.testing import FlaskClient

from portal.kit.db import transaction
from portal.pricing import actions as pricing
from portal.pricing.models import Quote
from portal.pricing.rules import PromotionKind
from portal.pricing.words import explain
from tests import factories
from tests.conftest import NOW
from tests.portal.pricing.offers import administered, made, make, publish, typed
from tests.portal.pricing.scene import Scene, sealed
from tests.web import hidden, post_form


@pytest.fixture
def scene(client: FlaskClient) -> Scene:
    return administered(client)


def test_an_offer_is_made_and_taken_up(client: FlaskClient, scene: Scene) -> None:
    answer = post_form(client, "/desk/offers/new", **typed())
    assert answer.status_code == 303
    [offer] = made()
    assert sealed(scene, 12).total_minor == 2_000_000  # a draft is nobody's
    publish(offer.id)
    assert (offer.kind, offer.least, offer.basis_points, offer.limit_total, offer.limit_company) == (
        PromotionKind.EARLY, 10, 250, 3, None
    )  # fmt: skip
    assert offer.names == {"en": "Autumn", "zh_Hans_CN": "秋季优惠"}
    assert (offer.valid_from, offer.valid_to) == (date(2026, 11, 22), date(2026, 12, 31))
    assert "0 of 3 contracts" in client.get(answer.location).text
    assert sealed(scene, 12).total_minor == 1_950_000
    assert "1 of 3 contracts" in client.get("/desk/offers").text


def test_looking_shows_whom_it_concerns_and_makes_nothing(client: FlaskClient, scene: Scene) -> None:
    page = post_form(client, "/desk/offers/new", **typed(do="look"))
    assert page.status_code == 200
    assert "1 contract that ends within a year is concerned." in page.text
    assert "−CN¥500.00 a year at most" in page.text  # 2.5 % of 20 × 1,000.00
    assert made() == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"percent": "0"}, "percent"),
        ({"percent": "100"}, "percent"),
        ({"percent": "101"}, "percent"),
        ({"percent": "-3"}, "percent"),
        ({"percent": "three"}, "percent"),
        ({"percent": ""}, "percent"),
        ({"amount": "500"}, "amount"),
        ({"least": "0"}, "least"),
        ({"tag": "7"}, "tag"),
        ({"least": "181"}, "least"),
        ({"kind": "multi_year", "least": "121"}, "least"),
        ({"least": "1.5"}, "least"),
        ({"kind": "kindness"}, "kind"),
        ({"name_en": ""}, "name_en"),
        ({"name_zh": " "}, "name_zh"),
        ({"segment": "huge"}, "segment"),
        ({"product": "nothing"}, "product"),
        ({"valid_from": ""}, "valid_from"),
        ({"valid_from": "2026-11-21"}, "valid_from"),
        ({"valid_to": "2026-11-22"}, "valid_to"),
        ({"valid_to": "2026-11-01"}, "valid_to"),
        ({"limit_total": "0"}, "limit_total"),
        ({"limit_company": "-1"}, "limit_company"),
    ],
)
def test_bad_input_is_answered_at_its_field(
    client: FlaskClient, scene: Scene, changes: dict[str, str], field: str
) -> None:
    page = post_form(client, "/desk/offers/new", **typed(**changes))
    assert page.status_code == 422
    assert f'id="{field}-e"' in page.text
    assert page.text.count("field-error") == 1
    assert made() == []


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("", 3),
        ("?kind=early", 2),
        ("?segment=small", 1),
        ("?when=now", 1),
        ("?when=coming", 1),
        ("?when=past", 0),
        ("?when=draft", 1),
    ],
)
def test_filters_in_few_statements(
    client: FlaskClient, scene: Scene, query: str, rows: int, statements: Callable[[], list[str]]
) -> None:
    make(client)
    make(client, kind="multi_year", least="36", segment="small", valid_from="2026-12-01")
    post_form(client, "/desk/offers/new", **typed(segment="strategic"))
    client.get("/desk/offers")
    statements()
    page = client.get(f"/desk/offers{query}")
    assert len(statements()) <= 4
    assert page.text.count('data-row="offer:') == rows


def test_an_offer_is_ended_and_a_coming_one_taken_back(client: FlaskClient, scene: Scene) -> None:
    make(client)
    [offer] = made()
    wrong = post_form(client, f"/desk/offers/{offer.id}/end", valid_to="2027-01-01", seen="2026-12-31")
    assert (wrong.status_code, "when it ends anyway" in wrong.text) == (422, True)
    begun = post_form(client, f"/desk/offers/{offer.id}/withdraw", version=str(offer.version))
    assert (begun.status_code, "only be ended, not taken back" in begun.text or "before" in begun.text) == (
        422,
        True,
    )
    assert (
        post_form(client, f"/desk/offers/{offer.id}/end", valid_to="2026-12-01", seen="2026-12-31").status_code
        == 303
    )
    assert made()[0].valid_to == date(2026, 12, 1)
    make(client, valid_from="2026-12-01")
    page = f"/desk/offers/{made()[1].id}"
    read = hidden(client.get(page), "version", within="withdraw")
    assert post_form(client, f"{page}/withdraw", version="0").status_code == 409
    assert post_form(client, f"{page}/withdraw", version=read).location == "/desk/offers"
    assert len(made()) == 1


def test_of_two_who_end_an_offer_the_second_is_told(client: FlaskClient, scene: Scene) -> None:
    make(client)
    [offer] = made()
    path = f"/desk/offers/{offer.id}/end"
    post_form(client, path, valid_to="2026-12-20", seen="2026-12-31")
    late = post_form(client, path, valid_to="2026-12-10", seen="2026-12-31")
    assert (late.status_code, "somebody let it end on 20 December 2026" in late.text) == (409, True)
    assert made()[0].valid_to == date(2026, 12, 20)


def titles(quote: Quote) -> list[str]:
    return [each.title for each in explain(quote.document["steps"], quote.currency, quote.document["lines"])]


def test_an_offer_for_staying_reaches_the_customer_in_their_words(client: FlaskClient, scene: Scene) -> None:
    """The scene's contract has run for one year at its end."""
    page = post_form(client, "/desk/offers/new", **typed(kind="loyalty", least="2", do="look"))
    assert "No contract that ends within a year is concerned." in page.text
    made_it = make(client, kind="loyalty", least="1", percent="5")
    assert "1 whole year without a gap or more" in client.get(made_it.location).text
    at = datetime(2026, 12, 14, tzinfo=UTC)  # in grace, two days after the first whole year
    with transaction() as db:
        quote = pricing.seal(db, scene.contract, 12, None, scene.ref, at)
    assert quote.total_minor == 1_900_000
    assert "With us for 1 year or more, −5%" in titles(quote)


def test_an_offer_for_coming_back_is_for_those_who_left(client: FlaskClient, scene: Scene) -> None:
    offer = typed(kind="win_back", least="40", percent="15", valid_to="")
    page = post_form(client, "/desk/offers/new", **offer | {"do": "look"})
    assert "No contract that ended in the last two years is concerned." in page.text
    with transaction() as db:
        gone = factories.contract(db, scene.company, date(2026, 10, 1), starts_on=date(2025, 10, 2))
    page = post_form(client, "/desk/offers/new", **offer | {"do": "look"})
    assert "1 contract that ended in the last two years is concerned." in page.text
    assert gone.number in page.text
    made_it = make(client, **offer)
    assert "40 days after the end or later, once the grace is over" in client.get(made_it.location).text
    with transaction() as db:
        quote = pricing.seal(db, gone, 12, None, scene.ref, NOW)
    assert "Welcome back, −15%" in titles(quote)


def test_a_code_is_made_once(client: FlaskClient, scene: Scene) -> None:
    coupon = typed(kind="coupon", least="", code="spring-26", percent="10")
    made_it = make(client, **coupon)
    page = client.get(made_it.location).text
    assert "SPRING26" in page
    assert "With its code" in page
    assert "SPRING26" in client.get("/desk/offers?kind=coupon").text
    again = post_form(client, "/desk/offers/new", **coupon | {"code": "Spring 26"})
    assert (again.status_code, "The code SPRING26 was given out before" in again.text) == (422, True)
    assert len(made()) == 1


@pytest.mark.parametrize("code", ["", "abc", "春天优惠", "A" * 25])
def test_a_code_that_cannot_be_is_told_at_its_field(client: FlaskClient, scene: Scene, code: str) -> None:
    page = post_form(client, "/desk/offers/new", **typed(kind="coupon", least="", code=code))
    assert (page.status_code, "4 to 24 letters and digits" in page.text) == (422, True)
    assert made() == []


def test_other_offers_have_no_code_and_count_something(client: FlaskClient, scene: Scene) -> None:
    assert post_form(client, "/desk/offers/new", **typed(least="")).status_code == 422
    coded = post_form(client, "/desk/offers/new", **typed(code="SPRING26"))
    assert (coded.status_code, "Only a discount code has one" in coded.text, made()) == (422, True, [])
