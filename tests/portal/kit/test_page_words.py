"""What all pages know is theirs: a view with a `me` of its own would empty the menu, and nothing would tell."""

from __future__ import annotations

import ast
from typing import Any, Final

from flask import Flask

from portal.kit.settings import ROOT

# A page about somebody's contract tells its days in that contract's zone.
MAY_DIFFER: Final = {"zone", "zone_name"}


def test_no_view_takes_a_word_that_all_pages_have(app: Flask) -> None:
    common: dict[str, Any] = {}
    with app.test_request_context("/"):
        app.update_template_context(common)
    assert "me" in common
    calls = (
        (path, node)
        for path in (ROOT / "portal").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "render_template"
    )
    taken = [
        (path.name, word.arg)
        for path, node in calls
        for word in node.keywords
        if word.arg in common.keys() - MAY_DIFFER
    ]
    assert taken == []
