"""Mail addresses as the person at the keyboard may see them: whole for customers, who see their own company's
alone, and for staff who write to customers or keep their records; for other staff "w•••@aurora.example"."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from portal.kit import guard
from portal.kit.guard import Act

_ADDRESS: Final = re.compile(r"([\w.+%'-])[\w.+%'-]*@([\w-]+(?:\.[\w-]+)*)")


def masked(text: str) -> str:
    """`text` with the first letter and the domain left of each address in it."""
    return _ADDRESS.sub(r"\1•••@\2", text)


def are_whole() -> bool:
    """Does the person at the keyboard see addresses?"""
    actor = guard.current()
    return actor is None or not actor.is_staff or actor.can(Act.SEE_ADDRESSES)


def shower() -> Callable[[str], str]:
    """How addresses are shown in this request; asked once, for exports of many rows."""
    return str if are_whole() else masked


def shown(text: str) -> str:
    """`text`, with its addresses as the person at the keyboard may see them."""
    return shower()(text)
