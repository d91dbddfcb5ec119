"""The switchboard: who reacts to which event, what runs in the background, and what each page's menu shows."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask, has_request_context, request

from payments.gateway.stripe import StripeGateway
from portal.accounts import actions as account_actions
from portal.accounts import jobs as accounts_jobs
from portal.accounts.factors import actions as factor_actions
from portal.accounts.factors import jobs as factor_jobs
from portal.audit import chain
from portal.checkout import flows as checkout
from portal.checkout import jobs as checkout_jobs
from portal.checkout import queries as checkout_queries
from portal.checkout.events import AlarmRaised, MoneyUnmatched, PaymentDisputed
from portal.contracts import queries as contract_queries
from portal.contracts.events import ContractChanged
from portal.contracts.imports import jobs as import_jobs
from portal.documents.fapiao import actions as fapiao_actions
from portal.documents.fapiao import jobs as fapiao_jobs
from portal.documents.fapiao import queries as fapiao_queries
from portal.documents.fapiao.events import FapiaoSettled
from portal.home.menu import customer_menu
from portal.kit import guard, jobs, mail, outbox
from portal.kit.db import in_transaction
from portal.kit.events import switchboard
from portal.kit.menu import NavItem
from portal.kit.settings import Settings
from portal.orders import actions as order_actions
from portal.orders import jobs as order_jobs
from portal.orders import queries as order_queries
from portal.orders.events import (
    ApprovalAsked,
    ApprovalDecided,
    OrderCancelled,
    OrderExpired,
    OrderHeld,
    OrderPaid,
    OrderPlaced,
    OrderRefunded,
    PaymentAskedFor,
    PaymentFailed,
    RefundFailed,
    TransferAwaited,
)
from portal.pricing import jobs as pricing_jobs
from portal.pricing import queries as pricing_queries
from portal.pricing.events import PricesPublished, QuoteSent
from portal.staff.menu import staff_menu
from portal.surveys import actions as survey_actions
from portal.surveys import jobs as survey_jobs
from portal.surveys.events import LowScore


def connect(app: Flask, settings: Settings) -> None:
    """Connect the rooms. Called once for each application; a second call replaces the first."""
    switchboard.clear()
    jobs.timetable.clear()
    switchboard.job(mail.SEND, mail.send)
    switchboard.job("accounts.invite_mail", accounts_jobs.invite_mail)
    switchboard.job("accounts.reset_mail", accounts_jobs.reset_mail)
    switchboard.job("accounts.new_device_mail", accounts_jobs.new_device_mail)
    switchboard.job(account_actions.CODE_MAIL, factor_jobs.code_mail)
    switchboard.job(factor_actions.FACTOR_MAIL, factor_jobs.factor_mail)
    jobs.timetable.every("audit.chain", timedelta(minutes=1), chain.grow)
    jobs.timetable.every("mail.forget_texts", timedelta(days=1), mail.forget_texts)
    jobs.timetable.every("accounts.tidy", timedelta(days=1), accounts_jobs.tidy)
    switchboard.react(ContractChanged, "pricing.void_outdated_quotes", pricing_jobs.void_outdated_quotes)
    switchboard.react(QuoteSent, "pricing.mail_quote_sent", pricing_jobs.mail_quote_sent)
    switchboard.react(PricesPublished, pricing_jobs.TELL, pricing_jobs.tell_of_prices)
    switchboard.react(ApprovalAsked, "orders.mail_approval_asked", order_jobs.mail_approval_asked)
    switchboard.react(ApprovalDecided, "orders.mail_approval_decided", order_jobs.mail_approval_decided)
    switchboard.react(PaymentAskedFor, "orders.mail_payment_asked_for", order_jobs.mail_payment_asked_for)
    app.extensions[account_actions.ERASERS] = [
        mail.forget,
        outbox.forget,
        order_actions.forget_person,
        survey_actions.forget_person,
        fapiao_actions.forget_person,
    ]
    connect_surveys()
    # Contracts must not be corrected under an open order, and cannot ask a room above them.
    app.extensions[contract_queries.OPEN_ORDERS] = order_queries.with_open
    app.extensions[contract_queries.KEPT_PRICES] = pricing_queries.keeping
    jobs.timetable.poll(import_jobs.work_on_imports)
    jobs.timetable.poll(pricing_jobs.work_on_trials)
    jobs.timetable.every("imports.remove_old_files", timedelta(hours=24), import_jobs.remove_old_files)
    connect_checkout(app, settings)
    app.context_processor(_menu)


def _menu() -> dict[str, list[NavItem]]:
    """The menu of the page being made: staff's, the customer's, or none for a stranger."""
    actor = guard.current() if has_request_context() else None
    if actor is None:
        return {"nav": []}
    return {"nav": (staff_menu if actor.is_staff else customer_menu)(actor, request.endpoint)}


def connect_checkout(app: Flask, settings: Settings) -> None:
    """The payment provider, what is done about money in the background, and the mails about it."""
    app.extensions["gateway"] = stripe_gateway(settings)
    jobs.timetable.poll(checkout.handle_events)
    jobs.timetable.every("checkout.sweep", timedelta(seconds=30), checkout.sweep)
    jobs.timetable.every("checkout.catch_up", timedelta(seconds=30), checkout.catch_up)
    jobs.timetable.every("checkout.compare", timedelta(hours=24), checkout.compare)
    jobs.timetable.every("checkout.clear_slips", timedelta(hours=24), checkout.clear_slips)
    jobs.timetable.every("checkout.watch", timedelta(minutes=5), checkout.watch)
    switchboard.react(OrderPlaced, "checkout.mail_order_placed", checkout_jobs.mail_order_placed)
    switchboard.react(OrderPaid, "checkout.mail_order_paid", checkout_jobs.mail_order_paid)
    switchboard.react(PaymentFailed, "checkout.mail_payment_failed", checkout_jobs.mail_payment_failed)
    switchboard.react(OrderHeld, "checkout.mail_order_held", checkout_jobs.mail_order_held)
    switchboard.react(OrderHeld, "checkout.mail_staff_of_hold", checkout_jobs.mail_staff_of_hold)
    switchboard.react(MoneyUnmatched, "checkout.mail_money_unmatched", checkout_jobs.mail_money_unmatched)
    switchboard.react(OrderCancelled, "checkout.mail_order_cancelled", checkout_jobs.mail_order_cancelled)
    switchboard.react(OrderExpired, "checkout.mail_order_expired", checkout_jobs.mail_order_expired)
    switchboard.react(TransferAwaited, "checkout.mail_transfer_awaited", checkout_jobs.mail_transfer_awaited)
    switchboard.react(OrderRefunded, "checkout.mail_refunded", checkout_jobs.mail_refunded)
    connect_fapiao(app)
    switchboard.react(RefundFailed, "checkout.mail_refund_failed", checkout_jobs.mail_refund_failed)
    switchboard.react(PaymentDisputed, "checkout.mail_dispute", checkout_jobs.mail_dispute)
    switchboard.react(AlarmRaised, "checkout.mail_alarm", checkout_jobs.mail_alarm)


def connect_fapiao(app: Flask) -> None:
    """What becomes of a request for a fapiao when its order is called off or refunded, and its letters."""
    app.extensions[fapiao_queries.GIVEN_BACK] = checkout_queries.given_back
    switchboard.react(OrderCancelled, "fapiao.order_cancelled", fapiao_jobs.order_called_off)
    switchboard.react(OrderExpired, "fapiao.order_expired", fapiao_jobs.order_called_off)
    switchboard.react(OrderRefunded, "fapiao.money_went_back", fapiao_jobs.money_moved_back)
    switchboard.react(RefundFailed, "fapiao.money_came_again", fapiao_jobs.money_moved_back)
    switchboard.react(PaymentDisputed, "fapiao.dispute_moved", fapiao_jobs.dispute_moved)
    switchboard.react(FapiaoSettled, "fapiao.mail_settled", fapiao_jobs.mail_settled)
    jobs.timetable.every("fapiao.clear_strays", timedelta(hours=24), fapiao_jobs.clear_strays)


def connect_surveys() -> None:
    """Who is asked once an order is paid, and who hears of a low score."""
    switchboard.react(OrderPaid, "surveys.ask", survey_jobs.ask)
    switchboard.job(survey_actions.MAIL_JOB, survey_jobs.mail_nps)
    switchboard.react(LowScore, "surveys.tell_of_low_score", survey_jobs.tell_of_low_score)


def stripe_gateway(settings: Settings) -> StripeGateway | None:
    """Stripe, or an emulator in its place; None without a key, and then nothing can be paid."""
    key = settings.stripe_api_key.get_secret_value()
    secrets = [part.strip() for part in settings.stripe_webhook_secret.get_secret_value().split(",")]
    if not key:
        return None
    return StripeGateway(
        key,
        base=settings.stripe_api_base or None,
        secrets=[secret for secret in secrets if secret],
        in_transaction=in_transaction,
    )
