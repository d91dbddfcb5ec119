"""Staff type a customer's discount code at the desk."""

from __future__ import annotations

from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.kit.db import reading, transaction
from portal.pricing.models import Quote
from portal.pricing.rules import PromotionKind
from tests import factories
from tests.portal.pricing.scene import Scene, staged
from tests.web import post_form


@pytest.fixture
def page(client: FlaskClient) -> str:
    found: Scene = staged()
    factories.sign_in(client, found.cs)
    with transaction() as db:
        factories.promotion(
            db, kind=PromotionKind.COUPON, names={"en": "Spring", "zh_Hans_CN": "春季"}, basis_points=1_000,
            valid_from=date(2026, 1, 1), code="SPRING26",
        )  # fmt: skip
    return f"/desk/contracts/{found.contract.number}/quote"


def quotes() -> list[int]:
    with reading() as db:
        return list(db.scalars(select(Quote.total_minor).order_by(Quote.id)))


def test_a_code_counts_at_the_desk_too(client: FlaskClient, page: str) -> None:
    again = post_form(client, page, term_months="12", seats="20", code="spring-26", do="reprice")
    assert "code=spring-26" in again.location
    assert "18,000.00" in client.get(again.location).text
    post_form(client, page, term_months="12", seats="20", code="spring-26", do="quote")
    assert quotes() == [1_800_000]


@pytest.mark.parametrize("code", ["SUMMER26", "abc", "春天"])
def test_a_code_that_takes_nothing_off_seals_nothing(client: FlaskClient, page: str, code: str) -> None:
    answer = post_form(client, page, term_months="12", seats="20", code=code, do="quote")
    assert (answer.status_code, "This code takes nothing off here." in answer.text) == (422, True)
    assert code in answer.text
    assert quotes() == []
