"""The desk's pages of what is agreed with one customer: next price, special price, tax, indexes."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.accounts.models import StaffRole
from portal.contracts import queries as contracts
from portal.kit.db import reading, transaction
from portal.pricing.models import SpecialPrice, SpecialState, TaxExemption
from tests import factories
from tests.portal.pricing.scene import Scene, ordered, sealed, sign_in, staged
from tests.web import hidden, post_form


@pytest.fixture
def scene(client: FlaskClient) -> Scene:
    found = staged()
    sign_in(client, StaffRole.CS)
    return found


@pytest.fixture
def finance(client: FlaskClient, scene: Scene) -> FlaskClient:
    sign_in(client, StaffRole.FINANCE)
    return client


def agree(client: FlaskClient, scene: Scene, **changes: str) -> TestResponse:
    """Type an agreement on its page, as it stands now."""
    path = f"/desk/contracts/{scene.contract.number}/next-price"
    return post_form(client, path, version=hidden(client.get(path), "version"), **agreement(**changes))


def agreement(**changes: str) -> dict[str, str]:
    given = {
        "product": "", "method": "uplift", "rate": "3", "series": "", "points": "", "month": "", "pick": "lesser",
        "cap": "",
    }  # fmt: skip
    return given | changes


def test_an_agreement_is_typed_shown_and_taken_back(finance: FlaskClient, scene: Scene) -> None:
    page = f"/desk/contracts/{scene.contract.number}"
    assert "the next price comes from the price book" in finance.get(page).text
    assert agree(finance, scene, rate="3", cap="5").location == page
    assert "What it costs now, plus 3%, at most 5%" in finance.get(page).text
    assert "Way to the next price agreed" in finance.get(page).text
    assert sealed(scene, 12).total_minor == 2_060_000
    assert "What it costs now, plus 3%" in finance.get(f"{page}/next-price").text
    agree(finance, scene, rate="3", cap="5")
    assert "That is agreed already." in finance.get(page).text
    version = hidden(finance.get(f"{page}/next-price"), "version")
    post_form(finance, f"{page}/next-price/drop", product="", version=version)
    assert sealed(scene, 12).total_minor == 2_000_000


def test_the_second_of_two_agreements_is_told_of_the_first(finance: FlaskClient, scene: Scene) -> None:
    path = f"/desk/contracts/{scene.contract.number}/next-price"
    read = hidden(finance.get(path), "version")
    agree(finance, scene, rate="3")
    late = post_form(finance, path, version=read, **agreement(rate="4"))
    assert (late.status_code, "Somebody changed it since you opened this page" in late.text) == (409, True)
    assert 'value="4"' in late.text  # what was typed is kept
    post_form(finance, f"{path}/drop", product="", version=read)
    assert sealed(scene, 12).total_minor == 2_060_000
    assert post_form(finance, path, version=hidden(late, "version"), **agreement(rate="4")).status_code == 303


def test_who_serves_a_customer_does_not_agree_on_its_price(client: FlaskClient, scene: Scene) -> None:
    page = f"/desk/contracts/{scene.contract.number}"
    assert client.get(f"{page}/next-price").status_code == 403
    assert post_form(client, f"{page}/next-price", version="1", **agreement(rate="0")).status_code == 403
    assert post_form(client, f"{page}/next-price/drop", product="", version="1").status_code == 403
    assert "next-price" not in client.get(page).text


def test_an_index_from_its_entry_to_the_price(finance: FlaskClient, scene: Scene) -> None:
    assert "No index yet" in finance.get("/desk/indexes").text
    typed = {"series": "CPI China", "month": "2026-06", "percent": "3.2"}
    assert post_form(finance, "/desk/indexes", **typed).status_code == 303
    assert "June 2026" in finance.get("/desk/indexes").text
    page = f"/desk/contracts/{scene.contract.number}"
    both = {"rate": "5", "series": "CPI China", "points": "2", "month": "6"}
    assert agree(finance, scene, **both).status_code == 303
    assert "the lower of 5% and CPI China and 2%" in finance.get(page).text
    assert sealed(scene, 12).total_minor == 2_100_000
    assert agree(finance, scene, **both | {"pick": "greater"}).status_code == 303
    assert "the higher of 5% and CPI China and 2%" in finance.get(page).text
    assert sealed(scene, 12).total_minor == 2_104_000
    assert agree(finance, scene, rate="", series="CPI China").status_code == 303
    assert sealed(scene, 12).total_minor == 2_064_000
    both_ways = agree(finance, scene, method="same")
    assert (both_ways.status_code, "Only an adjustment has a rate" in both_ways.text) == (422, True)
    assert agree(finance, scene, method="same", rate="").status_code == 303
    assert sealed(scene, 12).total_minor == 2_000_000


def test_a_month_of_an_index_is_not_overwritten_unseen(finance: FlaskClient) -> None:
    typed = {"series": "CPI", "month": "2026-08"}
    post_form(finance, "/desk/indexes", **typed, percent="1.1")
    told = post_form(finance, "/desk/indexes", **typed, percent="9.9")
    assert (told.status_code, "CPI of August 2026 is 1.1% already" in told.text) == (409, True)
    assert "1.1%" in finance.get("/desk/indexes").text
    again = post_form(finance, "/desk/indexes", **typed, percent="9.9", seen=hidden(told, "seen"))
    assert (again.status_code, "9.9%" in finance.get("/desk/indexes").text) == (303, True)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"rate": ""}, "Type a rate, or choose an index."),
        ({"rate": "three"}, "A number from 0 to 100"),
        ({"rate": "101"}, "A number from 0 to 100"),
        ({"points": "-21"}, "A number from -20 to 20"),
        ({"cap": "-1"}, "cap-e"),
        ({"series": "Moon"}, "series-e"),
        ({"month": "13"}, "month-e"),
        ({"product": "backup"}, "product-e"),
        ({"method": "guess"}, "method-e"),
    ],
)
def test_bad_agreements(finance: FlaskClient, scene: Scene, changes: dict[str, str], sentence: str) -> None:
    page = agree(finance, scene, **changes)
    assert (page.status_code, sentence in page.text) == (422, True)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"series": ""}, "Please fill this in."),
        ({"month": "06/2026"}, "A month that has begun"),
        ({"month": "2026-12"}, "A month that has begun"),
        ({"percent": ""}, "Please fill this in."),
        ({"percent": "-51"}, "A number from -50 to 100"),
    ],
)
def test_bad_indexes(client: FlaskClient, changes: dict[str, str], sentence: str) -> None:
    sign_in(client, StaffRole.FINANCE)
    page = post_form(client, "/desk/indexes", **{"series": "CPI", "month": "2026-06", "percent": "-0.4"} | changes)
    assert (page.status_code, sentence in page.text) == (422, True)


def special(**changes: str) -> dict[str, str]:
    return {"percent": "15", "valid_to": "2026-12-22", "reason": "Long friendship"} | changes


def newest() -> SpecialPrice:
    with reading() as db:
        return db.scalars(select(SpecialPrice).order_by(SpecialPrice.id.desc())).first() or pytest.fail("none")


def test_cs_proposes_and_somebody_else_grants(client: FlaskClient, scene: Scene) -> None:
    page = f"/desk/contracts/{scene.contract.number}"
    assert "Sales or finance must agree" in client.get(f"{page}/special-price").text
    assert post_form(client, f"{page}/special-price", **special()).location == page
    assert "Waits for a yes" in client.get(page).text
    decide = f"/desk/special-prices/{newest().id}/decide"
    assert post_form(client, decide, version="1", do="grant").status_code == 403
    sign_in(client, StaffRole.SALES)
    assert "above what you may agree to" in client.get("/desk/special-prices").text
    post_form(client, decide, version="1", do="grant")
    assert "more than the 10% that you may agree to" in client.get("/desk/special-prices").text
    sign_in(client, StaffRole.FINANCE)
    queue = client.get("/desk/special-prices")
    assert "Long friendship" in queue.text
    post_form(client, decide, version=hidden(queue, "version"), do="grant")
    assert "None is here" in client.get("/desk/special-prices").text
    assert "−15%" in client.get("/desk/special-prices?state=granted").text
    assert sealed(scene, 12).total_minor == 1_700_000


def test_sales_gives_ten_per_cent_alone_and_takes_it_back(client: FlaskClient, scene: Scene) -> None:
    sign_in(client, StaffRole.SALES)
    page = f"/desk/contracts/{scene.contract.number}"
    assert "Up to 10% it holds at once" in client.get(f"{page}/special-price").text
    post_form(client, f"{page}/special-price", **special(percent="10"))
    assert newest().state is SpecialState.GRANTED
    assert sealed(scene, 12).total_minor == 1_800_000
    post_form(client, f"/desk/special-prices/{newest().id}/withdraw", version=str(newest().version))
    assert newest().state is SpecialState.WITHDRAWN


def test_a_refusal_and_a_late_click(client: FlaskClient, scene: Scene) -> None:
    page = f"/desk/contracts/{scene.contract.number}"
    post_form(client, f"{page}/special-price", **special())
    again = post_form(client, f"{page}/special-price", **special())
    assert (again.status_code, "waits for a decision already" in again.text) == (422, True)
    sign_in(client, StaffRole.FINANCE)
    decide = f"/desk/special-prices/{newest().id}/decide"
    post_form(client, decide, version="1", do="refuse")
    assert newest().state is SpecialState.REFUSED
    post_form(client, decide, version="1", do="grant")
    assert "Somebody decided about it meanwhile" in client.get("/desk/special-prices").text
    assert post_form(client, "/desk/special-prices/999/decide", version="1").status_code == 404


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"percent": "0"}, "percent"),
        ({"percent": ""}, "percent"),
        ({"valid_to": ""}, "valid_to"),
        ({"reason": " "}, "reason"),
    ],
)
def test_bad_proposals(client: FlaskClient, scene: Scene, changes: dict[str, str], field: str) -> None:
    page = post_form(client, f"/desk/contracts/{scene.contract.number}/special-price", **special(**changes))
    assert (page.status_code, f'id="{field}-e"' in page.text) == (422, True)


def test_an_open_order_is_told(client: FlaskClient, scene: Scene) -> None:
    ordered(scene, paid=False)
    sign_in(client, StaffRole.SALES)
    answers = [post_form(client, f"/desk/contracts/{scene.contract.number}/special-price", **special(percent="5"))]
    sign_in(client, StaffRole.FINANCE)
    answers.append(agree(client, scene))
    for answer in answers:
        assert (answer.status_code, "has an open order" in answer.text) == (422, True)


def test_other_peoples_books_are_not_touched(client: FlaskClient, scene: Scene) -> None:
    with transaction() as db:
        other = factories.staff(db, StaffRole.CS, email="other@portal.example")
        contracts.lock(db, scene.contract.id).owner_id = other.id
    page = f"/desk/contracts/{scene.contract.number}"
    assert post_form(client, f"{page}/special-price", **special()).status_code == 403
    assert 'data-action="propose-special"' not in client.get(page).text
    factories.sign_in(client, other)
    post_form(client, f"{page}/special-price", **special(percent="5"))
    factories.sign_in(client, scene.cs)
    taken = post_form(client, f"/desk/special-prices/{newest().id}/withdraw", version=str(newest().version))
    assert (taken.status_code, newest().state) == (403, SpecialState.PROPOSED)


def test_a_company_is_exempted_and_pays_again(client: FlaskClient, scene: Scene) -> None:
    path = f"/desk/companies/{scene.company.id}/tax"
    assert path in client.get(f"/desk/companies/{scene.company.id}").text
    assert "pays tax as its country asks" in client.get(path).text
    typed = {"reason": "charity", "certificate": "C-77", "valid_from": "2026-11-22", "valid_to": ""}
    assert post_form(client, path, **typed).status_code == 403
    sign_in(client, StaffRole.FINANCE)
    assert post_form(client, path, **typed | {"certificate": ""}).status_code == 422
    assert post_form(client, path, **typed).status_code == 303
    twice = post_form(client, path, **typed)
    assert (twice.status_code, "Another row already holds" in twice.text) == (422, True)
    assert "Without tax: charity" in client.get(path).text
    assert sealed(scene, 12).tax_minor == 0
    with reading() as db:
        row = db.scalars(select(TaxExemption)).one()
    end = f"/desk/tax-exemptions/{row.id}/end"
    assert post_form(client, end, valid_to="", seen="").status_code == 422
    assert post_form(client, end, valid_to="2026-12-01", seen="2026-12-02").status_code == 409
    assert post_form(client, end, valid_to="2026-12-01", seen="").status_code == 303
    coming = typed | {"valid_from": "2026-12-20", "certificate": "C-78"}
    assert post_form(client, path, **coming).status_code == 303
    with reading() as db:
        later = db.scalars(select(TaxExemption).where(TaxExemption.certificate == "C-78")).one()
    assert post_form(client, f"/desk/tax-exemptions/{later.id}/withdraw").location == path
    assert "C-78" not in client.get(path).text
    begun = post_form(client, f"/desk/tax-exemptions/{row.id}/withdraw")
    assert (begun.status_code, "only be ended, not taken back" in begun.text or "before" in begun.text) == (
        422,
        True,
    )
    assert post_form(client, "/desk/tax-exemptions/999/withdraw").status_code == 404
    assert post_form(client, "/desk/tax-exemptions/999/end", valid_to="2026-12-01", seen="").status_code == 404
    assert client.get("/desk/companies/999/tax").status_code == 404


def test_tags_are_made_and_put_on_a_contract(client: FlaskClient, scene: Scene) -> None:
    assert "No tag yet" in client.get("/desk/tags").text
    assert post_form(client, "/desk/tags", name_en="", name_zh="").status_code == 422
    assert post_form(client, "/desk/tags", name_en="Fair", name_zh="展会").status_code == 303
    with reading() as db:
        [tag] = contracts.tags(db)
    page = f"/desk/contracts/{scene.contract.number}"
    assert post_form(client, f"{page}/tags", tag=str(tag.id)).status_code == 303
    with reading() as db:
        assert contracts.tag_ids(db, scene.contract.id) == {tag.id}
        assert contracts.tag_counts(db) == {tag.id: 1}
    assert "Tags changed" in client.get(page).text
    post_form(client, "/desk/tags", name_en="Partner", name_zh="伙伴")
    with reading() as db:
        partner = next(each for each in contracts.tags(db) if each.id != tag.id)
    # Two pages that were read before either was saved: neither takes away what the other did.
    post_form(client, f"{page}/tags", tag=[str(tag.id), str(partner.id)], had=str(tag.id))
    post_form(client, f"{page}/tags", had=str(tag.id))
    with reading() as db:
        assert contracts.tag_ids(db, scene.contract.id) == {partner.id}
