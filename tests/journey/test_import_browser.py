"""An import in a real browser: both languages, phone and desktop, and by keyboard alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.accounts.models import StaffRole
from portal.kit.db import transaction
from tests import factories
from tests.journey.live import PASSWORD, Live
from tests.journey.walker import DESKTOP, PHONE, Walker, sign_in

pytestmark = pytest.mark.browser

STEWARD = "data@portal.example"
HEAD = "合同编号,Customer,SKU,Qty,Price,Currency,Timezone,Start date,到期日,Remarks"
ROWS = (
    "CT-901,极光科技（上海）股份有限公司,insight,20,1250.00,CNY,Asia/Shanghai,2026-01-01,2026-12-31,ok",
    "CT-902,Harbor Freight Systems International,backup,none,99.90,USD,America/Los_Angeles,2026-01-01,2026-12-31,",
    "CT-903,=cmd|' /C calc'!A0,insight,1,1,CNY,Asia/Shanghai,2026-01-01,2026-12-31,",
)


@pytest.fixture
def file(live: Live, tmp_path: Path) -> Path:
    """A file with headers that are not ours, and a data steward to import it."""
    from flask_security.utils import hash_password  # noqa: PLC0415 - needs the app's context

    with live.app.app_context(), transaction() as db:
        # Without a language of their own, they read the browser's.
        factories.staff(db, StaffRole.DATA, STEWARD, password=hash_password(PASSWORD), language=None)
    path = tmp_path / "客户合同 contracts.csv"
    path.write_text("\n".join([HEAD, *ROWS]), encoding="gbk")
    return path


@pytest.mark.parametrize(
    "walker",
    [("en-US", DESKTOP, "light"), ("zh-CN", PHONE, "dark")],
    indirect=True,
    ids=["en-desktop-light", "zh-phone-dark"],
)
def test_import(walker: Walker, live: Live, file: Path) -> None:
    page = walker.page
    sign_in(walker, STEWARD)
    page.goto(f"{live.base}/desk/imports")
    walker.look()
    walker.press("upload-import")
    walker.look()  # no file was chosen
    page.set_input_files('[name="file"]', file)
    walker.press("upload-import")
    page.wait_for_url("**/columns")
    walker.look()
    page.select_option('[name="column_9"]', "company")
    walker.press("map-columns")
    walker.look()  # two headers for one column
    page.select_option('[name="column_9"]', "")
    walker.press("map-columns")
    walker.look()  # the preview
    walker.press("try-import")
    page.wait_for_selector('[data-fact="import-state"][data-value="checked"]')
    walker.look()
    assert (walker.fact("import-kept"), walker.fact("import-refused")) == ("1", "2")
    walker.press("import-now")
    page.wait_for_selector('[data-fact="import-state"][data-value="done"]')
    walker.look()
    assert page.locator('[data-row^="refused:"]').count() == 2
    with page.expect_download() as download:
        page.click('[data-action="download-refused"]')
    assert "'=cmd|" in download.value.path().read_text(encoding="utf-8-sig")
    page.goto(f"{live.base}/desk/contracts/CT-901")
    assert page.url.endswith("CT-901")
    page.goto(f"{live.base}/desk/imports")
    walker.look()
    console = [line for line in walker.console if "422" not in line]  # Chromium tells of refused forms
    assert console == []
    assert live.breaks() == []


@pytest.mark.parametrize("walker", [("en-US", DESKTOP, "light")], indirect=True)
def test_by_keyboard_alone(walker: Walker, live: Live, file: Path) -> None:
    """Only the file dialog belongs to the browser itself."""
    page = walker.page
    sign_in(walker, STEWARD)
    page.goto(f"{live.base}/desk/imports")
    walker.tab_to('[name="file"]')
    page.set_input_files('[name="file"]', file)
    walker.tab_to('[data-action="upload-import"] button')
    page.keyboard.press("Enter")
    page.wait_for_url("**/columns")
    walker.tab_to('[data-action="map-columns"] button')
    page.keyboard.press("Enter")
    page.wait_for_selector('[data-fact="import-state"][data-value="uploaded"]')
    walker.tab_to("#all_or_nothing")
    page.keyboard.press("Space")
    page.keyboard.press("Space")
    walker.tab_to('[data-action="try-import"]')
    page.keyboard.press("Enter")
    page.wait_for_selector('[data-fact="import-state"][data-value="checked"]')
    walker.tab_to('[data-action="import-now"]')
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    page.keyboard.press("Enter")
    page.wait_for_selector('[data-fact="import-state"][data-value="done"]')
