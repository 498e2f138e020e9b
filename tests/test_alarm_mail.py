"""An alarm by e-mail, as a mail server on loopback receives it."""

import socketserver
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from pipeline.alarm import tell
from pipeline.config import Alarm, load_config
from pipeline.health.judge import Change

ILL = Change("tong", "ok", "broken", "насчёт: hech narsa yangi emas", datetime(2026, 10, 5, tzinfo=UTC))
WELL = Change("kun", "blocked", "ok", "as usual", datetime(2026, 10, 6, tzinfo=UTC))


@dataclass
class Box:
    """What a mail server was given; it refuses the recipients named `nobody`."""

    port: int = 0
    recipients: list[str] = field(default_factory=list)
    letters: list[EmailMessage] = field(default_factory=list)


@pytest.fixture
def box() -> Iterator[Box]:
    box = Box()

    class Talk(socketserver.StreamRequestHandler):
        """As much of RFC 5321 as one letter needs."""

        timeout = 30

        def handle(self) -> None:
            self.wfile.write(b"220 loopback\r\n")
            while line := self.rfile.readline():
                word = line[:4].upper()
                if word == b"RCPT":
                    box.recipients.append(line.decode().strip())
                if word == b"DATA":
                    self.wfile.write(b"354 go on\r\n")
                    box.letters.append(message_from_bytes(self._read_letter(), policy=policy.default))
                refused = word == b"RCPT" and b"nobody" in line
                self.wfile.write(b"550 no such box\r\n" if refused else b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")
                if word == b"QUIT":
                    return

        def _read_letter(self) -> bytes:
            lines = []
            while (line := self.rfile.readline()) not in (b".\r\n", b""):
                lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
            return b"".join(lines)

    with socketserver.TCPServer(("127.0.0.1", 0), Talk) as server:
        box.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield box
        server.shutdown()


def settings(box: Box, **more: str) -> Alarm:
    wanted = {"email_to": "desk@loopback.example", "email_from": "xabar@loopback.example", "smtp_host": "127.0.0.1"} | more
    return replace(load_config(None).alarm, smtp_port=box.port, **wanted)


def test_a_letter_names_every_source_that_changed_and_why(box: Box) -> None:
    assert tell([ILL, WELL], settings(box)) == []
    [letter] = box.letters
    assert (letter["To"], letter["From"]) == ("desk@loopback.example", "xabar@loopback.example")
    assert letter["Subject"] == "xabar: 1 source needs a look"
    text = letter.get_content()
    assert "ALARM source=tong state=broken before=ok since=2026-10-05T00:00+00:00" in text
    assert "насчёт: hech narsa yangi emas" in text
    assert "WELL source=kun state=ok before=blocked" in text


def test_nobody_is_written_to_when_nothing_changed(box: Box) -> None:
    assert tell([Change("uza", "", "ok", "fine", ILL.since)], settings(box)) == []
    assert box.letters == []


def test_news_of_recovery_says_so_in_the_subject(box: Box) -> None:
    assert tell([WELL], settings(box)) == []
    assert box.letters[0]["Subject"] == "xabar: sources are well again"


def test_a_letter_that_is_refused_is_said_and_costs_nothing(box: Box) -> None:
    [failure] = tell([ILL], settings(box, email_to="nobody@loopback.example"))
    assert failure.startswith("alarm could not be sent to nobody@loopback.example: ")
    assert box.letters == []


def test_a_mail_server_that_is_not_there_is_said_and_costs_nothing(box: Box) -> None:
    gone = replace(settings(box), smtp_port=1)
    [failure] = tell([ILL], gone)
    assert failure.startswith("alarm could not be sent to desk@loopback.example: ")
