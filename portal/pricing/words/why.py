"""Why this price, in a mail."""

from __future__ import annotations

from portal.pricing.words.explain import Told, explain


def why(told: Told) -> list[tuple[str, str]]:
    """The steps of a price as the rows of a letter: each with what it changed, or what it began with."""
    steps = explain(told.document["steps"], told.currency, told.document["lines"])
    return [(step.title, step.change or step.result) for step in steps]
