"""The question by mail, and the word to whoever looks after an unhappy customer."""

from __future__ import annotations

from flask_babel import gettext as _

from portal.accounts.models import Person
from portal.kit.mail import Letter, Scale
from portal.orders.models import Order
from portal.surveys import rules
from portal.surveys.models import SurveyAnswer, SurveyKind
from portal.surveys.words.questions import CODES, KINDS, ends, question, seller


def nps_letter(order: Order, name: str, token: str) -> Letter:
    """`name`: what the contract is called. Each score's link opens the page with that score chosen; nothing is
    saved before its button is pressed there."""
    path, kind = f"/survey/{token}", SurveyKind.NPS
    return Letter(
        title=_("One question about %(seller)s", seller=seller()),
        heading=question(kind),
        paragraphs=[
            _("You renewed %(name)s last week. Choose a number; you can change it on the page before you save it.",
              name=name),
        ],
        facts=[(_("Order"), order.number), (_("Contract"), order.contract.number)],
        scale=Scale([(str(score), f"{path}?score={score}") for score in rules.scores_of(kind)], *ends(kind)),
        stop=(_("No more questions like this by e-mail"), f"{path}/stop"),
        secret=True,
    )  # fmt: skip


def low_score(order: Order, answer: SurveyAnswer, person: Person) -> Letter:
    """To the contract's owner or the team: who is unhappy, about what, and what they wrote."""
    most = rules.scores_of(answer.kind)[-1]
    facts = [
        (str(KINDS[answer.kind]), _("%(score)s of %(most)s", score=answer.score, most=most)),
        (_("Company"), order.company.name),
        (_("Contract"), order.contract.number),
        (_("Order"), order.number),
        (_("Answered by"), person.name),
    ]
    if answer.code:
        facts.append((_("Main reason"), str(CODES[answer.code])))
    paragraphs = [_("Get in touch within one working day and ask what went wrong.")]
    if answer.reason:
        paragraphs.append(_("They wrote: “%(reason)s”", reason=answer.reason))
    return Letter(
        title=_("Low score from %(company)s", company=order.company.name),
        heading=_("%(company)s is not happy", company=order.company.name),
        paragraphs=paragraphs,
        facts=facts,
        button=(_("See the order"), f"/desk/orders/{order.number}"),
    )
