"""Refusals about imports at the desk. Facts only; words make the sentences."""

from __future__ import annotations

from portal.kit.errors import Refusal


class ImportNotOpen(Refusal):
    """The import is at work, over, or without its file, so that nothing can be asked of it. Facts: state."""
