"""`flask --app wsgi …`: the commands of those who install and run the portal."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from email_validator import EmailNotValidError, validate_email
from flask import Flask, current_app
from flask.cli import AppGroup

from migrations import steps
from payments.errors import GatewayError
from portal import demo
from portal.accounts import actions as accounts
from portal.accounts import matrix
from portal.accounts.errors import EmailTaken
from portal.accounts.signin.demo import PASSWORD
from portal.audit import chain
from portal.checkout import flows as checkout
from portal.checkout import selfcheck
from portal.contracts import imports
from portal.contracts import words as contract_words
from portal.contracts.imports.bars import Bars
from portal.kit import clock, install, jobs
from portal.kit.db import database, reading, transaction
from portal.kit.settings import ROOT, Mode, Settings
from portal.pricing import agreements

MATRIX_FILE = ROOT / "docs" / "access-matrix.md"

LEFT_OUT = {
    demo.LeftOut.NO_EMULATOR: "No Stripe emulator is set (STRIPE_API_BASE): the demo's orders wait for payment.",
    demo.LeftOut.AWAY: "Stripe's emulator did not answer: some of the demo's orders wait for payment.",
    demo.LeftOut.OTHER_PAGE: "This emulator's payment page has another form: the demo's orders wait for payment.",
}

jobs_group = AppGroup("jobs", help="Background work.")
audit_group = AppGroup("audit", help="The audit trail.")


def init_app(app: Flask) -> None:
    """Add our commands to `flask`."""
    ours = (
        create_admin,
        import_contracts,
        import_agreements,
        seed_demo,
        self_check,
        reconcile,
        access_matrix,
        migrate,
        jobs_group,
        audit_group,
    )
    for command in ours:
        app.cli.add_command(command)


def prepare_database(settings: Settings) -> None:
    """Bring the schema up to date and note in which mode this database is run. Raises SettingsError when demo
    would play with a production database."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with database.engine.begin() as connection:
        steps.upgrade(connection)
    with transaction() as db:
        install.enter(db, settings.mode, clock.now())


@click.command("migrate")
def migrate() -> None:
    """Bring the database's schema up to date."""
    prepare_database(current_app.extensions["settings"])
    click.echo("The database is up to date.")


@click.command("create-admin")
@click.argument("email")
@click.option("--name", prompt=True, help="The administrator's name.")
def create_admin(email: str, name: str) -> None:
    """Make the first administrator; a mail with a link to set the password goes to EMAIL."""
    try:
        email = validate_email(email, check_deliverability=False).normalized.lower()
        with transaction() as db:
            accounts.create_admin(db, email, name, clock.now())
    except EmailNotValidError as error:
        raise click.ClickException(f"{email} is no e-mail address: {error}") from None
    except EmailTaken:
        raise click.ClickException(f"{email} belongs to somebody already; choose another address.") from None
    click.echo(f"An invitation is on its way to {email}.")


@contextmanager
def _why_unreadable(file: Path) -> Iterator[None]:
    """A file that cannot be used ends the command with the reason."""
    try:
        yield
    except OSError as error:
        raise click.ClickException(f"{error.filename or file} cannot be read: {error.strerror}.") from None
    except imports.ImportUnreadable as refusal:
        raise click.ClickException(str(contract_words.file_problem(refusal))) from None


@click.command("import-contracts")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Read and check, keep nothing.")
@click.option("--all-or-nothing", is_flag=True, help="Keep nothing when any row is refused.")
@click.option(
    "--map", "map_file", type=click.Path(path_type=Path), help="A file that says which header is which column."
)
def import_contracts(file: Path, dry_run: bool, all_or_nothing: bool, map_file: Path | None) -> None:
    """Import contracts from a CSV FILE (UTF-8 or GBK). Exit code 0: all kept; 2: some refused; 1: failed."""
    with _why_unreadable(file), Bars() as watch:
        result = imports.run(
            file, by="command line", at=clock.now(), mapping=_mapping(map_file), dry_run=dry_run,
            all_or_nothing=all_or_nothing, watch=watch,
        )  # fmt: skip
    for line in imports.report(result):
        click.echo(line)
    sys.exit(result.exit_code)


def _mapping(map_file: Path | None) -> dict[str, str] | None:
    try:
        return imports.mapping_in(map_file.read_text(encoding="utf-8-sig")) if map_file else None
    except UnicodeDecodeError:
        raise click.ClickException(f"{map_file} is no text in UTF-8.") from None


@click.command("import-agreements")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Read and check, keep nothing.")
def import_agreements(file: Path, dry_run: bool) -> None:
    """Import what contracts agreed about their next price from a CSV FILE (UTF-8 or GBK). Exit code 0: all kept;
    2: some refused; 1: failed."""

    def tell(done: int, whole: int) -> None:
        if sys.stderr.isatty():
            click.echo(f"\r{done} of {whole} rows", nl=done == whole, err=True)

    with _why_unreadable(file):
        result = agreements.run(file, by="command line", at=clock.now(), dry_run=dry_run, tell=tell)
    for line in agreements.report(result):
        click.echo(line)
    sys.exit(result.exit_code)


@click.command("seed-demo")
def seed_demo() -> None:
    """Fill an empty database with the demo companies, people, contracts and orders."""
    settings: Settings = current_app.extensions["settings"]
    if settings.mode is Mode.PRODUCTION:
        raise click.ClickException("Demo data is not for production.")
    filled = demo.seed_if_empty()
    if filled is None:
        raise click.ClickException("This database is not empty; demo data is only for an empty one.")
    if filled.left_out:
        click.echo(LEFT_OUT[filled.left_out])
    click.echo(f"Demo data is in place. The password of all demo people is {PASSWORD}")


@click.command("selfcheck")
def self_check() -> None:
    """Check the money's invariants; one line for each break, exit code 1 if there is any."""
    with reading() as db:
        breaks = selfcheck.run(db)
    for line in breaks:
        click.echo(line)
    if breaks:
        sys.exit(1)
    click.echo("All invariants hold.")


@click.command("reconcile")
def reconcile() -> None:
    """Hold the provider's payments against ours, both ways; exit code 1 if they differ."""
    try:
        standing = checkout.compare()
    except GatewayError as error:
        raise click.ClickException("The provider cannot be asked; nothing was compared.") from error
    if standing:
        click.echo(f"{standing} payments differ; see /finance/exceptions.")
        sys.exit(1)
    click.echo("The provider and our books agree.")


@click.command("access-matrix")
@click.option("--write", is_flag=True, help="Write docs/access-matrix.md instead of printing.")
def access_matrix(write: bool) -> None:
    """Each route × role as a table."""
    text = matrix.table(current_app)
    if write:
        MATRIX_FILE.write_text(text, encoding="utf-8")
    else:
        click.echo(text)


@audit_group.command("verify")
def audit_verify() -> None:
    """Look for edits, deletions and a cut-off end; one line for each, exit code 1 if there is any."""
    breaks, summary = chain.verify()
    for line in breaks:
        click.echo(line)
    click.echo(summary)
    if breaks:
        sys.exit(1)


@jobs_group.command("run-due")
def run_due() -> None:
    """Do all background work that is due now, then end."""
    click.echo(f"{jobs.run_due()} pieces of work done.")


@jobs_group.command("work")
def work() -> None:
    """Be a worker process: do background work until stopped."""
    worker = jobs.Worker(current_app._get_current_object())  # type: ignore[attr-defined]
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: worker.ask_to_stop())
    worker.run_here()
