"""docs/security.md and docs/asvs.md name tests and headings that exist, and leave no row of their lists out."""

from __future__ import annotations

import ast
import re
from itertools import chain
from pathlib import Path
from typing import Final

import pytest

from portal.kit.settings import ROOT
from tests.ran import NAME, PAGES

SECURITY, ASVS = PAGES
ROW = re.compile(r"^\| ((?:SEC|V)[\d.]+) \| (.+?) \| (test|doc|part|gap|n/a) \| (.+) \|$", re.MULTILINE)
LINK = re.compile(r"\]\(([\w./-]+\.md)#([\w-]+)\)")
# ASVS 5.0.0 at levels 1 and 2, without V9, V10 and V17: how many rows each section has.
SECTIONS: Final = {
    "1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2, "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1, "3.2": 2, "3.3": 4,
    "3.4": 6, "3.5": 5, "3.7": 2, "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4, "5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3,
    "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4, "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5,
    "7.5": 2, "7.6": 2, "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1, "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4,
    "11.5": 1, "11.6": 1, "12.1": 3, "12.2": 2, "12.3": 4, "13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5, "14.1": 2,
    "14.2": 4, "14.3": 3, "15.1": 3, "15.2": 3, "15.3": 7, "16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3,
}  # fmt: skip
WANTED: Final = {
    SECURITY: [f"SEC{number}" for number in range(1, 33)],
    ASVS: [f"V{section}.{number + 1}" for section, last in SECTIONS.items() for number in range(last)],
}


def rows(page: Path) -> dict[str, tuple[str, str]]:
    return {row: (state, told) for row, _what, state, told in ROW.findall(page.read_text(encoding="utf-8"))}


def functions_of(file: Path) -> dict[str, ast.FunctionDef]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def skipped(test: ast.FunctionDef) -> bool:
    """Is the test never run? A skip with a condition is one that CI forbids by TEST_REQUIRE_ALL."""
    marks = [ast.unparse(each) for each in test.decorator_list]
    return any(re.search(r"mark\.(skip|xfail)\b", mark) for mark in marks)


def problems(file: str, name: str) -> str | None:
    path = ROOT / file
    if not path.is_file():
        return f"{file} is gone"
    found = functions_of(path).get(name)
    if found is None:
        return f"{file} has no {name}"
    return f"{name} is skipped" if skipped(found) else None


def headings(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def test_there_are_two_hundred_and_ten() -> None:
    assert len(WANTED[ASVS]) == 210


@pytest.mark.parametrize("page", PAGES, ids=["security", "asvs"])
def test_every_row_is_there_once(page: Path) -> None:
    first = re.findall(r"^\| ((?:SEC|V)\d[\d.]*) ", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert first == WANTED[page]
    assert list(rows(page)) == first


@pytest.mark.parametrize("page", PAGES, ids=["security", "asvs"])
def test_every_test_that_is_named_exists_and_runs(page: Path) -> None:
    named = set(NAME.findall(page.read_text(encoding="utf-8")))
    assert len(named) > 60
    assert [told for file, name in sorted(named) if (told := problems(file, name))] == []


@pytest.mark.parametrize("page", PAGES, ids=["security", "asvs"])
def test_every_heading_that_is_named_exists(page: Path) -> None:
    links = LINK.findall(page.read_text(encoding="utf-8"))
    assert [f"{file}#{part}" for file, part in links if part not in headings(page.parent / file)] == []


def test_states_keep_their_word() -> None:
    for row, (state, told) in chain(rows(SECURITY).items(), rows(ASVS).items()):
        if state == "test":
            assert NAME.search(told), f"{row} names no test"
        elif state == "doc":
            assert LINK.search(told), f"{row} names no document"
        else:
            assert len(NAME.sub("", told).strip(" ,;`")) > 3, f"{row} gives no reason"


def test_the_count_on_the_page_is_that_of_its_rows() -> None:
    states = [state for state, _told in rows(ASVS).values()]
    text = ASVS.read_text(encoding="utf-8")
    for state in ("test", "doc", "part", "gap", "n/a"):
        assert f"{states.count(state)} {state}" in text


@pytest.mark.parametrize(
    ("file", "name"),
    [("tests/nowhere.py", "test_x"), ("tests/test_security_doc.py", "test_nothing_of_the_kind")],
)
def test_a_made_up_test_is_found_out(file: str, name: str) -> None:
    assert problems(file, name)


def test_a_skipped_test_is_found_out() -> None:
    source = "@pytest.mark.skip\ndef test_x(): ..."
    (node,) = ast.parse(source).body
    assert isinstance(node, ast.FunctionDef)
    assert skipped(node)
