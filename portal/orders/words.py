"""Say who must agree to an order, and what they said."""

from __future__ import annotations

from flask_babel import gettext as _

from payments.money import Money
from portal.kit import i18n
from portal.kit.mail import Letter
from portal.orders.models import Approval, ApprovalState, Order


def asked(approval: Approval, asker: str) -> Letter:
    """To those who may agree."""
    total = i18n.money(_total(approval))
    title = _("%(name)s asks for your yes to a renewal of %(total)s", name=asker, total=total)
    return Letter(
        title=title,
        heading=title,
        paragraphs=[
            _("It is above the limit that your company has set. Nothing is ordered before you agree."),
            _("Look at the price and say yes or no on its page."),
        ],
        facts=[(_("Contract"), approval.quote.contract.number), (_("Total"), total)],
        button=(_("Look at it"), f"/quotes/{approval.quote_id}"),
    )


def decided(approval: Approval, decider: str) -> Letter:
    """To who asked."""
    total = i18n.money(_total(approval))
    if approval.state is ApprovalState.APPROVED:
        title = _("%(name)s agreed to the renewal of %(total)s", name=decider, total=total)
        paragraphs = [_("The order is placed in your name. Now it can be paid.")]
    else:
        title = _("%(name)s did not agree to the renewal of %(total)s", name=decider, total=total)
        paragraphs = [_("Nothing was ordered. You can choose another term or other seats and ask again.")]
    facts = [(_("Contract"), approval.quote.contract.number), (_("Total"), total)]
    if approval.reason:
        facts.append((_("Reason"), approval.reason))
    return Letter(
        title=title, heading=title, paragraphs=paragraphs, facts=facts,
        button=(_("Look at it"), f"/quotes/{approval.quote_id}"),
    )  # fmt: skip


def asked_to_pay(order: Order, asker: str) -> Letter:
    """To a colleague who may pay."""
    total = i18n.money(order.total)
    title = _("%(name)s asks you to pay order %(number)s", name=asker, number=order.number)
    return Letter(
        title=title,
        heading=title,
        paragraphs=[
            _("Sign in, look at the order, and pay it by card, wallet or bank transfer."),
            _("If you do not expect this, ask %(name)s before you pay.", name=asker),
        ],
        facts=[
            (_("Company"), order.company.name),
            (_("Contract"), order.contract.number),
            (_("Total"), total),
            (_("To be paid by"), i18n.instant(order.expires_at, order.contract.zone)),
        ],
        button=(_("Look at the order"), f"/orders/{order.number}"),
    )


def _total(approval: Approval) -> Money:
    return Money(approval.quote.total_minor, approval.quote.currency)
