"""The hosted page as a person meets it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import requests

from payments.sandbox.app import Sandbox, create_sandbox
from payments.sandbox.hosted.words import EN, ZH
from payments.sandbox.methods import Outcome
from tests.payments.sandbox.support import CANCEL, Payer, client_of, priced


def test_the_page(payer: Payer) -> None:
    session = payer.session(locale="en", customer_email="a@example.com")
    page = payer.get(session.url)
    assert page.status_code == 200
    for shown in ("TEST", "Example Ltd", "Renewal, 12 months × 2", "CN¥1,200.00", "a@example.com", CANCEL):
        assert shown in page.text
    assert 'data-action="pay"' in page.text
    assert 'data-action="cancel-at-provider"' in page.text
    assert "<script" not in page.text
    assert "style=" not in page.text
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self' http://127.0.0.1:9" in policy


def test_a_line_tells_what_is_bought_beneath_its_name(payer: Payer) -> None:
    lines = priced("usd", 500) + priced("usd", 700)
    lines[0]["price_data"]["product_data"]["description"] = "20 seats, 24 months <b>"
    page = payer.get(payer.session(line_items=lines).url).text
    assert '<span class="detail">20 seats, 24 months &lt;b&gt;</span>' in page
    assert page.count('class="detail"') == 1


def test_the_title_names_the_seller_or_the_order(payer: Payer, tmp_path: Path) -> None:
    named = payer.get(payer.session(locale="en").url).text
    assert re.search(r"<title>\s*Pay Example Ltd · TEST\s*</title>", named)
    nameless = create_sandbox(tmp_path / "nameless.db")
    with nameless.serving() as base, requests.Session() as browser:
        payer = Payer(client_of(base), browser)
        page = payer.get(payer.session(locale="zh").url).text
    nameless.close()
    assert re.search(r"<title>\s*订单内容 · TEST\s*</title>", page)
    assert "付款给" not in page


def test_chinese(payer: Payer) -> None:
    page = payer.get(payer.session(locale="zh").url)
    assert '<html lang="zh-Hans">' in page.text
    assert "支付 ¥1,200.00" in page.text
    unspoken = payer.session()
    assert "Your order" in payer.get(unspoken.url).text
    assert "订单内容" in payer.get(unspoken.url, **{"Accept-Language": "zh-CN,zh;q=0.9"}).text


def test_both_languages_say_the_same_things() -> None:
    assert EN.keys() == ZH.keys()
    assert {str(outcome) for outcome in Outcome} <= EN.keys()


def test_escaped(payer: Payer) -> None:
    lines = priced("usd", 500)
    lines[0]["price_data"]["product_data"]["name"] = "<b>bold</b>"
    assert "<b>bold" not in payer.get(payer.session(line_items=lines).url).text


def test_wallets_only_where_their_currency_is(payer: Payer) -> None:
    assert 'value="alipay"' in payer.get(payer.session().url).text
    session = payer.session(line_items=priced("thb", 5_000))
    assert 'value="alipay"' not in payer.get(session.url).text
    assert payer.post(session.url, method="alipay", outcome="succeed").status_code == 400


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({}, "Enter a test card number"),
        ({"card_number": "4111111111111111"}, "none of the test card numbers"),
        ({"outcome": "explode"}, "unknown"),
    ],
)
def test_unclear_forms_do_nothing(payer: Payer, form: dict[str, str], says: str) -> None:
    session = payer.session()
    page = payer.post(session.url, **form)
    assert page.status_code == 400
    assert says in page.text
    assert payer.again(session).payment_intent is None


def test_other_screens(payer: Payer, sandbox: Sandbox, base: str) -> None:
    assert payer.get(f"{base}/c/pay/cs_test_nobody").status_code == 404
    assert payer.get(f"{base}/c/pay/cs_test_nobody/3ds").status_code == 303
    waiting = payer.session()
    payer.post(waiting.url, outcome="pending_then_succeed")
    assert 'data-screen="pending"' in payer.get(waiting.url).text
    sandbox.advance(10)
    assert 'data-screen="paid"' in payer.get(waiting.url).text
    late = payer.session()
    sandbox.advance(86_401)
    assert 'data-screen="expired"' in payer.get(late.url).text


def test_a_refused_wallet(payer: Payer) -> None:
    session = payer.session(locale="zh")
    payer.post(session.url, method="alipay", outcome="decline")
    assert "付款被拒绝" in payer.get(session.url).text


def test_the_style_sheet_is_ours_and_readable(payer: Payer, base: str) -> None:
    page = payer.get(payer.session().url).text
    assert re.findall(r'(?:href|src)="(?!/|http://127\.0\.0\.1)', page) == []
    sheet = payer.get(f"{base}/_static/sandbox.css")
    assert sheet.status_code == 200
    assert "prefers-color-scheme: dark" in sheet.text
