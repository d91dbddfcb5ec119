"""Imports at the desk: upload, columns, preview, check, run, mend; what goes wrong is told, nothing is lost."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from portal.accounts.models import Person, StaffRole
from portal.contracts.imports import jobs as import_jobs
from portal.contracts.imports.models import ImportRun, RunState
from portal.contracts.imports.shapes import MAX_BYTES
from portal.contracts.models import Contract
from portal.kit import jobs
from portal.kit.db import reading, transaction
from tests.conftest import NOW
from tests.portal.contracts.desk_scene import get, signed_in
from tests.portal.contracts.import_scene import GOOD, HEAD, count, line
from tests.web import post_form

THEIRS = {
    "Customer": "company", "Contract No.": "contract_number", "SKU": "product", "Qty": "seats",
    "Price": "unit_price", "Currency": "currency", "Timezone": "time_zone", "Start date": "starts_on",
    "到期日": "ends_on", "Remarks": "",
}  # fmt: skip


@pytest.fixture
def desk(prepared: Flask, client: FlaskClient, tmp_path: Path) -> Iterator[FlaskClient]:
    """A data steward, and a data folder of this test's own."""
    settings = prepared.extensions["settings"]
    prepared.extensions["settings"] = settings.model_copy(update={"data_dir": tmp_path})
    signed_in(client)
    yield client
    prepared.extensions["settings"] = settings


def upload(client: FlaskClient, content: bytes, name: str = "contracts.csv") -> TestResponse:
    return post_form(client, "/desk/imports", file=(io.BytesIO(content), name))


def uploaded(client: FlaskClient, *lines: str, head: str = HEAD) -> str:
    """The address of the import that an upload leads to."""
    answer = upload(client, "\n".join([head, *lines]).encode())
    assert answer.status_code == 303, answer.text
    return answer.location.removesuffix("/columns")


def only() -> ImportRun:
    with reading() as db:
        return db.scalars(select(ImportRun)).one()


def theirs() -> str:
    cells = {**GOOD, "": "seen by Li"}
    return "\n".join([",".join(THEIRS), ",".join(cells[ours] for ours in THEIRS.values())])


def test_the_first_time_there_is_none_and_the_page_says_what_will_be(desk: FlaskClient) -> None:
    page = get(desk, "/desk/imports")
    assert "No import yet" in page
    assert 'aria-current="page">Imports' in page


@pytest.mark.parametrize("role", [StaffRole.SALES, StaffRole.FINANCE, StaffRole.AUDITOR])
def test_only_those_who_create_records_import(prepared: Flask, client: FlaskClient, role: StaffRole) -> None:
    signed_in(client, role)
    assert client.get("/desk/imports").status_code == (200 if role is StaffRole.AUDITOR else 403)
    assert upload(client, HEAD.encode()).status_code == 403


def test_a_file_of_ours_is_previewed_checked_and_imported(desk: FlaskClient) -> None:
    where = uploaded(desk, line(), line(contract_number="CT-2", seats="none"))
    preview = get(desk, where)
    assert "CT-2023-00417" in preview
    assert "Seats: “none” is no whole number." in preview
    post_form(desk, f"{where}/run", do="try")
    assert "refresh" in get(desk, where)
    jobs.run_due()
    checked = get(desk, where)
    assert "1 row would be left out" in checked
    assert count(Contract) == 0
    post_form(desk, f"{where}/run", do="import")
    jobs.run_due()
    assert "1 row was left out, all others are kept" in get(desk, where)
    assert count(Contract) == 1
    assert (only().state, only().kept, only().created, only().refused) == (RunState.DONE, 1, 1, 1)
    assert "Imported in part" in get(desk, "/desk/imports")
    assert post_form(desk, f"{where}/run", do="import").status_code == 303, "what is over is not run again"
    assert only().state is RunState.DONE


def test_headers_of_others_are_guessed_changed_and_kept_for_the_next_time(desk: FlaskClient) -> None:
    answer = upload(desk, theirs().encode())
    assert answer.location.endswith("/columns")
    page = get(desk, answer.location)
    for place, ours in enumerate(THEIRS.values()):
        select_ = page.partition(f'name="column_{place}"')[2].partition("</select>")[0]
        assert f'selected value="{ours}"' in select_, ours
    chosen = {f"column_{place}": ours for place, ours in enumerate(THEIRS.values())}
    chosen["column_9"] = "segment"
    assert post_form(desk, answer.location, **chosen).status_code == 303
    again = upload(desk, theirs().encode())
    assert not again.location.endswith("/columns"), "the mapping is known"
    assert "“seen by Li” is none of strategic" in get(desk, again.location)


def test_two_headers_for_one_column_and_a_column_that_is_missing(desk: FlaskClient) -> None:
    where = upload(desk, theirs().encode()).location
    chosen = {f"column_{place}": ours for place, ours in enumerate(THEIRS.values())}
    twice = post_form(desk, where, **{**chosen, "column_9": "company"})
    assert twice.status_code == 422
    assert twice.text.count("Two headers are mapped to “Company”") >= 2
    missing = post_form(desk, where, **{**chosen, "column_3": ""})
    assert missing.status_code == 422
    assert "these are missing: seats" in missing.text
    assert 'selected value="company"' in missing.text, "what was chosen stays"
    assert only().mapping is None


def test_a_mapping_that_lacks_a_column_leads_back_to_the_columns(desk: FlaskClient) -> None:
    where = uploaded(desk, "a,b", head="One,Two")
    answer = desk.get(where)
    assert answer.status_code == 302
    assert answer.location.endswith("/columns")


@pytest.mark.parametrize(
    ("content", "english", "chinese"),
    [
        (b"", "The file is empty.", "文件为空"),
        (b"PK\x03\x04xlsx", "spreadsheet workbook", "工作簿"),
        (b"%PDF-1.7 ...", "no text file", "不是"),
        (b"\x89PNG\r\n\x1a\n\xff\xff", "no text file", "不是"),
        (b'"never closed', "never closes", "引号"),
    ],
)
def test_what_is_no_csv_is_refused_in_both_languages(
    desk: FlaskClient, tmp_path: Path, content: bytes, english: str, chinese: str
) -> None:
    answer = upload(desk, content)
    assert answer.status_code == 422
    assert english in answer.text
    with transaction() as db:
        db.execute(update(Person).values(language="zh_Hans_CN"))
    assert chinese in upload(desk, content).text
    assert not list((tmp_path / "uploads").glob("*")), "nothing stays on the disk"


def test_no_file_at_all(desk: FlaskClient) -> None:
    assert "Choose a file." in post_form(desk, "/desk/imports").text


class Endless(io.RawIOBase):
    """A body that claims 2 GB, and tells how much of it was read."""

    def __init__(self) -> None:
        self.read_bytes = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.read_bytes += len(buffer)
        buffer[:] = b"x" * len(buffer)
        return len(buffer)


def sent(client: FlaskClient, body: Endless, **environ: Any) -> TestResponse:
    given = {"wsgi.input": body, "CONTENT_TYPE": "multipart/form-data; boundary=b", **environ}
    return client.open("/desk/imports", method="POST", environ_overrides=given)


def test_two_gigabytes_are_refused_before_they_are_read(desk: FlaskClient) -> None:
    body = Endless()
    answer = sent(desk, body, CONTENT_LENGTH="2000000000")
    assert answer.status_code == 413
    assert f"more than {MAX_BYTES // 1_000_000} MB" in answer.text
    assert "Split it" in answer.text
    assert body.read_bytes == 0


def test_a_body_without_a_length_is_cut_off_at_the_limit(desk: FlaskClient, tmp_path: Path) -> None:
    body = Endless()
    answer = sent(desk, body, **{"wsgi.input_terminated": True})
    assert answer.status_code == 413
    assert body.read_bytes < MAX_BYTES + 10_000_000
    assert not (tmp_path / "uploads").exists()


def test_other_pages_take_no_more_than_before(desk: FlaskClient) -> None:
    answer = post_form(desk, "/desk/companies/new", name="x" * 1_100_000)
    assert answer.status_code == 413


def test_strangers_are_sent_away_before_their_file_is_read(app: Flask, client: FlaskClient) -> None:
    body = Endless()
    answer = sent(client, body, CONTENT_LENGTH="50000000")
    assert answer.status_code == 302
    assert body.read_bytes == 0


def test_refused_rows_come_back_with_their_cells_and_cannot_run_as_formulas(desk: FlaskClient) -> None:
    evil = "=HYPERLINK(1)"
    where = uploaded(
        desk, line(), line(contract_number="CT-2", company=evil), '"a"b,c',
        line(contract_number="CT-4", seats="0"), line(contract_number="CT-4", product="backup"),
    )  # fmt: skip
    post_form(desk, f"{where}/run", do="import")
    jobs.run_due()
    answer = desk.get(f"{where}/refused.csv")
    head, *rows = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert head == [*HEAD.split(","), "Row", "Reason"]
    assert [row[-2] for row in rows] == ["3", "4", "5", "6"]
    assert rows[0][head.index("company")] == f"'{evil}"
    assert "spreadsheet would run as a formula" in rows[0][-1]
    assert rows[1][:-2] == [""] * (len(head) - 2)
    assert "Row 5 of the same contract was refused" in rows[3][-1]
    assert get(desk, where).count('data-row="refused:') == 4
    mended = uploaded(desk, *(",".join(row[:-2]).replace(",0,", ",7,") for row in rows[2:]))
    post_form(desk, f"{mended}/run", do="import")
    jobs.run_due()
    assert count(Contract) == 2


def test_many_refused_rows_are_told_page_by_page(desk: FlaskClient) -> None:
    where = uploaded(desk, *[line(contract_number=f"CT-{n}", seats="0") for n in range(120)])
    post_form(desk, f"{where}/run", do="try")
    jobs.run_due()
    seen, address = [], where
    while address:
        page = get(desk, address)
        seen += [part.partition('"')[0] for part in page.split('data-row="refused:')[1:]]
        onward = page.partition("‹ First")[2].partition('href="')[2].partition('"')[0]
        address = onward if "from=" in onward else ""
    assert seen == [str(row) for row in range(2, 122)]
    assert get(desk, f"{where}?from=7")
    assert get(desk, f"{where}?from=99999999")


def test_all_or_nothing_keeps_nothing_and_says_so(desk: FlaskClient) -> None:
    where = uploaded(desk, line(), line(contract_number="CT-2", product="unknown"))
    post_form(desk, f"{where}/run", do="import", all_or_nothing="1")
    jobs.run_due()
    assert "Nothing was kept, since some rows were refused" in get(desk, where)
    assert (count(Contract), only().state, only().kept) == (0, RunState.CHECKED, 0)


def test_one_that_waits_is_stopped_and_may_be_run_again(desk: FlaskClient) -> None:
    where = uploaded(desk, line())
    post_form(desk, f"{where}/run", do="import")
    post_form(desk, f"{where}/stop")
    jobs.run_due()
    assert "The import was stopped" in get(desk, where)
    assert count(Contract) == 0
    post_form(desk, f"{where}/run", do="import")
    jobs.run_due()
    assert count(Contract) == 1


def test_a_file_goes_after_its_time_and_its_story_stays(desk: FlaskClient, tmp_path: Path) -> None:
    where = uploaded(desk, line(seats="0"))
    post_form(desk, f"{where}/run", do="try")
    jobs.run_due()
    with time_machine.travel(NOW + timedelta(days=29)):
        import_jobs.remove_old_files()
    assert list((tmp_path / "uploads").iterdir())
    with time_machine.travel(NOW + timedelta(days=31)):
        import_jobs.remove_old_files()
    assert not list((tmp_path / "uploads").iterdir())
    assert "The file was removed" in get(desk, where)
    assert desk.get(f"{where}/refused.csv").status_code == 404
    assert desk.get(f"{where}/columns").status_code == 404
    post_form(desk, f"{where}/run", do="import")
    assert only().state is RunState.CHECKED


def test_nobody_s_import(desk: FlaskClient) -> None:
    for part in ("", "/columns", "/refused.csv"):
        assert desk.get(f"/desk/imports/999{part}").status_code == 404
    assert post_form(desk, "/desk/imports/999/stop").status_code == 404
