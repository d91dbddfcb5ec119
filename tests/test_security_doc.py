"""docs/security.md names tests that exist and run, and leaves no row of the list out."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from portal.kit.settings import ROOT

PAGE = ROOT / "docs" / "security.md"
ROW = re.compile(r"^\| (SEC\d+) \| (.+?) \| (test|part|gap|n/a) \| (.+) \|$", re.MULTILINE)
NAME = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def rows() -> dict[str, tuple[str, str]]:
    return {row: (state, told) for row, _what, state, told in ROW.findall(PAGE.read_text(encoding="utf-8"))}


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


def test_every_row_is_there_once() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert re.findall(r"^\| (SEC\d+) ", text, re.MULTILINE) == [f"SEC{number}" for number in range(1, 33)]
    assert len(rows()) == 32


def test_every_test_that_is_named_exists_and_runs() -> None:
    named = NAME.findall(PAGE.read_text(encoding="utf-8"))
    assert len(named) > 60
    assert [told for file, name in named if (told := problems(file, name))] == []


def test_states_keep_their_word() -> None:
    for row, (state, told) in rows().items():
        bare = NAME.sub("", told).strip(" ,;`")
        if state == "test":
            assert NAME.search(told), f"{row} names no test"
        else:
            assert len(bare) > 10, f"{row} gives no reason"


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("tests/nowhere.py", "test_x"),
        ("tests/test_security_doc.py", "test_nothing_of_the_kind"),
    ],
)
def test_a_made_up_test_is_found_out(file: str, name: str) -> None:
    assert problems(file, name)


def test_a_skipped_test_is_found_out() -> None:
    source = "@pytest.mark.skip\ndef test_x(): ..."
    (node,) = ast.parse(source).body
    assert isinstance(node, ast.FunctionDef)
    assert skipped(node)
