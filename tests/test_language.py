"""Every text for people has a Chinese translation that fits it."""

from __future__ import annotations

import re
from functools import lru_cache
from os import PathLike
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from portal.kit.i18n import CHINESE, LANGUAGES
from portal.kit.settings import ROOT

# As in the Makefile's `po`.
KEYWORDS = {**DEFAULT_KEYWORDS, "_l": None, "_n": (1, 2)}
PO = ROOT / "translations" / CHINESE.code / "LC_MESSAGES" / "messages.po"
_PLACEHOLDER = re.compile(r"%\((\w+)\)([a-z])|%%|%")
MsgId = str | tuple[str, ...]


@lru_cache
def used() -> dict[MsgId, list[str]]:
    """Every text in code and templates, with the places where it stands."""
    with (ROOT / "translations" / "babel.cfg").open(encoding="utf-8") as mapping:
        methods, options = parse_mapping_cfg(mapping)  # type: ignore[no-untyped-call]
    found: dict[MsgId, list[str]] = {}
    for file, line, msgid, _comments, _context in extract_from_dir(
        ROOT, methods, options, keywords=KEYWORDS, directory_filter=_ours
    ):
        found.setdefault(msgid, []).append(f"{file}:{line}")
    return found


def _ours(folder: str | PathLike[str]) -> bool:
    """Not the virtual environment and what else lies beside the code."""
    return Path(folder).relative_to(ROOT).parts[0] in {"portal", "templates"}


@lru_cache
def chinese() -> Catalog:
    with PO.open("rb") as file:
        return read_po(file, locale=CHINESE.code)


def translated(msgid: MsgId) -> Message | None:
    return chinese().get(msgid[0] if isinstance(msgid, tuple) else msgid)


def forms(message: Message) -> list[str]:
    """All strings of a translation: one, or one for each plural form."""
    return list(message.string) if isinstance(message.string, list | tuple) else [message.string or ""]


def placeholders(text: str) -> list[str]:
    """What is put into a text: "%(name)s", each as often as it stands there; a lone per cent sign is told too."""
    return sorted(match.group(0) for match in _PLACEHOLDER.finditer(text) if match.group(0) != "%%")


def test_the_extraction_sees_code_templates_and_mails() -> None:
    places = " ".join(place for found in used().values() for place in found)
    for part in ("portal/kit/errorpage.py:", "portal/staff/words/story.py:", "templates/_kit/desk.html:",
                 "templates/mail/_layout.mjml:", "templates/mail/_layout.txt:"):  # fmt: skip
        assert part in places, part
    assert any(isinstance(msgid, tuple) for msgid in used())


def test_texts_are_whole_and_named() -> None:
    """Placeholders are named, so that a translation may change their order, and nothing is an f-string's ruin."""
    wrong = []
    for msgid, places in used().items():
        for text in (msgid,) if isinstance(msgid, str) else msgid:
            anonymous = [part for part in placeholders(text) if not part.startswith("%(")]
            braces = [name for _text, name, _spec, _conversion in _fields(text) if name is not None]
            if anonymous or braces or text != text.strip():
                wrong.append(f"{places[0]}: {text!r}")
    assert wrong == []


def _fields(text: str) -> list[tuple[str, str | None, str | None, str | None]]:
    try:
        return list(Formatter().parse(text))
    except ValueError:
        return []


def test_every_text_is_translated() -> None:
    missing = [
        f"{places[0]}: {msgid!r}"
        for msgid, places in used().items()
        if (message := translated(msgid)) is None or not all(forms(message))
    ]
    assert missing == []


def test_no_translation_is_a_guess() -> None:
    assert [message.id for message in chinese() if message.id and message.fuzzy] == []


def test_plural_texts_have_plural_translations() -> None:
    wrong = [
        f"{places[0]}: {msgid!r}"
        for msgid, places in used().items()
        if isinstance(msgid, tuple) and (message := translated(msgid)) and not isinstance(message.id, list | tuple)
    ]
    assert wrong == []


def test_translations_put_in_the_same_things() -> None:
    wrong = []
    for msgid, places in used().items():
        message = translated(msgid)
        if message is None:
            continue
        # The count may go unsaid where the singular does not say it either.
        allowed = [set(placeholders(text)) for text in ((msgid,) if isinstance(msgid, str) else msgid)]
        for text in forms(message):
            if text and set(placeholders(text)) not in allowed:
                wrong.append(f"{places[0]}: {msgid!r} became {text!r}")
    assert wrong == []


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_every_language_has_a_catalogue(language: str) -> None:
    assert (ROOT / "translations" / language / "LC_MESSAGES" / "messages.po").is_file()


def test_placeholders_are_told_apart() -> None:
    assert placeholders("%(num)s of %(all)s, 6%%") == ["%(all)s", "%(num)s"]
    assert placeholders("100% sure") == ["%"]
