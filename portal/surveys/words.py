"""Say surveys: the question, the scores, the refusals."""

from __future__ import annotations

from flask_babel import gettext as _

from portal.kit import i18n
from portal.kit.errors import Refusal
from portal.surveys.errors import ReasonTooLong, ScoreOutOfRange


def question() -> str:
    return _("How satisfied are you with this renewal?")


def score_labels() -> dict[int, str]:
    """What each score means."""
    return {
        1: _("very dissatisfied"),
        2: _("dissatisfied"),
        3: _("neither satisfied nor dissatisfied"),
        4: _("satisfied"),
        5: _("very satisfied"),
    }


def ends() -> tuple[str, str]:
    """The words at the scale's two ends."""
    return _("Very dissatisfied"), _("Very satisfied")


def refusal(error: Refusal) -> str:
    """The sentence for one of the surveys' refusals."""
    if isinstance(error, ScoreOutOfRange):
        return _("Choose a number from %(least)s to %(most)s.", **error.facts)
    if isinstance(error, ReasonTooLong):
        most = i18n.number(int(str(error.facts["most"])))
        return _("The reason is too long: up to %(most)s characters.", most=most)
    return _("We ask about a renewal once it is paid.")
