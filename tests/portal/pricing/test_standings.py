"""Where a quote stands, and what happened to it, in words."""

from __future__ import annotations

from datetime import date

import pytest

from portal.contracts.models import Contract
from portal.pricing import words
from portal.pricing.models import VoidReason
from portal.pricing.rules import QuoteStanding
from tests.portal.pricing.scene import sealed, staged

pytestmark = pytest.mark.usefixtures("app")


@pytest.mark.parametrize(
    ("standing", "sentence"),
    [
        (QuoteStanding.VALID, "We hold this price until 22 December 2026."),
        (QuoteStanding.EXPIRED, "This price was held until 22 December 2026. Work out today's price."),
        (QuoteStanding.VOIDED, "This price was taken back. Work out today's price."),
        (
            QuoteStanding.OUTDATED,
            "The contract, or what was agreed about its price, changed after this price was worked out. Work out"
            " today's price.",
        ),
    ],
)
def test_what_a_quote_is_worth(standing: QuoteStanding, sentence: str) -> None:
    quote = sealed(staged())
    quote.contract = staged_contract()
    assert words.standing_text(quote, standing) == sentence
    assert words.held_text(quote) == "Held until 22 December 2026"
    assert words.standing_label(standing)
    assert standing in words.STANDING_CHIPS


def staged_contract() -> Contract:
    """A contract in the same zone, since the sealed row came without its own."""
    return Contract(zone="Asia/Shanghai")


def test_terms_and_stories() -> None:
    start, end = date(2026, 12, 13), date(2028, 12, 12)
    assert words.term_text(start, end, 24, False) == "13 December 2026 to 12 December 2028, 24 months"
    assert words.term_text(start, end, 12, True) == "12 months from the day we receive your payment"
    assert words.story_title("quote.sealed", [], None) == "Price worked out and sealed"
    assert words.story_title("quote.sent", ["Lin Yue"], None) == "Sent to Lin Yue"
    assert words.story_title("quote.voided", [], None) == "Taken back"
    changed = words.story_title("quote.voided", [], VoidReason.CONTRACT_CHANGED)
    assert changed == "Taken back, because the contract changed"
    closed = words.story_title("quote.voided", [], VoidReason.ORDER_CLOSED)
    assert closed == "Taken back, because its order was closed unpaid"
    assert words.story_title("quote.looked_at", [], None) is None
