"""The hosted page's words in Chinese and English, and amounts as each writes them."""

from __future__ import annotations

from babel.numbers import format_currency

from payments.money import Money
from payments.sandbox.store import Json

EN = {
    "lang": "en",
    "banner": "TEST: local Stripe sandbox. No money moves.",
    "pay_to": "Pay",
    "order": "Your order",
    "total": "Total",
    "email": "Email",
    "method": "Payment method",
    "card": "Bank card",
    "alipay": "Alipay",
    "wechat_pay": "WeChat Pay",
    "card_number": "Card number",
    "card_hint": "Any test card; 4242 4242 4242 4242 succeeds.",
    "outcome": "What shall happen?",
    "by_card": "As the card number says",
    "succeed": "Payment succeeds",
    "decline": "Bank declines",
    "insufficient_funds": "Not enough money",
    "expired_card": "Card has expired",
    "requires_3ds": "Bank asks for confirmation",
    "pending_then_succeed": "Money arrives later",
    "pending_then_fail": "Looks fine, fails later",
    "pending_for_a_day": "Money arrives after a day",
    "pay": "Pay",
    "cancel": "Back to the seller",
    "test_cards": "Test cards",
    "bank_title": "Your bank asks",
    "bank_text": "Do you approve this payment?",
    "approve": "Approve",
    "fail": "Refuse",
    "expired_title": "This payment page has expired",
    "expired_text": "Nothing was charged. Go back to the seller to start again.",
    "paid_title": "Already paid",
    "paid_text": "This payment is done; it will not be charged again.",
    "pending_title": "Payment under way",
    "pending_text": "You have confirmed this payment; the money is on its way.",
    "missing_title": "No such payment page",
    "missing_text": "The address is wrong, or the sandbox was reset.",
    "on": "Continue",
    "error.unknown_card": "This is none of the test card numbers below.",
    "error.no_card": "Enter a test card number, or choose what shall happen.",
    "error.method": "This payment method is not offered here.",
    "error.outcome": "This outcome is unknown.",
    "error.card_declined": "Your card was declined. Please try another one.",
    "error.insufficient_funds": "Your card has insufficient funds. Please try another one.",
    "error.expired_card": "Your card has expired. Please try another one.",
    "error.payment_intent_authentication_failure": "Your bank did not confirm the payment. Please try again.",
    "error.payment_method_provider_decline": "The payment was declined. Please try another way.",
}
ZH = {
    "lang": "zh-Hans",
    "banner": "TEST 测试环境：本地 Stripe 沙盒，不会真实扣款。",
    "pay_to": "付款给",
    "order": "订单内容",
    "total": "合计",
    "email": "邮箱",
    "method": "付款方式",
    "card": "银行卡",
    "alipay": "支付宝",
    "wechat_pay": "微信支付",
    "card_number": "卡号",
    "card_hint": "请填写测试卡号；4242 4242 4242 4242 付款成功。",
    "outcome": "模拟结果",
    "by_card": "由卡号决定",
    "succeed": "付款成功",
    "decline": "银行拒绝",
    "insufficient_funds": "余额不足",
    "expired_card": "卡已过期",
    "requires_3ds": "银行要求验证",
    "pending_then_succeed": "稍后到账",
    "pending_then_fail": "稍后失败",
    "pending_for_a_day": "一天后到账",
    "pay": "支付",
    "cancel": "返回商家",
    "test_cards": "测试卡号",
    "bank_title": "银行验证",
    "bank_text": "您是否同意这笔付款？",
    "approve": "同意",
    "fail": "拒绝",
    "expired_title": "付款页面已过期",
    "expired_text": "未产生任何扣款。请返回商家重新开始。",
    "paid_title": "已付款",
    "paid_text": "这笔付款已经完成，不会重复扣款。",
    "pending_title": "付款处理中",
    "pending_text": "您已确认付款，款项正在途中。",
    "missing_title": "找不到付款页面",
    "missing_text": "地址有误，或沙盒已被重置。",
    "on": "继续",
    "error.unknown_card": "该卡号不在下方的测试卡号之列。",
    "error.no_card": "请填写测试卡号，或选择模拟结果。",
    "error.method": "此处不支持该付款方式。",
    "error.outcome": "未知的模拟结果。",
    "error.card_declined": "您的卡被拒绝，请换一张卡再试。",
    "error.insufficient_funds": "卡内余额不足，请换一张卡再试。",
    "error.expired_card": "您的卡已过期，请换一张卡再试。",
    "error.payment_intent_authentication_failure": "银行验证未通过，请重试。",
    "error.payment_method_provider_decline": "付款被拒绝，请换一种方式再试。",
}


def words(locale: str | None, accepted: str | None) -> dict[str, str]:
    """By the session's `locale`; with none, or `auto`, by what the browser asks for."""
    wanted = locale if locale and locale != "auto" else (accepted or "en")
    return ZH if wanted.lower().startswith("zh") else EN


def amount(minor: int, currency: str, text: dict[str, str]) -> str:
    """Such as ¥1,234.50, with the currency's own number of decimals."""
    money = Money(minor, currency.upper())
    locale = "zh_Hans_CN" if text is ZH else "en_US"
    return str(format_currency(money.major, money.currency, locale=locale))


def failure(error: Json | None, text: dict[str, str]) -> str | None:
    """A sentence for an intent's `last_payment_error`."""
    if not error:
        return None
    for name in (error.get("decline_code"), error.get("code")):
        if f"error.{name}" in text:
            return text[f"error.{name}"]
    return str(error["message"])
