"""Drafts of offers: changed, dropped, published by somebody else; amounts off and tags."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from portal.accounts.models import StaffRole
from portal.contracts import actions as contract_actions
from portal.contracts import queries as contracts
from portal.kit.db import transaction
from portal.pricing import actions as pricing
from tests import factories
from tests.conftest import NOW
from tests.portal.pricing.offers import administered, made, make, typed
from tests.portal.pricing.scene import Scene
from tests.web import hidden, post_form


@pytest.fixture
def scene(client: FlaskClient) -> Scene:
    return administered(client)


def test_a_draft_is_changed_by_its_form_and_dropped(client: FlaskClient, scene: Scene) -> None:
    post_form(client, "/desk/offers/new", **typed())
    [offer] = made()
    path = f"/desk/offers/{offer.id}/edit"
    page = client.get(path)
    assert [hidden(page, name) for name in ("percent", "least", "limit_total")] == ["2.5", "10", "3"]
    assert post_form(client, path, **typed(percent="4"), version=hidden(page, "version")).status_code == 303
    assert made()[0].basis_points == 400
    stale = post_form(client, f"/desk/offers/{offer.id}/discard", version="1")
    assert (stale.status_code, "Somebody changed it" in stale.text) == (409, True)
    read = hidden(client.get(f"/desk/offers/{offer.id}"), "version", within="discard-offer")
    assert post_form(client, f"/desk/offers/{offer.id}/discard", version=read).location == "/desk/offers"
    assert made() == []


def test_of_two_who_change_a_draft_the_second_reads_what_stands(client: FlaskClient, scene: Scene) -> None:
    """R25: nothing is overwritten, both texts are there, and saving again counts."""
    post_form(client, "/desk/offers/new", **typed())
    path = f"/desk/offers/{made()[0].id}/edit"
    post_form(client, path, **typed(percent="4"), version="1")
    late = post_form(client, path, **typed(percent="5"), version="1")
    assert (late.status_code, "Now: 4" in late.text, hidden(late, "percent")) == (409, True, "5")
    assert made()[0].basis_points == 400
    post_form(client, path, **typed(percent="5"), version=hidden(late, "version"))
    assert made()[0].basis_points == 500


def test_nobody_publishes_their_own_draft(client: FlaskClient, scene: Scene) -> None:
    post_form(client, "/desk/offers/new", **typed())
    [offer] = made()
    page = client.get(f"/desk/offers/{offer.id}").text
    assert "somebody else publishes it" in page
    assert 'data-action="publish-offer"' not in page
    own = post_form(client, f"/desk/offers/{offer.id}/publish", version="1")
    assert (own.status_code, "nobody says yes to their own" in own.text) == (422, True)
    with transaction() as db:
        other = factories.staff(db, StaffRole.FINANCE)
    factories.sign_in(client, other)
    stale = post_form(client, f"/desk/offers/{offer.id}/publish", version="7")
    assert (stale.status_code, "Somebody changed it" in stale.text) == (409, True)
    assert post_form(client, f"/desk/offers/{offer.id}/publish", version="1").status_code == 303
    assert made()[0].published_by == f"person:{other.id}"
    assert post_form(client, f"/desk/offers/{offer.id}/publish", version="2").status_code == 422


def test_what_is_published_is_no_draft(client: FlaskClient, scene: Scene) -> None:
    make(client)
    [offer] = made()
    assert client.get(f"/desk/offers/{offer.id}/edit").location == f"/desk/offers/{offer.id}"
    changed = post_form(client, f"/desk/offers/{offer.id}/edit", **typed(percent="9"), version=str(offer.version))
    assert (changed.status_code, made()[0].basis_points) == (422, 250)
    late = post_form(client, f"/desk/offers/{offer.id}/discard", version=str(offer.version))
    assert (late.status_code, "no draft any more" in late.text) == (422, True)
    copy = client.get(f"/desk/offers/{offer.id}/copy")
    assert (hidden(copy, "percent"), hidden(copy, "valid_to")) == ("2.5", "")


def test_an_amount_off_for_a_tag(client: FlaskClient, scene: Scene) -> None:
    """A code takes an amount off the whole, for contracts with a tag alone."""
    with transaction() as db:
        tag = contract_actions.add_tag(db, {"en": "Fair", "zh_Hans_CN": "展会"}, "person:1", NOW)
    coupon = typed(
        kind="coupon", least="", percent="", amount="500", currency="CNY", code="FAIR26", tag=str(tag.id)
    )
    assert post_form(client, "/desk/offers/new", **coupon | {"do": "look"}).status_code == 200
    answer = make(client, **coupon)
    assert "CN¥500.00" in client.get(answer.location).text

    def price() -> int:
        with transaction() as db:
            return pricing.seal(db, scene.contract, 12, None, scene.ref, NOW, "FAIR26").total_minor

    assert price() == 2_000_000
    with transaction() as db:
        contract_actions.tag_contract(db, contracts.lock(db, scene.contract.id), {tag.id}, "person:1", NOW)
    assert price() == 1_950_000
