"""Rooms that are too full get redesigned: files of at most 300 lines, functions of at most 40."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[1]
FILES = [path for folder in ("portal", "payments", "tests") for path in (ROOT / folder).rglob("*.py")]


def test_no_file_is_longer_than_300_lines() -> None:
    long = {str(p.relative_to(ROOT)): n for p in FILES if (n := len(p.read_text("utf-8").splitlines())) > 300}
    assert not long


def test_no_function_is_longer_than_40_lines() -> None:
    long = {}
    for path in FILES:
        if "tests" in path.relative_to(ROOT).parts[:1]:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                if lines > 40:
                    long[f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"] = lines
    assert not long
