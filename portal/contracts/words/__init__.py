"""Say what a contract is called, where it stands, why something was refused, and what an import's row lacks."""

from portal.contracts.words.export import columns
from portal.contracts.words.imports import FILE_PROBLEMS, ROW_PROBLEMS, cell_problem, file_problem, row_problem
from portal.contracts.words.refusals import refusal
from portal.contracts.words.standing import (
    SEGMENTS,
    DrawnRail,
    called,
    drawn_rail,
    standing_chip,
)
from portal.contracts.words.story import lines_text, story_text, story_title

__all__ = [
    "FILE_PROBLEMS",
    "ROW_PROBLEMS",
    "SEGMENTS",
    "DrawnRail",
    "called",
    "cell_problem",
    "columns",
    "drawn_rail",
    "file_problem",
    "lines_text",
    "refusal",
    "row_problem",
    "standing_chip",
    "story_text",
    "story_title",
]
