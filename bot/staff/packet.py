"""The packet as files: a message to copy, an e-mail to send, a page to print, records, and their SHA-256 sums."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape, unescape

from bot.shown import clock
from bot.staff.reports import Packet, Value
from bot.texts import text
from matcher import PHOTO, StillKind

FORMAT = "jikimi-report/1"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_SENDERS = frozenset({"channel", "group", "supergroup", "chat", "user", "hidden_user"})
"""Kinds of whom a post is forwarded from, or in whose name it is sent."""


def subject(packet: Packet) -> str:
    key = "report-subject-minor" if packet.is_minor else "report-subject"
    return _words(packet, key, findings=_numbers(packet), organisation=packet.organisation)


def message(packet: Packet) -> str:
    """Plain text, to be copied into a form or an e-mail."""
    paragraphs = list(_statements(packet))
    posts = [
        "\n".join(
            [f"[{number}]"]
            + [f"{_label(packet, name)}: {_shown(packet, record, name)}" for name in _filled(record)]
        )
        for number, record in enumerate(packet.posts, 1)
    ]
    return "\n\n".join([*paragraphs, _words(packet, "report-posts"), *posts, *_closing(packet)])


def brief(packet: Packet) -> str:
    """As much of the message as one chat message holds: the statements, and where the posts are."""
    links = [
        str(
            record["public_link"] or record["members_link"] or f"{record['chat_id']} / {record['message_id']}"
        )
        for record in packet.posts
    ]
    return "\n\n".join([*_statements(packet), "\n".join(links), *_closing(packet)])


def page(packet: Packet) -> str:
    """HTML to be printed; nothing in it is loaded from anywhere."""
    title = escape(subject(packet))
    paragraphs = "".join(f"<p>{_lines(one)}</p>" for one in _statements(packet))
    posts = "".join(
        f"<h2>{number}. {escape(str(record['finding']))}</h2><table>"
        + "".join(
            f"<tr><th scope=row>{escape(_label(packet, name))}</th>"
            f"<td>{_lines(_shown(packet, record, name))}</td></tr>"
            for name in _filled(record)
        )
        + "</table>"
        for number, record in enumerate(packet.posts, 1)
    )
    closing = "".join(f"<p>{_lines(one)}</p>" for one in _closing(packet))
    return (
        f"<!doctype html><html lang={packet.addressee.language}><meta charset=utf-8>"
        "<meta name=viewport content='width=device-width'>"
        f"<title>{title}</title><style>{_STYLE}</style>"
        f"<h1>{title}</h1>{paragraphs}{posts}{closing}</html>\n"
    )


def records(packet: Packet) -> str:
    """JSON: `posts` has for each post the fields of `reports.record`."""
    sender = packet.sender
    return (
        json.dumps(
            {
                "format": FORMAT,
                "made_at": f"{packet.made_at:%Y-%m-%dT%H:%M:%SZ}",
                "addressee": {
                    "key": packet.addressee.key,
                    "way": packet.addressee.way,
                    "to": packet.addressee.to,
                },
                "sender": {
                    "organisation": packet.organisation,
                    "signatory": sender.signatory,
                    "email": sender.email,
                    "phone": sender.phone,
                    "address": sender.address,
                    "authority": sender.authority,
                },
                "may_show_minor": packet.is_minor,
                "statements": list(_statements(packet)),
                "posts": packet.posts,
            },
            ensure_ascii=False,
            indent=2,
        )
        + "\n"
    )


def table(packet: Packet) -> str:
    """CSV, one post a line. Cells that a spreadsheet would take for a formula begin with an apostrophe."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(packet.posts[0])
    for record in packet.posts:
        writer.writerow([_cell(value) for value in record.values()])
    return file.getvalue()


def email(packet: Packet) -> bytes:
    """A draft that mail programs open for sending."""
    draft = EmailMessage()
    draft["Subject"] = subject(packet)
    if packet.addressee.way == "email":
        draft["To"] = packet.addressee.to
    if packet.sender.email:
        draft["From"] = packet.sender.email
    draft["Date"] = format_datetime(packet.made_at)
    draft["X-Unsent"] = "1"
    draft.set_content(message(packet))
    attached = _attachments(packet)
    for name, data in (attached | {"SHA256SUMS": _sums(attached)}).items():
        draft.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    # Not a random one, so that the same packet is the same file.
    draft.set_boundary(hashlib.sha256(_sums(attached)).hexdigest())
    return draft.as_bytes()


def archive(packet: Packet) -> bytes:
    """All of it as one zip file."""
    kept = _attachments(packet) | {
        f"{packet.name}.txt": message(packet).encode(),
        f"{packet.name}.eml": email(packet),
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archived:
        for name, data in (kept | {"SHA256SUMS": _sums(kept)}).items():
            # A date of the packet's own, so that the same packet is the same file.
            entry = zipfile.ZipInfo(name, packet.made_at.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            archived.writestr(entry, data)
    return file.getvalue()


def _attachments(packet: Packet) -> dict[str, bytes]:
    return {
        f"{packet.name}.html": page(packet).encode(),
        f"{packet.name}.json": records(packet).encode(),
        # Spreadsheets take a file for UTF-8 if it begins with this mark.
        f"{packet.name}.csv": table(packet).encode("utf-8-sig"),
    }


def _sums(files: Mapping[str, bytes]) -> bytes:
    """As `sha256sum --check` reads it."""
    return "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in files.items()).encode()


def _statements(packet: Packet) -> Iterator[str]:
    if packet.is_minor:
        yield _words(packet, "report-minor")
    yield _words(packet, "report-opening", organisation=packet.organisation)
    if packet.sender.authority:
        yield _words(packet, "report-authority", authority=packet.sender.authority)
    yield _words(packet, "report-what-minor" if packet.is_minor else "report-what")
    yield _words(packet, "report-law-minor" if packet.is_minor else "report-law")
    yield _words(packet, "report-how")
    yield _words(packet, "report-request")


def _closing(packet: Packet) -> Iterator[str]:
    yield _words(packet, "report-good-faith")
    sender = packet.sender
    lines = [packet.organisation, sender.signatory, sender.email, sender.phone, sender.address]
    yield "\n".join(line for line in lines if line)


def _filled(record: Mapping[str, Value]) -> Iterator[str]:
    return (name for name, value in record.items() if value not in (None, "", []))


def _label(packet: Packet, name: str) -> str:
    return _words(packet, f"report-field-{name}")


def _shown(packet: Packet, record: Mapping[str, Value], name: str) -> str:
    """In words of the addressee's language; the records of JSON and CSV keep the program's own."""
    value = record[name]
    match name:
        case "chat_kind":
            return _words(packet, f"report-chat-{value}")
        case "forwarded_from" | "sent_as":
            kind, _, named = str(value).partition(": ")
            # Telegram may have kinds that we do not know.
            return f"{_words(packet, f'report-chat-{kind}')}: {named}" if kind in _SENDERS else str(value)
        case "view" if record["hash_kind"] == PHOTO:
            return _words(packet, f"report-photo-{value}")
        case "view":
            return _words(packet, f"alert-view-{value}")
        case "orientation":
            return _words(packet, f"alert-orientation-{value}")
        case "still":
            return _words(packet, f"report-still-{value}")
        case "state":
            return _words(packet, f"finding-state-{value}")
        case "at" | "until" if record["still"] == StillKind.FRAME and isinstance(value, int):
            return clock(value)
    if isinstance(value, bool):
        return _words(packet, "report-yes" if value else "report-no")
    if isinstance(value, list):
        return (
            "\n".join(map(str, value))
            if any(isinstance(one, str) for one in value)
            else ", ".join(map(str, value))
        )
    return str(value)


def _cell(value: Value) -> str:
    cell = "; ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
    return f"'{cell}" if isinstance(value, str | list) and cell.startswith(_FORMULA) else cell


def _numbers(packet: Packet) -> str:
    first = f"F-{packet.findings[0]}"
    return (
        first if len(packet.findings) == 1 else f"{first} … F-{packet.findings[-1]} ({len(packet.findings)})"
    )


def _lines(plain: str) -> str:
    return escape(plain).replace("\n", "<br>")


def _words(packet: Packet, key: str, /, **values: str) -> str:
    return unescape(text(packet.addressee.language, key, **values))


_STYLE = """
body { font: 11pt/1.5 "Noto Sans KR", "Apple SD Gothic Neo", "Malgun Gothic", system-ui, sans-serif;
  max-width: 46rem; margin: 2rem auto; padding: 0 1rem; color: #111; background: #fff; word-break: keep-all; overflow-wrap: anywhere }
h1 { font-size: 1.3rem } h2 { font-size: 1.05rem; margin: 1.5rem 0 .5rem; break-after: avoid }
table { border-collapse: collapse; width: 100% } tr { break-inside: avoid }
th, td { border: 1px solid #999; padding: .25rem .5rem; text-align: left; vertical-align: top }
th { width: 34%; font-weight: 600; background: #f2f2f2 }
@media print { body { margin: 0; max-width: none } }
"""
