"""What a report needs to know of a post: all that was kept of it, and never its media."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from bot.model import MediaRef, MessageId, Post
from bot.store import posts
from bot.store import tables as t
from bot.store.alerts import rank
from bot.store.casework import Finding
from bot.store.tx import Tx
from matcher import PDQ, unpack_seen

_ALBUM_REACH = 9
"""Telegram gives the items of an album, ten at most, numbers that follow one another."""


@dataclass(frozen=True)
class Shown:
    """A match of the finding: which file of the post, and how alike."""

    kind: str
    band: str
    distance: int
    view: str
    orientation: str
    still: str
    at: int
    until: int


@dataclass(frozen=True)
class Evidence:
    """`files` are those of the post, by Telegram's ids; `album` are the other messages of its album."""

    post: Post
    files: Sequence[MediaRef]
    album: Sequence[MessageId]
    shown: Sequence[Shown]
    posted_hash: str | None
    """PDQ of what was posted, of the first picture or frame as a whole, in hexadecimal; None where it is not kept."""


async def of(tx: Tx, finding: Finding) -> Evidence:
    stored = await posts.post(tx, finding.post_id)
    assert stored is not None
    rows = await tx.all(select(t.matches).where(t.matches.c.finding_id == finding.id))
    matches = sorted(rows, key=lambda row: (rank(row.band), row.distance))
    return Evidence(
        post=stored.post,
        files=stored.post.media,
        album=await _album(tx, finding, stored.post),
        shown=[
            Shown(
                row.kind,
                row.band,
                row.distance,
                row.view,
                row.orientation,
                row.still,
                row.at,
                row.until,
            )
            for row in matches
        ],
        posted_hash=await _posted_hash(tx, matches[0].media_id) if matches else None,
    )


async def _posted_hash(tx: Tx, media_id: int) -> str | None:
    sealed = await tx.scalar(select(t.media.c.fingerprints).where(t.media.c.id == media_id))
    if sealed is None:
        return None
    try:
        views = unpack_seen(tx.cipher.open(posts.FINGERPRINTS, sealed)).stills[0].views
    except ValueError:
        return None
    first = next((view for view in views if view.kind == PDQ), None)
    return first.bits.hex() if first is not None and first.name == "whole" else None


async def _album(tx: Tx, finding: Finding, post: Post) -> list[MessageId]:
    if post.album_id is None:
        return []
    number = post.place.message_id
    rows = await tx.all(
        select(t.posts.c.message_id, t.posts.c.post)
        .where(
            t.posts.c.channel_id == finding.channel_id,
            t.posts.c.message_id.between(number - _ALBUM_REACH, number + _ALBUM_REACH),
            t.posts.c.message_id != number,
            t.posts.c.post.is_not(None),
        )
        .order_by(t.posts.c.message_id)
    )
    return [MessageId(row.message_id) for row in rows if posts.opened(tx, row.post).album_id == post.album_id]
