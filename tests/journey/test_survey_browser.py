"""The survey in a real browser: on the success page, then by mail, without a sign-in and by keyboard alone."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select, update

from portal.accounts.models import Person
from portal.kit import clock
from portal.kit.db import reading, transaction
from portal.kit.mail import Mail, MailState
from portal.kit.outbox import OutboxRow
from portal.surveys.actions import MAIL_JOB
from portal.surveys.models import SurveyAnswer
from portal.surveys.queries.asks import MAIL_KIND
from tests.fakes.waiting import eventually
from tests.journey.live import OWNER, Live
from tests.journey.walker import DESKTOP, PHONE, Walker, sign_in

pytestmark = pytest.mark.browser


def scores(live: Live) -> dict[str, int]:
    with live.app.app_context(), reading() as db:
        return {answer.kind: answer.score for answer in db.scalars(select(SurveyAnswer))}


def link_in_the_mail(live: Live) -> str:
    """Do not wait for seven days: the planned mail becomes due now; the address of its 9."""

    def planned() -> bool | None:
        with live.app.app_context(), transaction() as db:
            due = update(OutboxRow).where(OutboxRow.job == MAIL_JOB).values(due_at=clock.now())
            return True if db.execute(due.returning(OutboxRow.id)).all() else None

    def sent() -> Mail | None:
        with live.app.app_context(), reading() as db:
            return db.scalar(select(Mail).where(Mail.kind == MAIL_KIND, Mail.state == MailState.SENT))

    eventually(planned, 20)
    found = re.search(r"https?://\S+\?score=9\b", eventually(sent, 20).text)
    assert found
    return found[0]


@pytest.mark.parametrize(
    "walker",
    [("en-US", DESKTOP, "light"), ("zh-CN", PHONE, "dark")],
    indirect=True,
    ids=["en-desktop-light", "zh-phone-dark"],
)
def test_survey_on_the_page_and_by_mail(walker: Walker, live: Live) -> None:
    chinese = walker.page.evaluate("navigator.language") == "zh-CN"
    with live.app.app_context(), transaction() as db:  # the mail and its page speak the reader's language
        language = "zh_Hans_CN" if chinese else "en"
        db.execute(update(Person).where(Person.email == OWNER).values(language=language))
    customer = live.signed_in()
    customer.go(f"/contracts/{live.number}/renew").submit("get-quote", term_months="12")
    customer.submit("accept-quote")
    customer.submit("pay", outcome="succeed")
    order = live.wait_for_state("paid")
    page = walker.page
    sign_in(walker)
    page.goto(f"{live.base}/orders/{order.number}")
    walker.look()
    walker.tab_to('#csat-score [name="score"]')
    for _step in range(3):  # a group that nothing is chosen in begins at 1
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**#survey")
    assert scores(live) == {"csat": 4}
    walker.look()
    address = link_in_the_mail(live)
    page.context.clear_cookies()
    assert page.request.head(address).ok
    page.goto(address)
    walker.look()
    assert page.locator("html").get_attribute("lang") == ("zh-Hans" if chinese else "en")
    assert scores(live) == {"csat": 4}
    assert page.locator('[name="score"]:checked').get_attribute("value") == "9"
    walker.tab_to('[name="score"]')
    page.keyboard.press("ArrowRight")
    walker.tab_to('[data-action="answer-survey"]')
    page.keyboard.press("Enter")
    page.wait_for_url(address.partition("?")[0])
    assert scores(live) == {"csat": 4, "nps": 10}
    assert walker.fact("nps-score") == "10"
    walker.look()
    page.goto(address.partition("?")[0] + "/stop")
    walker.look()
    walker.press("stop-questions")
    walker.look()
    assert walker.fact("questions-by-mail") == "stopped"
    assert walker.console == []
