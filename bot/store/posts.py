"""Posts of watched channels and their media: ids, names and fingerprints, never a picture or a caption."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Row, exists, func, select, update

from bot.model import (
    ChannelId,
    ChatKind,
    MediaId,
    MediaRef,
    MediaState,
    MessageId,
    Place,
    Post,
    PostId,
)
from bot.store import channels
from bot.store.queue import BURIED
from bot.store.tables import findings, work
from bot.store.tables import media as media_table
from bot.store.tables import posts as posts_table
from bot.store.tx import Tx

_POST = "posts.post"
_FILE = "media.file"
_FILE_KEY = "media.file_key"
FINGERPRINTS = "media.fingerprints"
PARTLY = "partly"
"""The reason of media that were fingerprinted, but not all of what is in them."""
NOT_FETCHED = frozenset({"too_large_to_download", "file_gone", "not_downloadable", "download_failed"})
"""The reasons of media whose file could not be had."""
_POST_JSON = TypeAdapter(Post)
_FILE_JSON = TypeAdapter(MediaRef)


@dataclass(frozen=True)
class StoredPost:
    """A post as it was seen. Once forgotten, only where and when it was posted is left."""

    id: PostId
    channel_id: ChannelId
    post: Post
    seen_at: datetime


@dataclass(frozen=True)
class MediaRow:
    """`ref` is gone once the post is forgotten."""

    id: MediaId
    post_id: PostId
    ref: MediaRef | None
    state: MediaState


async def add(
    tx: Tx, channel_id: ChannelId, post: Post, *, now: datetime, by_account: bool = False
) -> tuple[PostId, list[MediaId]]:
    """Store a post, or what is new in a repeat or an edit of it. Returns its id and the media to be scanned.

    Media that Telegram gives no file for are stored as not inspectable, and not returned. `by_account`: the files are for
    an account to fetch, which is tried also where it failed before: the bot gets no large ones, say.
    """
    posts = posts_table
    post_id: int | None = await tx.scalar(
        tx.insert(posts)
        .values(
            channel_id=channel_id,
            message_id=post.place.message_id,
            post=_sealed(tx, post),
            posted_at=post.posted_at,
            edited_at=post.edited_at,
            seen_at=now,
        )
        .on_conflict_do_nothing(index_elements=["channel_id", "message_id"])
        .returning(posts.c.id)
    )
    if post_id is not None:
        return PostId(post_id), await _add_media(tx, post_id, post.media, by_account)
    known = await tx.first(
        select(posts.c.id, posts.c.post, posts.c.posted_at, posts.c.edited_at)
        .where(posts.c.channel_id == channel_id, posts.c.message_id == post.place.message_id)
        .with_for_update()
    )
    assert known is not None
    new_media = await _add_media(tx, known.id, post.media, by_account)
    at, known_at = post.edited_at or post.posted_at, known.edited_at or known.posted_at
    if (at > known_at and known.post is not None) or (at >= known_at and new_media):
        # What was forgotten stays forgotten, unless there is something new to look at. And a repeat changes nothing: of
        # a post that is read back, an account may see less than the bot did.
        await tx.execute(
            update(posts)
            .where(posts.c.id == known.id)
            .values(post=_sealed(tx, post), edited_at=post.edited_at)
        )
    return PostId(known.id), new_media


async def post(tx: Tx, post_id: PostId) -> StoredPost | None:
    row = await tx.first(select(posts_table).where(posts_table.c.id == post_id))
    if row is None:
        return None
    files = await tx.all(
        select(media_table.c.file)
        .where(media_table.c.post_id == post_id, media_table.c.file.is_not(None))
        .order_by(media_table.c.id)
    )
    refs = tuple(_FILE_JSON.validate_json(tx.cipher.open(_FILE, file.file)) for file in files)
    if row.post is None:
        kept = await _what_is_left(tx, row)
    else:
        kept = opened(tx, row.post)
    return StoredPost(
        id=PostId(row.id),
        channel_id=ChannelId(row.channel_id),
        post=replace(kept, media=refs),
        seen_at=row.seen_at,
    )


async def media(tx: Tx, media_id: MediaId) -> MediaRow | None:
    row = await tx.first(select(media_table).where(media_table.c.id == media_id))
    if row is None:
        return None
    return MediaRow(
        id=MediaId(row.id),
        post_id=PostId(row.post_id),
        ref=None if row.file is None else _FILE_JSON.validate_json(tx.cipher.open(_FILE, row.file)),
        state=MediaState(row.state),
    )


async def scanned(
    tx: Tx,
    media_id: MediaId,
    *,
    fingerprints: bytes | None,
    left_out: bool = False,
    now: datetime,
) -> None:
    """The media was fingerprinted; `fingerprints` (see `matcher.pack_seen`) are kept for look-back.

    `left_out`: not all of it could be.
    """
    await _ended(
        tx,
        media_id,
        state=MediaState.SCANNED.value,
        fingerprints=tx.cipher.seal(FINGERPRINTS, fingerprints) if fingerprints else None,
        reason=PARTLY if left_out else None,
        scanned_at=now,
    )


async def forget_fingerprints(tx: Tx, *, before: datetime, limit: int) -> int:
    """Delete what is kept of at most so many media that were scanned before; returns of how many."""
    old = (
        select(media_table.c.id)
        .where(media_table.c.scanned_at < before, media_table.c.fingerprints.is_not(None))
        .order_by(media_table.c.scanned_at)
        .limit(limit)
    )
    result = await tx.execute(update(media_table).where(media_table.c.id.in_(old)).values(fingerprints=None))
    return result.rowcount


async def failed(
    tx: Tx, media_id: MediaId, reason: str, now: datetime, *, fingerprints: bytes | None = None
) -> None:
    """The media could not be fingerprinted, or not to its end; `reason` is a code. `fingerprints` as in `scanned`."""
    kept = {"fingerprints": tx.cipher.seal(FINGERPRINTS, fingerprints)} if fingerprints else {}
    await _ended(tx, media_id, state=MediaState.FAILED.value, reason=reason, scanned_at=now, **kept)


async def troubles(tx: Tx, since: datetime) -> dict[str, int]:
    """How many media scanned since then could not be fingerprinted, or only in part, by the reason; most first."""
    number = func.count().label("number")
    rows = await tx.all(
        select(media_table.c.reason, number)
        .where(media_table.c.scanned_at >= since, media_table.c.reason.is_not(None))
        .group_by(media_table.c.reason)
        .order_by(number.desc(), media_table.c.reason)
    )
    return {row.reason: row.number for row in rows}


async def forget(tx: Tx, post_id: PostId) -> bool:
    """Delete names, origin and file ids of a post that nothing was found in. False while they are still needed.

    They are while media wait, or were given up after many tries: an admin may have those tried again.
    """
    posts = posts_table
    # Two media of one post may end at the same time: the later one must see what the earlier one did.
    await tx.execute(select(posts.c.id).where(posts.c.id == post_id).with_for_update())
    is_needed = await tx.scalar(
        select(
            exists().where(media_table.c.post_id == post_id, media_table.c.state == MediaState.WAITING.value)
            | exists().where(
                media_table.c.post_id == post_id, work.c.media_id == media_table.c.id, work.c.state == BURIED
            )
            | exists().where(findings.c.post_id == post_id)
        )
    )
    if is_needed:
        return False
    await tx.execute(update(posts).where(posts.c.id == post_id).values(post=None))
    await tx.execute(update(media_table).where(media_table.c.post_id == post_id).values(file=None))
    return True


def opened(tx: Tx, sealed: bytes) -> Post:
    """The details of a post, without its media."""
    return _POST_JSON.validate_json(tx.cipher.open(_POST, sealed))


async def _add_media(tx: Tx, post_id: int, refs: Sequence[MediaRef], by_account: bool) -> list[MediaId]:
    new = []
    for ref in refs:
        state = MediaState.WAITING if ref.inspectable else MediaState.NOT_INSPECTABLE
        file_key = tx.cipher.digest(_FILE_KEY, ref.file_unique_id)
        file = tx.cipher.seal(_FILE, _FILE_JSON.dump_json(ref))
        media_id = await tx.scalar(
            tx.insert(media_table)
            .values(post_id=post_id, file_key=file_key, file=file, state=state.value)
            .on_conflict_do_nothing(index_elements=["post_id", "file_key"])
            .returning(media_table.c.id)
        )
        if media_id is None and ref.inspectable and by_account:
            media_id = await tx.scalar(
                update(media_table)
                .where(
                    media_table.c.post_id == post_id,
                    media_table.c.file_key == file_key,
                    media_table.c.state == MediaState.FAILED.value,
                    media_table.c.reason.in_(NOT_FETCHED),
                )
                .values(file=file, state=MediaState.WAITING.value, reason=None, scanned_at=None)
                .returning(media_table.c.id)
            )
        if media_id is not None and ref.inspectable:
            new.append(MediaId(media_id))
    return new


async def _ended(tx: Tx, media_id: MediaId, **values: Any) -> None:
    await tx.execute(update(media_table).where(media_table.c.id == media_id).values(**values))


async def _what_is_left(tx: Tx, row: Row[Any]) -> Post:
    channel = await channels.get(tx, row.channel_id)
    assert channel is not None
    return Post(
        place=Place(channel.chat_id, MessageId(row.message_id), channel.username, channel.title),
        chat_kind=ChatKind(channel.kind),
        posted_at=row.posted_at,
        edited_at=row.edited_at,
    )


def _sealed(tx: Tx, post: Post) -> bytes:
    return tx.cipher.seal(_POST, _POST_JSON.dump_json(replace(post, media=())))
