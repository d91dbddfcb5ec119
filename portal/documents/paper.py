"""Set a paper as PDF: tagged (PDF/UA-1), in the fonts of this folder alone, the same words as the same bytes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

import typst

from portal.documents.errors import PaperNotSet

HERE: Final = Path(__file__).parent
TEMPLATE = HERE / "paper.typ"
# How Typst says that a standard does not allow a sign without a picture.
_LACKING: Final = "could not be displayed with font"


@dataclass(frozen=True)
class Party:
    """Who sells or buys."""

    title: str
    name: str
    lines: Sequence[str]


@dataclass(frozen=True)
class Row:
    """A line of a table: its name, what is said beneath, and the other columns."""

    name: str
    sub: str
    cells: Sequence[str]


@dataclass(frozen=True)
class Sum:
    """A line under a table; the strong one is the total."""

    label: str
    amount: str
    strong: bool = False


@dataclass(frozen=True)
class Part:
    """A table under a title."""

    title: str
    head: Sequence[str]
    rows: Sequence[Row]
    sums: Sequence[Sum]
    note: str = ""


@dataclass(frozen=True)
class Paper:
    """What a paper says, in the reader's language. `lang` and `region`: "en", "GB"; `test`: the mark that no real
    money moves, or nothing."""

    lang: str
    region: str
    title: str
    author: str
    heading: str
    lead: Sequence[str]
    test: str
    parties: Sequence[Party]
    facts: Sequence[tuple[str, str]]
    parts: Sequence[Part]


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[HERE / "fonts"])


def to_pdf(paper: Paper, at: datetime) -> bytes:
    """The paper as PDF. `at`: when it was made, as its properties say; the same paper and instant give the same
    bytes. Words are data, never markup. Call it with no transaction open: it takes some hundredths of a second.

    With a sign that the fonts lack (an emoji, Hangul) it is tagged all the same, but does not claim PDF/UA-1,
    which forbids such signs: the buyer's name stays as it is. Raises PaperNotSet.
    """
    try:
        try:
            return _set(paper, at, "ua-1")
        except typst.TypstError as error:
            if _LACKING not in str(error):
                raise
            return _set(paper, at, None)
    except typst.TypstError as error:
        raise PaperNotSet(why=str(error)) from error


def _set(paper: Paper, at: datetime, standard: Literal["ua-1"] | None) -> bytes:
    made = typst.compile(
        TEMPLATE,
        root=TEMPLATE.parent,
        font_paths=_fonts(),
        sys_inputs={"paper": json.dumps(asdict(paper), ensure_ascii=False)},
        pdf_standards=standard,
        timestamp=int(at.timestamp()),
    )
    if not isinstance(made, bytes):
        raise TypeError("one PDF was expected")
    return made
