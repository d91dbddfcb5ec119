"""Say what a contract is called, where it stands, why something was refused, and what an import's row lacks."""

from portal.contracts.words.columns import COLUMN_NAMES, run_chip, run_headline, run_progress
from portal.contracts.words.export import columns
from portal.contracts.words.imports import (
    FILE_PROBLEMS,
    ROW_PROBLEMS,
    cell_problem,
    file_problem,
    problem_at,
    row_problem,
)
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
    "COLUMN_NAMES",
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
    "problem_at",
    "refusal",
    "row_problem",
    "run_chip",
    "run_headline",
    "run_progress",
    "standing_chip",
    "story_text",
    "story_title",
]
