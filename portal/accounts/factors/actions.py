"""Add, use and remove what people sign in with."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from portal.accounts import rules as accounts
from portal.accounts.actions import people
from portal.accounts.factors import queries, rules
from portal.accounts.factors.models import Authenticator, Passkey, RecoveryCode, SignInCode, UsedChallenge
from portal.audit import actions as audit
from portal.kit import outbox, sealing
from portal.kit.settings import Settings

FACTOR_MAIL = "accounts.factor_mail"
TOKEN_BYTES = 32


def add_app(db: Session, settings: Settings, person_id: int, secret: bytes, typed: str, at: datetime) -> bool:
    """Put an authenticator app in force, once a first code of it was typed; False when the code is wrong, or the
    person has an app already."""
    step = rules.taken_step(secret, typed, at, None)
    if step is None:
        return False
    insert = sqlite.insert if db.get_bind().dialect.name == "sqlite" else postgresql.insert
    row = insert(Authenticator).values(
        person_id=person_id, secret=sealing.seal(settings, secret), created_at=at, last_step=step
    )
    if db.scalar(row.on_conflict_do_nothing().returning(Authenticator.person_id)) is None:
        return False
    _changed(db, person_id, "app_added", at)
    return True


def use_app(db: Session, settings: Settings, person_id: int, typed: str, at: datetime) -> bool:
    """Take a code of the person's app. Each works once: of two who send the same at once, one gets in."""
    row = db.get(Authenticator, person_id)
    secret = sealing.unseal(settings, row.secret) if row else None
    step = rules.taken_step(secret, typed, at, row.last_step) if row and secret else None
    if step is None:
        return False
    mine = update(Authenticator).where(Authenticator.person_id == person_id, Authenticator.last_step < step)
    return db.execute(mine.values(last_step=step).returning(Authenticator.person_id)).scalar() is not None


def remove_app(db: Session, person_id: int, at: datetime) -> bool:
    """Forget the person's app; False when there is none."""
    gone = delete(Authenticator).where(Authenticator.person_id == person_id).returning(Authenticator.person_id)
    if db.execute(gone).scalar() is None:
        return False
    _forget_idle_codes(db, person_id)
    _changed(db, person_id, "app_removed", at)
    return True


def add_passkey(
    db: Session, person_id: int, credential_id: bytes, public_key: bytes, sign_count: int, name: str, at: datetime
) -> None:
    """Keep the public half of a passkey that was just made. A key that we know already is not taken twice."""
    db.add(
        Passkey(
            person_id=person_id, credential_id=credential_id, public_key=public_key, sign_count=sign_count,
            name=name, created_at=at, used_at=None,
        )
    )  # fmt: skip
    db.flush()
    _changed(db, person_id, "passkey_added", at)


def use_passkey(db: Session, passkey_id: int, challenge: bytes, sign_count: int, at: datetime) -> bool:
    """Note that the passkey answered `challenge`; False when that answer was given before."""
    insert = sqlite.insert if db.get_bind().dialect.name == "sqlite" else postgresql.insert
    row = insert(UsedChallenge).values(challenge_hash=accounts.hash_of(challenge.hex()), used_at=at)
    if db.scalar(row.on_conflict_do_nothing().returning(UsedChallenge.challenge_hash)) is None:
        return False
    db.execute(update(Passkey).where(Passkey.id == passkey_id).values(sign_count=sign_count, used_at=at))
    return True


def remove_passkey(db: Session, person_id: int, passkey_id: int, at: datetime) -> bool:
    """Forget one of a person's passkeys; False when it is not theirs."""
    gone = delete(Passkey).where(Passkey.id == passkey_id, Passkey.person_id == person_id).returning(Passkey.id)
    if db.execute(gone).scalar() is None:
        return False
    _forget_idle_codes(db, person_id)
    _changed(db, person_id, "passkey_removed", at)
    return True


def new_recovery_codes(db: Session, person_id: int, at: datetime) -> list[str]:
    """Codes to keep on paper, instead of all there were before. Told once: only their hashes are kept."""
    codes = [rules.recovery_code(secrets.token_bytes(16)) for _number in range(rules.RECOVERY_CODES)]
    db.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    db.add_all(
        RecoveryCode(person_id=person_id, code_hash=_recovery_hash(person_id, code), created_at=at, used_at=None)
        for code in codes
    )
    audit.note(db, f"person:{person_id}", "person.recovery_codes_made", f"person:{person_id}", at)
    return codes


def use_recovery_code(db: Session, person_id: int, typed: str, at: datetime) -> bool:
    """Use up one of the person's recovery codes."""
    code = rules.recovery_text(typed)
    if code is None:
        return False
    taken = db.execute(
        update(RecoveryCode)
        .where(RecoveryCode.code_hash == _recovery_hash(person_id, code), RecoveryCode.used_at.is_(None))
        .values(used_at=at)
        .returning(RecoveryCode.id)
    ).scalar()
    if taken is None:
        return False
    _changed(db, person_id, "recovery_code_used", at)
    return True


def reset_factors(db: Session, person_id: int, by: str, at: datetime) -> bool:
    """Take all of a person's second factors away, for somebody who lost them; False when there were none."""
    lost = 0
    for table in (Passkey, Authenticator, RecoveryCode):
        gone = delete(table).where(table.person_id == person_id).returning(table.person_id)
        lost += len(db.execute(gone).all())
    if not lost:
        return False
    _changed(db, person_id, "factors_reset", at, by)
    return True


def ask_for_code(db: Session, email: str, browser: str, at: datetime) -> None:
    """Ask for a mail with a code and a link, if somebody has this address. Nobody looks that up here, so that an
    unknown address takes the same way and the same time. `browser` is the asking browser's secret."""
    facts = {"email": email.strip().lower(), "browser": accounts.hash_of(browser)}
    outbox.later(db, people.CODE_MAIL, f"code:{secrets.token_hex(8)}", "1", facts, at)


def make_code(
    db: Session, settings: Settings, person_id: int, browser_hash: str, at: datetime
) -> tuple[str, str, datetime]:
    """A code and a link's token, which only their mail may hold, and until when they work."""
    code = "".join(str(secrets.randbelow(10)) for _digit in range(rules.MAIL_DIGITS))
    token = secrets.token_urlsafe(TOKEN_BYTES)
    expires_at = at + rules.MAIL_LIFETIME
    db.add(
        SignInCode(
            person_id=person_id, browser_hash=browser_hash, code_mac=_code_mac(settings, browser_hash, code),
            token_hash=accounts.hash_of(token), tries=0, created_at=at, expires_at=expires_at, used_at=None,
        )
    )  # fmt: skip
    return code, token, expires_at


def use_code(db: Session, settings: Settings, browser: str, typed: str, at: datetime) -> int | None:
    """Take a mailed code in the browser that asked for it; returns whose it is. Each wrong try counts."""
    row = queries.open_code(db, browser, at)
    if row is None:
        return None
    good = row.code_mac == _code_mac(settings, row.browser_hash, rules.digits_of(typed))
    # One statement decides, so that many tries at once are counted one by one.
    mine = update(SignInCode).where(
        SignInCode.id == row.id, SignInCode.used_at.is_(None), SignInCode.tries < rules.MAIL_TRIES
    )
    change = {"used_at": at} if good else {"tries": SignInCode.tries + 1}
    taken = db.execute(mine.values(change).returning(SignInCode.person_id)).scalar()
    return taken if good else None


def use_link(db: Session, token: str, browser: str, at: datetime) -> int | None:
    """Take a mailed link in the browser that asked for it; returns whose it is."""
    return db.execute(
        update(SignInCode)
        .where(
            SignInCode.token_hash == accounts.hash_of(token),
            SignInCode.browser_hash == accounts.hash_of(browser),
            SignInCode.used_at.is_(None),
            SignInCode.expires_at > at,
        )
        .values(used_at=at)
        .returning(SignInCode.person_id)
    ).scalar()


def forget_codes(db: Session, at: datetime) -> int:
    """Delete up to FORGET_AT_ONCE mailed codes that were over long ago; returns how many."""
    old = select(SignInCode.id).where(SignInCode.expires_at < at - rules.KEPT).limit(accounts.FORGET_AT_ONCE)
    return len(db.execute(delete(SignInCode).where(SignInCode.id.in_(old)).returning(SignInCode.id)).all())


def forget_challenges(db: Session, at: datetime) -> int:
    """Delete up to FORGET_AT_ONCE used challenges that are too old to be sent again; returns how many."""
    key = UsedChallenge.challenge_hash
    old = select(key).where(UsedChallenge.used_at < at - rules.KEPT).limit(accounts.FORGET_AT_ONCE)
    return len(db.execute(delete(UsedChallenge).where(key.in_(old)).returning(key)).all())


def _forget_idle_codes(db: Session, person_id: int) -> None:
    """Recovery codes go with the last factor: the next first one brings new ones, which its owner has at hand."""
    if not queries.of_person(db, person_id).any:
        db.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))


def _changed(db: Session, person_id: int, what: str, at: datetime, by: str | None = None) -> None:
    """Note it, and have the person told by mail: whoever did it may not be they."""
    person = f"person:{person_id}"
    audit.note(db, by or person, f"person.{what}", person, at)
    outbox.later(
        db, FACTOR_MAIL, person, f"{what}:{secrets.token_hex(8)}", {"what": what, "at": at.isoformat()}, at
    )


def _recovery_hash(person_id: int, code: str) -> str:
    return accounts.hash_of(f"{person_id} {code}")


def _code_mac(settings: Settings, browser_hash: str, code: str) -> str:
    return sealing.mac(settings, f"{browser_hash} {code}")
