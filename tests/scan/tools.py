"""Run the scanners, each in its own process, and read what they say."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl

from portal.kit.settings import ROOT

BIN: Final = ROOT / ".venv-scan" / "bin"
MODULES: Final = "sql,timesql,xss,permanentxss,exec,file,redirect,crlf,ssti,csrf,csp,cookieflags,http_headers"


@dataclass(frozen=True)
class Finding:
    """What a scanner holds against an address."""

    tool: str
    kind: str
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.tool}: {self.kind} at {self.where}: {self.what}"


def wapiti(base: str, cookies: Mapping[str, str], leave_out: Sequence[str], seconds: int) -> list[Finding]:
    """Crawl and attack everything beneath `base` as whoever has the cookies."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [
            str(BIN / "wapiti"), "-u", f"{base}/", "--scope", "domain", "-m", MODULES, "--flush-session",
            "--no-bugreport", "--max-scan-time", str(seconds), "--max-attack-time", str(max(seconds // 8, 20)),
            "--max-links-per-page", "200", "-v", "0", "-f", "json", "-o", str(report), "--store-session", folder,
            *(part for path in leave_out for part in ("-x", f"{base}{path}")),
        ]  # fmt: skip
        if cookies:
            told = "; ".join(f"{name}={value}" for name, value in cookies.items())
            command += ["-H", f"Cookie: {told}"]
        _run(command, seconds + 300, folder)
        said = json.loads(report.read_text(encoding="utf-8"))
    groups = {**said["vulnerabilities"], **said["anomalies"]}
    return [
        Finding("wapiti", kind, f"{one['method']} {one['path']}", f"{one['info']} ({one.get('parameter')})")
        for kind, every in groups.items()
        for one in every
    ]


def sqlmap(url: str, cookies: Mapping[str, str], data: str | None = None) -> list[Finding]:
    """Try every parameter of one address, or of the form that `data` fills there, but its token."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            str(BIN / "sqlmap"), "-u", url, "--batch", "--level", "2", "--risk", "1", "--flush-session",
            "--disable-coloring", "--output-dir", folder, "--timeout", "10", "--threads", "1",
        ]  # fmt: skip
        if cookies:
            command += ["--cookie", "; ".join(f"{name}={value}" for name, value in cookies.items())]
        if data is not None:
            tried = ",".join(name for name, _value in parse_qsl(data) if name != "csrf_token")
            command += ["--data", data, "-p", tried]
        said = _run(command, 600, folder)
    if "identified the following injection point" in said:
        where = said.partition("identified the following injection point")[2][:300]
        return [Finding("sqlmap", "SQL injection", url, " ".join(where.split()))]
    if "do not appear to be injectable" not in said:
        raise RuntimeError(f"sqlmap did not finish with {url}:\n{said[-2000:]}")
    return []


def pip_audit() -> list[str] | None:
    """The packages with known holes among those that we pin; None: its data could not be reached."""
    command = [str(BIN / "pip-audit"), "--strict", "--require-hashes", "--disable-pip", "-f", "json"]
    found: list[str] = []
    for name in ("requirements.txt", "requirements-dev.txt"):
        run = subprocess.run(
            [*command, "-r", str(ROOT / name)], capture_output=True, text=True, timeout=300, check=False
        )  # fmt: skip
        try:
            told = json.loads(run.stdout)["dependencies"]
        except (json.JSONDecodeError, KeyError):
            return None
        # Nothing audited is no good news.
        if not told or any("skip_reason" in each for each in told):
            return None
        found += [f"{each['name']} {each['version']}: {hole['id']}" for each in told for hole in each["vulns"]]
    return sorted(set(found))


def _run(command: Sequence[str], seconds: int, folder: str) -> str:
    apart = {"HOME": folder, "PATH": "/usr/bin:/bin"}  # no scanner leaves anything in somebody's home
    run = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False, env=apart)
    return run.stdout + run.stderr
