"""Mail addresses as the person at the keyboard may see them: whole for customers, who see their own company's
alone, and for staff who write to customers or keep their records; for other staff "w•••@aurora.example"."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import ColumnElement

from portal.kit import guard, search
from portal.kit.guard import Act

# Anything around an at sign that no space and no bracket, quote or comma ends; also what is no good address.
_SIGN: Final = r"[^\s@＠<>\"'“”‘’(),;:，；：（）]"
_ADDRESS: Final = re.compile(rf"({_SIGN}){_SIGN}*[@＠]({_SIGN}+)")


def masked(text: str) -> str:
    """`text` with the first letter and the domain left of each address in it."""
    return _ADDRESS.sub(r"\1•••@\2", text)


def are_whole() -> bool:
    """Does the person at the keyboard see addresses?"""
    actor = guard.current()
    return actor is None or not actor.is_staff or actor.can(Act.SEE_ADDRESSES)


def matching(column: Any, typed: str) -> ColumnElement[bool]:
    """Is it the address that was typed, or does it begin with that? Whoever sees no addresses finds them by the
    whole of one alone: a search that answers to beginnings would spell them out."""
    text = typed.lower()
    return search.begins(column, text) if are_whole() else search.bytewise(column) == text


def shower() -> Callable[[str], str]:
    """How addresses are shown in this request; asked once, for exports of many rows."""
    return str if are_whole() else masked


def shown(text: str) -> str:
    """`text`, with its addresses as the person at the keyboard may see them."""
    return shower()(text)
