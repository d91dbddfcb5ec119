"""Bank transfer in a real browser: finance adds the account, the customer reads what to write where and sends a
slip, two people of the seller find the money, the contract is renewed."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask_security.utils import hash_password

from portal.accounts.models import StaffRole
from portal.kit.db import transaction
from tests import factories
from tests.journey.live import FINANCE, PASSWORD, Live
from tests.journey.walker import DESKTOP, PHONE, Walker, sign_in

pytestmark = pytest.mark.browser

ADMIN = "admin@portal.example"
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 100
ACCOUNT = {
    "holder": "Tidewell 潮汐",
    "bank": "Bank of Shanghai 上海银行",
    "number": "CN62 2200 0011 1122 3344 5566 7788 99",
}


def sign_out(walker: Walker) -> None:
    walker.page.context.clear_cookies()


def add_account(walker: Walker, live: Live) -> None:
    sign_in(walker, FINANCE)
    walker.page.goto(live.base + "/finance/accounts")
    walker.look()
    walker.press("add-account")  # nothing typed: the page says what is missing
    walker.look()
    walker.page.select_option('[name="currency"]', "CNY")
    for name, text in ACCOUNT.items():
        walker.page.fill(f'[name="{name}"]', text)
    walker.press("add-account")
    walker.look()
    sign_out(walker)


def choose(walker: Walker, live: Live) -> str:
    """The customer accepts the price and pays by transfer; the order's number."""
    sign_in(walker)
    walker.page.goto(f"{live.base}/contracts/{live.number}/renew")
    walker.page.check('[name="term_months"][value="24"]')
    walker.press("get-quote")
    walker.look()
    walker.page.fill('[name="invoice_title"]', "Aurora")
    walker.press("pay-by-transfer")
    assert walker.fact("order-state") == "awaiting_transfer"
    assert walker.fact("transfer-amount") == "3680000"
    assert walker.fact("transfer-reference") == walker.fact("order-number")
    walker.look()
    walker.page.locator('[data-fact="transfer-account"]').click()  # one touch selects all of it, to be copied
    assert walker.page.evaluate("getSelection().toString()").strip() == ACCOUNT["number"]
    return walker.fact("order-number")


def send_slip(walker: Walker, folder: Path) -> None:
    path = folder / "回单 <slip>.png"
    path.write_bytes(PNG)
    walker.page.set_input_files('[name="slip"]', path)
    walker.press("send-slip")
    assert path.name in walker.page.inner_text("main")
    walker.look()
    with walker.page.expect_download() as download:
        walker.page.get_by_text(path.name).click()
    assert Path(download.value.path()).read_bytes() == PNG
    sign_out(walker)


def find_money(walker: Walker, live: Live, number: str) -> None:
    page = walker.page
    sign_in(walker, FINANCE)
    page.goto(live.base + "/finance/transfers")
    walker.look()
    page.fill('[name="q"]', "36,800.00")
    walker.press("search")
    walker.look()
    assert page.locator(f'[data-row="transfer:{number}"]').count() == 1
    walker.press("confirm-transfer")  # nothing typed
    walker.look()
    page.fill('[name="amount"]', "36800")
    page.fill('[name="bank_reference"]', "BK-77")
    walker.press("confirm-transfer")
    walker.look()
    sign_out(walker)
    sign_in(walker, ADMIN)
    page.goto(live.base + "/finance/transfers")
    walker.look()
    walker.press("confirm-transfer")
    walker.look()
    sign_out(walker)


@pytest.mark.parametrize(
    "walker",
    [("en-US", DESKTOP, "light"), ("zh-CN", PHONE, "dark")],
    indirect=True,
    ids=["en-desktop-light", "zh-phone-dark"],
)
def test_a_transfer_renews(walker: Walker, live: Live, tmp_path: Path) -> None:
    with live.app.app_context(), transaction() as db:
        factories.staff(db, StaffRole.ADMIN, ADMIN, password=hash_password(PASSWORD))
    add_account(walker, live)
    number = choose(walker, live)
    send_slip(walker, tmp_path)
    find_money(walker, live, number)
    sign_in(walker)
    walker.page.goto(f"{live.base}/orders/{number}")
    assert walker.fact("order-state") == "paid"
    walker.look()
    assert [text for text in walker.console if "422" not in text] == []
    assert live.breaks() == []
