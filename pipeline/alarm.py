"""Tell an operator that a source has become ill or well: a log line always, a webhook and an e-mail by configuration."""

import json
import smtplib
import sys
import urllib.request
from collections.abc import Sequence
from dataclasses import asdict
from email.message import EmailMessage
from urllib.parse import urlsplit

from pipeline.config import Alarm
from pipeline.health.judge import Change

TIMEOUT_SECONDS = 15.0


def tell(changes: Sequence[Change], settings: Alarm) -> list[str]:
    """Send what changed, if anything did; what could not be sent comes back in words and costs the run nothing."""
    told = [change for change in changes if change.alarms or change.before in ("degraded", "broken", "blocked")]
    for change in told:
        sys.stderr.write(f"{describe(change)}\n")
    if not told:
        return []
    failures = []
    for wanted, send in ((settings.webhook, _post), (settings.email_to, _mail)):
        if wanted:
            try:
                send(told, settings)
            except (OSError, smtplib.SMTPException, ValueError) as error:
                failures.append(f"alarm could not be sent to {wanted}: {error}")
    return failures


def describe(change: Change) -> str:
    """One line for a log: level, source, state before and now, since when, reason."""
    level = "ALARM" if change.alarms else "WELL"
    since = change.since.isoformat(timespec="minutes")
    states = f"state={change.state} before={change.before or 'new'}"
    return f"{level} source={change.source} {states} since={since} reason={change.reason!r}"


def _post(changes: Sequence[Change], settings: Alarm) -> None:
    if urlsplit(settings.webhook).scheme not in ("http", "https"):
        raise ValueError("webhook must be an http or https address")
    rows = [asdict(change) | {"since": change.since.isoformat(), "alarms": change.alarms} for change in changes]
    # `text` is what chat servers show; the rest is for programs.
    body = json.dumps({"text": "\n".join(map(describe, changes)), "changes": rows}, ensure_ascii=False).encode()
    request = urllib.request.Request(settings.webhook, body, {"Content-Type": "application/json"})  # noqa: S310  checked above
    with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS):  # noqa: S310  checked above
        pass


def _mail(changes: Sequence[Change], settings: Alarm) -> None:
    message = EmailMessage()
    alarms = sum(change.alarms for change in changes)
    ill = "1 source needs" if alarms == 1 else f"{alarms} sources need"
    message["Subject"] = f"xabar: {ill} a look" if alarms else "xabar: sources are well again"
    message["From"], message["To"] = settings.email_from or settings.email_to, settings.email_to
    message.set_content("\n".join(map(describe, changes)) + "\n\n'xabar status' shows every source.\n")
    with smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=TIMEOUT_SECONDS) as server:
        server.send_message(message)
