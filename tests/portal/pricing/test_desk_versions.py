"""The desk's versions of the price book, page by page, by a drafter and a publisher."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.accounts.models import StaffRole
from portal.contracts.models import Segment
from portal.kit.db import reading, transaction
from portal.pricing import jobs
from portal.pricing.models import Price, PriceVersion, VersionState
from tests import factories
from tests.conftest import NOW
from tests.portal.pricing.scene import Scene, sealed, sign_in, staged
from tests.portal.pricing.versions import draft, held, publish, published, put, read, tried
from tests.web import hidden, post_form


@pytest.fixture
def scene(client: FlaskClient) -> Scene:
    found = staged()
    sign_in(client, StaffRole.SALES)
    return found


def head(**changes: str) -> dict[str, str]:
    given = {
        "label": "2027-01", "valid_from": "2026-12-01", "valid_to": "", "reason_en": "", "reason_zh": "",
    }  # fmt: skip
    return given | changes


def price(**changes: str) -> dict[str, str]:
    given = {
        "product": "insight", "whom": "list", "segment": "", "contract": "", "currency": "CNY",
        "unit_price": "1100.00", "floor": "", "version": "1",
    }  # fmt: skip
    return given | changes


def test_from_a_draft_to_what_the_customer_pays(client: FlaskClient, scene: Scene) -> None:
    answer = post_form(client, "/desk/versions/new", **head(reason_en="Power.", reason_zh="电费。"))
    path = answer.location
    assert post_form(client, f"{path}/prices", **price(floor="900")).status_code == 303
    page = client.get(path)
    assert "1,100.00" in page.text
    assert "900.00" in page.text
    assert "somebody else publishes it" not in page.text  # sales may not publish anyway
    asked = post_form(client, f"{path}/trial", version=hidden(page, "version"))
    assert asked.location == path
    assert "0 of 0 contracts tried" in client.get(path).text
    jobs.work_on_trials()
    page = client.get(path)
    assert "1 of 1 contract that ends within a year is affected." in page.text
    assert "+CN¥2,000.00 in all" in page.text
    assert scene.contract.number in page.text
    assert 'data-action="publish-version"' not in page.text
    assert post_form(client, f"{path}/publish", version=hidden(page, "version")).status_code == 403
    sign_in(client, StaffRole.FINANCE)
    page = client.get(path)
    done = post_form(client, f"{path}/publish", version=hidden(page, "version", "publish-version"))
    assert done.status_code == 303
    after = client.get(path).text
    assert "Published" in after
    assert 'data-action="add-price"' not in after
    with reading() as db:
        made = db.scalars(select(Price).where(Price.unit_minor == 110_000)).one()
    assert (made.floor_minor, made.book) == (90_000, "2027-01")
    assert sealed(scene, 12).total_minor == 2_000_000  # before its first day
    assert "900.00" in client.get(f"/desk/prices/{made.id}").text


def test_who_drafted_does_not_publish(client: FlaskClient, scene: Scene) -> None:
    sign_in(client, StaffRole.ADMIN)
    path = post_form(client, "/desk/versions/new", **head()).location
    post_form(client, f"{path}/prices", **price())
    post_form(client, f"{path}/trial", version="2")
    jobs.work_on_trials()
    assert "You had a hand in this draft" in client.get(path).text
    own = post_form(client, f"{path}/publish", version="2")
    assert (own.status_code, "nobody says yes to their own" in own.text) == (422, True)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"label": ""}, "Please fill this in."),
        ({"valid_from": "01.12.2026"}, "valid_from-e"),
        ({"valid_from": "2026-11-21"}, "Today or a later day"),
        ({"valid_to": "2026-12-01"}, "This must be a later day"),
        ({"reason_en": "Power."}, "fill in both, or none"),
        ({"reason_zh": "电费。"}, "fill in both, or none"),
    ],
)
def test_bad_heads(client: FlaskClient, scene: Scene, changes: dict[str, str], sentence: str) -> None:
    page = post_form(client, "/desk/versions/new", **head(**changes))
    assert (page.status_code, sentence in page.text) == (422, True)
    with reading() as db:
        assert db.scalars(select(PriceVersion)).all() == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"unit_price": "0"}, "A price is more than nothing"),
        ({"unit_price": "-5"}, "unit_price-e"),
        ({"unit_price": "9.999"}, "unit_price-e"),
        ({"unit_price": ""}, "Please fill this in."),
        ({"currency": "XXX"}, "currency-e"),
        ({"product": "nothing"}, "product-e"),
        ({"floor": "1100.01"}, "Not higher than the price itself."),
        ({"floor": "cheap"}, "floor-e"),
        ({"whom": "segment"}, "Choose the segment"),
        ({"whom": "contract"}, "Type the number of the contract"),
        ({"whom": "contract", "contract": "CT-0"}, "We found no contract with this number."),
        ({"whom": "everyone"}, "whom-e"),
        ({"version": "7"}, "Somebody changed it since"),
    ],
)
def test_bad_prices_are_answered_where_they_stand(
    client: FlaskClient, scene: Scene, changes: dict[str, str], sentence: str
) -> None:
    version_id = draft()
    page = post_form(client, f"/desk/versions/{version_id}/prices", **price(**changes))
    assert page.status_code == (409 if "version" in changes else 422)
    assert sentence in page.text
    assert f'value="{changes.get("unit_price", "1100.00")}"' in page.text
    assert read(version_id).rows == []


def test_foreign_things_and_twins_are_told(client: FlaskClient, scene: Scene) -> None:
    version_id, number = draft(110_000), scene.contract.number
    for fields, sentence in (
        (price(version="2"), "has a price for the same product"),
        (
            price(version="2", whom="contract", contract=number, currency="USD", unit_price="9"),
            f"{number} is in CNY",
        ),
        (price(version="2", whom="contract", contract=number, product="backup"), "does not have this product"),
    ):
        page = post_form(client, f"/desk/versions/{version_id}/prices", **fields)
        assert (page.status_code, sentence in page.text) == (422, True)


def test_of_two_who_edit_a_draft_the_second_reads_what_stands(client: FlaskClient, scene: Scene) -> None:
    """R25, with both texts on the page; saving again counts."""
    version_id = draft()
    path = f"/desk/versions/{version_id}/edit"
    assert hidden(client.get(path), "version") == "1"
    assert post_form(client, path, **head(label="first", version="1")).status_code == 303
    late = post_form(client, path, **head(label="second", version="1"))
    assert (late.status_code, "Now: first" in late.text, hidden(late, "label")) == (409, True, "second")
    assert read(version_id).label == "first"
    assert post_form(client, path, **head(label="second", version=hidden(late, "version"))).status_code == 303
    assert read(version_id).label == "second"
    assert post_form(client, path, **head(label="", version="3")).status_code == 422


def test_a_price_is_taken_out_and_a_draft_dropped(client: FlaskClient, scene: Scene) -> None:
    version_id = draft(110_000)
    path, row = f"/desk/versions/{version_id}", read(version_id).rows[0].id
    assert post_form(client, f"{path}/prices/999/remove", version="2").status_code == 404
    assert post_form(client, f"{path}/prices/{row}/remove", version="1").status_code == 409
    assert post_form(client, f"{path}/prices/{row}/remove", version="2").status_code == 303
    nothing = post_form(client, f"{path}/trial", version="3")
    assert (nothing.status_code, "This version has no prices yet." in nothing.text) == (422, True)
    assert post_form(client, f"{path}/discard", version="3").status_code == 303
    assert read(version_id).state is VersionState.DISCARDED
    assert "Discarded" in client.get(path).text
    changed = post_form(client, f"{path}/edit", **head(version="3"))
    assert (changed.status_code, "no draft any more" in changed.text) == (422, True)


def test_a_draft_that_was_tried_yesterday_is_tried_again(client: FlaskClient, scene: Scene) -> None:
    """Whoever publishes finds the button, and no dead end (the book or the day may be another one)."""
    version_id = draft(110_000)
    tried(version_id)
    path = f"/desk/versions/{version_id}"
    sign_in(client, StaffRole.FINANCE)
    today = client.get(path).text
    assert ("Publish these prices" in today, "See who is affected now" in today) == (True, False)
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        with transaction() as db:
            other = factories.staff(db, StaffRole.FINANCE, email="f3@portal.example")
        factories.sign_in(client, other, NOW + timedelta(days=1))
        page = client.get(path)
        assert "Publish these prices" not in page.text
        again = hidden(page, "version", within="try-version")
        assert post_form(client, f"{path}/trial", version=again).status_code == 303
        assert jobs.work_on_trials() == 1
        assert "Publish these prices" in client.get(path).text


def test_what_replaced_nothing_is_named_when_the_rest_comes_back(client: FlaskClient, scene: Scene) -> None:
    version_id = draft(110_000)
    with transaction() as db:
        put(db, held(db, version_id), 90_000, segment=Segment.SMALL)
    tried(version_id)
    publish(version_id, by="person:0")
    answer = post_form(client, f"/desk/versions/{version_id}/revert")
    assert "These had no earlier price and stay" in client.get(answer.location).text


def test_the_earlier_prices_are_drafted_again(client: FlaskClient, scene: Scene) -> None:
    version_id = published(110_000)
    page = client.get(f"/desk/versions/{version_id}")
    answer = post_form(client, f"/desk/versions/{version_id}/revert", version=hidden(page, "version"))
    back = client.get(answer.location).text
    assert "Version 2026-07" in back
    assert "1,000.00" in back
    unborn = post_form(client, f"/desk/versions/{draft(120_000)}/revert", version="2")
    assert (unborn.status_code, "no draft any more" in unborn.text) == (422, True)


def test_all_who_are_affected_as_a_file(client: FlaskClient, scene: Scene) -> None:
    version_id = draft(110_000)
    tried(version_id)
    text = client.get(f"/desk/versions/{version_id}/affected.csv").text
    head_line, line = text.strip().splitlines()
    assert "Before" in head_line
    assert scene.contract.number in line
    assert "20000.00" in line
    assert "22000.00" in line
    assert client.get(f"/desk/versions/{version_id}/affected.xlsx").status_code == 200


def test_the_list_in_few_statements(
    client: FlaskClient, scene: Scene, statements: Callable[[], list[str]]
) -> None:
    assert "No version yet" in client.get("/desk/versions").text
    published(110_000)
    draft(120_000, label="2027-b")
    statements()
    page = client.get("/desk/versions")
    assert len(statements()) <= 4
    assert page.text.count('data-row="version:') == 2
    assert client.get("/desk/versions?older=nonsense").status_code in {200, 302}


def test_a_contracts_price_begins_on_its_page(client: FlaskClient, scene: Scene) -> None:
    number = scene.contract.number
    assert f"/desk/versions/new?contract={number}" in client.get(f"/desk/contracts/{number}").text
    answer = post_form(client, f"/desk/versions/new?contract={number}", **head())
    assert f"contract={number}" in answer.location
    assert hidden(client.get(answer.location), "contract") == number


def test_what_is_not_there(client: FlaskClient, scene: Scene) -> None:
    assert client.get("/desk/versions/999").status_code == 404
    assert post_form(client, "/desk/versions/999/trial", version="1").status_code == 404


@pytest.mark.parametrize(
    ("role", "reads", "drafts", "publishes"),
    [
        (StaffRole.CS, 200, 403, 403),
        (StaffRole.SALES, 200, 303, 403),
        (StaffRole.FINANCE, 200, 403, 422),
        (StaffRole.ADMIN, 200, 303, 422),
        (StaffRole.AUDITOR, 200, 403, 403),
        (StaffRole.DATA, 403, 403, 403),
    ],
)
def test_who_may(client: FlaskClient, role: StaffRole, reads: int, drafts: int, publishes: int) -> None:
    staged()
    version_id = draft(110_000)
    sign_in(client, role)
    assert client.get("/desk/versions").status_code == reads
    assert post_form(client, "/desk/versions/new", **head()).status_code == drafts
    assert post_form(client, f"/desk/versions/{version_id}/publish", version="2").status_code == publishes
