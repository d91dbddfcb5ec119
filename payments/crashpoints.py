"""Named points at which a process may die, for proofs that it may. Nothing happens here unless a proof installs a
hook: every `transaction()` reaches a point before it begins and one after it has committed, and so does every call
to a provider; a point is named after the function that stands there. See docs/decisions/0017."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any, Final

AROUND: Final = ("before", "after")
# Comprehensions are functions of their own to Python, not to a reader.
COMPREHENSION: Final = re.compile(r"(\.<locals>\.<(list|set|dict)comp>|\.<locals>\.<genexpr>)+$")

_hooks: list[Callable[[str], None]] = []


def install(hook: Callable[[str], None]) -> None:
    """Let `hook` hear of every point that is reached; it replaces the one before."""
    _hooks[:] = [hook]


def remove() -> None:
    _hooks.clear()


def armed() -> bool:
    """Does anybody listen? Names are only made then."""
    return bool(_hooks)


def reach(name: str) -> None:
    for hook in _hooks:
        hook(name)


def here(up: int) -> str:
    """The function `up` frames above the caller: "portal.checkout.flows.paying.pay"."""
    frame = sys._getframe(up + 1)
    function = COMPREHENSION.sub("", frame.f_code.co_qualname)
    return f"{frame.f_globals['__name__']}.{function}"


class Watched:
    """An object whose methods reach a point before and after each call, named after the caller and the method."""

    def __init__(self, of: object, silent: frozenset[str]) -> None:
        self._of = of
        self._silent = silent

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._of, name)
        if not callable(found) or name in self._silent:
            return found

        def call(*args: object, **named: object) -> object:
            where = f"{here(1)}:{name}"
            reach(f"{where}:before")
            answer = found(*args, **named)
            reach(f"{where}:after")
            return answer

        return call
