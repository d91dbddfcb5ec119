"""Offers for tests, as the desk's form makes them."""

from __future__ import annotations

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.accounts.models import StaffRole
from portal.kit.db import reading, transaction
from portal.pricing import actions as pricing
from portal.pricing.models import Promotion
from tests import factories
from tests.conftest import NOW
from tests.portal.pricing.scene import Scene, staged
from tests.web import post_form


def administered(client: FlaskClient) -> Scene:
    """The scene, with an administrator at the keyboard."""
    found = staged()
    with transaction() as db:
        who = factories.staff(db, StaffRole.ADMIN)
    factories.sign_in(client, who)
    return found


def publish(offer_id: int) -> None:
    """Somebody else looks at the draft and publishes it."""
    with transaction() as db:
        offer = db.get_one(Promotion, offer_id)
        pricing.publish_promotion(db, offer, offer.version, offer.valid_from, "person:0", NOW)


def make(client: FlaskClient, **changes: str) -> TestResponse:
    """Draft an offer and have it published; the answer to the draft."""
    answer = post_form(client, "/desk/offers/new", **typed(**changes))
    publish(made()[-1].id)
    return answer


def typed(**changes: str) -> dict[str, str]:
    given = {
        "kind": "early", "least": "10", "percent": "2.5", "name_en": "Autumn", "name_zh": "秋季优惠",
        "segment": "", "product": "", "tag": "", "currency": "CNY", "valid_from": "2026-11-22",
        "valid_to": "2026-12-31", "limit_total": "3",
        "limit_company": "", "do": "save",
    }  # fmt: skip
    return given | changes


def made() -> list[Promotion]:
    with reading() as db:
        return list(db.scalars(select(Promotion).order_by(Promotion.id)))
