"""The questions, their scales, and what is wrong with an answer."""

from __future__ import annotations

from typing import Final

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.kit import i18n
from portal.kit.errors import Refusal
from portal.kit.settings import Settings
from portal.surveys.errors import AskClosed, ReasonTooLong, ScoreOutOfRange
from portal.surveys.models import Dropped, ReasonCode, SurveyKind

KINDS: Final = {
    SurveyKind.CSAT: _l("Satisfaction (CSAT)"),
    SurveyKind.NPS: _l("Recommendation (NPS)"),
}

CODES: Final = {
    ReasonCode.PRICE: _l("Price"),
    ReasonCode.FEATURES: _l("What the product can do"),
    ReasonCode.RELIABILITY: _l("Reliability"),
    ReasonCode.EASE: _l("How easy it is to use"),
    ReasonCode.SUPPORT: _l("Support"),
    ReasonCode.RENEWING: _l("How the renewal went"),
    ReasonCode.OTHER: _l("Something else"),
}

_DROPPED: Final = {
    Dropped.ANSWERED: _l("They had answered already."),
    Dropped.ORDER_STATE: _l("The order was no longer paid."),
    Dropped.MONEY_OPEN: _l("A dispute was open."),
    Dropped.LEFT: _l("They no longer act for the company."),
    Dropped.OPTED_OUT: _l("They want no questions by mail."),
    Dropped.ASKED_LATELY: _l("They were asked or answered within 90 days."),
    Dropped.TOO_LATE: _l("It would have come more than 30 days late."),
}


def seller() -> str:
    settings: Settings = current_app.extensions["settings"]
    return settings.seller


def question(kind: SurveyKind) -> str:
    if kind is SurveyKind.CSAT:
        return _("How satisfied are you with this renewal?")
    return _("How likely are you to recommend %(seller)s to a colleague or friend?", seller=seller())


def score_labels(kind: SurveyKind) -> dict[int, str]:
    """What each score means, where each has a meaning of its own."""
    if kind is SurveyKind.NPS:
        return {}
    return {
        1: _("very dissatisfied"),
        2: _("dissatisfied"),
        3: _("neither satisfied nor dissatisfied"),
        4: _("satisfied"),
        5: _("very satisfied"),
    }


def ends(kind: SurveyKind) -> tuple[str, str]:
    """The words at the scale's two ends."""
    if kind is SurveyKind.CSAT:
        return _("Very dissatisfied"), _("Very satisfied")
    return _("Not at all likely"), _("Extremely likely")


def code_choices() -> list[tuple[str, str]]:
    return [(code.value, str(label)) for code, label in CODES.items()]


def dropped(why: Dropped) -> str:
    """Why the question was not mailed, in a sentence."""
    return str(_DROPPED[why])


def flags(quick: bool, several: bool) -> list[str]:
    """What makes an answer look like a mail scanner's."""
    told = []
    if quick:
        told.append(_("Answered within 10 seconds of delivery"))
    if several:
        told.append(_("Several scores opened from one mail"))
    return told


def refusal(error: Refusal) -> str:
    """The sentence for one of the surveys' refusals."""
    if isinstance(error, ScoreOutOfRange):
        return _("Choose a number from %(least)s to %(most)s.", **error.facts)
    if isinstance(error, ReasonTooLong):
        most = i18n.number(int(str(error.facts["most"])))
        return _("The reason is too long: up to %(most)s characters.", most=most)
    if isinstance(error, AskClosed) and error.facts["why"] == "left":
        return _("This question was for somebody who no longer acts for the company.")
    if isinstance(error, AskClosed):
        return _("This link was open for 30 days and has closed.")
    return _("We ask about a renewal once it is paid.")
