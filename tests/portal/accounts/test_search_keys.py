"""Companies are found from any word and any Chinese character of their name on, also after they are renamed."""

from __future__ import annotations

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from portal.accounts import actions, queries, rules
from portal.kit import search
from portal.kit.db import reading, transaction
from tests import factories
from tests.conftest import NOW


def found(q: str) -> list[int]:
    with reading() as db:
        hits = queries.find_companies(db, q)
        return list(hits.ids["company"]) if hits else []


@pytest.mark.parametrize(
    "q", ["marlow", "FINCH", "finch & s", "Marlow   &  Finch", "极光", "光科", "技", "Ｆｉｎｃｈ"]
)
def test_from_any_word_or_character_on(app: Flask, q: str) -> None:
    with transaction() as db:
        company = factories.company(db, "Marlow & Finch, Söhne 极光科技")
        factories.company(db, "Harbor 青山")
    assert found(q) == [company.id]


@pytest.mark.parametrize("q", ["inch", "%", "_", "极技", "&"])
def test_nothing_else_is_found(app: Flask, q: str) -> None:
    with transaction() as db:
        factories.company(db, "Marlow & Finch 极光科技")
    assert found(q) == []


def test_a_renamed_company_is_found_by_its_new_name_alone(app: Flask) -> None:
    with transaction() as db:
        made = actions.create_company(
            db, name="Old 极光", country="CN", language="en", zone="Asia/Shanghai", by="system", at=NOW
        )
        actions.correct_company(db, made, made.version, {"name": "New 青山"}, "system", NOW)
    assert found("青山") == [made.id]
    assert found("极光") == found("old") == []


def test_many_companies_at_once(app: Flask) -> None:
    with transaction() as db:
        names = {factories.company(db, f"Plain {n}").id: f"Renamed {n}" for n in range(5)}
        for company_id, name in names.items():
            actions.renew_search_keys(db, company_id, name)
    assert sorted(found("renamed")) == sorted(names)


def test_more_hits_than_are_searched_are_told(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MOST", 2)
    with transaction() as db:
        for n in range(3):
            factories.company(db, f"Twin {n}")
    with reading() as db:
        hits = queries.find_companies(db, "twin")
    assert hits is not None
    assert (len(hits.ids["company"]), hits.cut) == (2, True)


@given(st.text(max_size=60))
def test_a_name_is_found_by_itself_and_by_its_words(name: str) -> None:
    keys = rules.search_keys(name)
    text = rules.search_text(name)
    assert bool(keys) == bool(text)
    for start in [text, *(text[at + 1 :] for at, char in enumerate(text) if char == " ")]:
        assert not start or any(key.startswith(start[: rules.KEY_LENGTH]) for key in keys)
