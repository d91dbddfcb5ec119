"""What a PDF does with much, long, large and strange things."""

from __future__ import annotations

import re
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from portal.documents import paper
from portal.documents.paper import Paper, Part, Party, Row, Sum
from tests.conftest import NOW

PAPER = Paper(
    lang="en",
    region="GB",
    title="Receipt R-2026-000001",
    author="Tidewell",
    heading="Receipt R-2026-000001",
    lead=["Paid on 22 November 2026."],
    test="",
    parties=[Party("Seller", "Tidewell", ["1 Harbour Road"]), Party("Buyer", "Aurora", ["2 Quay"])],
    facts=[("Order", "RNW-2026-000001")],
    parts=[],
)


def table(rows: int, name: str = "Insight Analytics", amount: str = "1,000.00") -> Part:
    lines = [Row(f"{name} {line}", "1,000.00 × 20 seats", ["20", "6%", amount]) for line in range(1, rows + 1)]
    return Part(
        "What was bought", ["Product", "Seats", "Tax rate", "Amount (CNY)"], lines,
        [Sum("Net", amount), Sum("Total paid", amount, strong=True)],
    )  # fmt: skip


def pages_of(told: Paper) -> list[str]:
    return [page.extract_text() for page in PdfReader(BytesIO(paper.to_pdf(told, NOW))).pages]


def test_forty_lines_repeat_the_head_and_number_the_pages() -> None:
    pages = pages_of(replace(PAPER, parts=[table(40)]))
    assert len(pages) > 1
    for number, page in enumerate(pages, start=1):
        assert re.search(rf"{number}\s*/\s*{len(pages)}", page)
    with_lines = [page for page in pages if "Insight Analytics" in page]
    assert len(with_lines) > 1
    assert all("Amount (CNY)" in page for page in with_lines)
    whole = "\n".join(pages)
    for line in range(1, 41):
        assert re.search(rf"Insight Analytics {line}\b", whole), line


@pytest.mark.parametrize("name", ["W" * 120, "极光洞察分析平台" * 15, "Insight Analytics Business Suite " * 5])
def test_long_names_are_broken_and_lose_nothing(name: str) -> None:
    told = replace(
        PAPER, parts=[table(1, name)], parties=[Party("Seller", name, [name]), Party("Buyer", name, [])]
    )
    text = "".join("".join(pages_of(told)).split())
    assert text.count("".join(name.split())) == 4


def test_a_word_without_a_break_stays_in_its_column() -> None:
    """Four lines of the name at least, the figures beside the first, and not one sign more in the text."""
    word = "W" * 120
    (page,) = pages_of(replace(PAPER, parts=[table(1, word)], parties=[]))
    lines = [line.strip() for line in page.splitlines() if line.startswith("WWW")]
    assert len(lines) >= 4
    assert "".join(lines) == f"{word} 1"


@pytest.mark.parametrize("amount", ["¥1,234,567", "KWD 98,765,432.123", "CN¥9,007,199,254,740.99"])
def test_amounts_of_all_sizes_stay_whole(amount: str) -> None:
    (page,) = pages_of(replace(PAPER, parts=[table(2, "Insight", amount)]))
    assert page.count(amount) == 4


def test_signs_that_the_fonts_lack_can_still_be_read_out() -> None:
    strange = "한글 회사 🚀"
    made = paper.to_pdf(replace(PAPER, parties=[Party("Buyer", strange, [])]), NOW)
    read = PdfReader(BytesIO(made))
    contents = read.pages[0].get_contents()
    assert contents is not None
    said = contents.get_data()
    # What a reader copies and a screen reader speaks, beside the empty box.
    assert b"/ActualText<FEFFD83DDE80>" in said
    root: Any = read.trailer["/Root"]
    assert "/StructTreeRoot" in root
    assert b"pdfuaid" not in root["/Metadata"].get_data()  # it does not claim what it cannot keep


def test_only_the_folders_fonts_are_used() -> None:
    made = paper.to_pdf(replace(PAPER, lead=["한글 🚀 العربية ไทย"], parts=[table(1)]), NOW)
    resources: list[Any] = [page["/Resources"] for page in PdfReader(BytesIO(made)).pages]
    names = {font.get_object()["/BaseFont"] for each in resources for font in each["/Font"].values()}
    assert names
    assert all("NotoSansCJKsc" in name for name in names), names
