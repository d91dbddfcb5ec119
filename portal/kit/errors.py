"""What every room's refusals have in common."""

from __future__ import annotations


class Refusal(Exception):
    """Somebody asked for what cannot be. Carries facts, no sentence; words.py makes the sentence."""

    def __init__(self, **facts: object) -> None:
        super().__init__(type(self).__name__, facts)
        self.facts = facts
