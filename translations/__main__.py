"""`python -m translations`: compile every catalogue; a broken or empty one stops the build, not the pages."""

from __future__ import annotations

import sys
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LEAST = 100


def compile_catalogue(po: Path) -> int:
    """Write the .mo beside `po`; returns how many texts are in it. Raises ValueError for a broken file."""
    with po.open("rb") as source:
        catalogue = read_po(source, locale=po.parents[1].name, abort_invalid=True)
    translated = sum(1 for message in catalogue if message.id and message.string)
    if translated < LEAST:
        raise ValueError(f"{po} holds {translated} texts; something is wrong with it")
    target = po.with_suffix(".mo")
    partial = target.with_suffix(".mo.new")
    with partial.open("wb") as out:
        write_mo(out, catalogue, use_fuzzy=True)
    partial.replace(target)
    return translated


if __name__ == "__main__":
    for found in sorted(Path(__file__).parent.glob("*/LC_MESSAGES/*.po")):
        try:
            compile_catalogue(found)
        except ValueError as error:
            sys.exit(f"{found}: {error}")
