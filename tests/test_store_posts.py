from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select
from store_makers import CHAT, NOW, add_case, add_channel, add_post, after, bits, make_post, photo, prints_of

from bot.model import ChatId, ChatKind, MediaId, MediaState, MessageId, Origin, Place, Post, PostId
from bot.store import Store, Tx, findings, posts, tables
from bot.store.findings import MatchRow
from bot.store.posts import MediaRow, StoredPost

ORIGIN = Origin("channel", "원본 채널", Place(ChatId(-1005), MessageId(9), "origin", "원본 채널"))


async def add(tx: Tx, post: Post) -> tuple[PostId, list[MediaId]]:
    channel = await add_channel(tx)
    return await posts.add(tx, channel.id, post, now=after(5))


async def find(tx: Tx, post_id: PostId, media_id: MediaId) -> None:
    case_id = await add_case(tx, 1)
    [print_id] = await prints_of(tx, case_id)
    await findings.record(
        tx,
        case_id=case_id,
        post_id=post_id,
        media_id=media_id,
        matches=[MatchRow(print_id, "match", 0, "whole", "r0")],
        fold_after=NOW,
        now=NOW,
    )


async def secrets_left(tx: Tx) -> tuple[int, int]:
    """How many posts and media still have details."""
    return (
        len(await tx.all(select(tables.posts.c.id).where(tables.posts.c.post.is_not(None)))),
        len(await tx.all(select(tables.media.c.id).where(tables.media.c.file.is_not(None)))),
    )


async def test_a_post_comes_out_as_it_went_in(store: Store) -> None:
    comment_of = Place(ChatId(-1007), MessageId(3), title="위")
    place = Place(
        CHAT, MessageId(1), "name", "채널", thread_id=4, is_topic=True, in_album=True, comment_of=comment_of
    )
    post = Post(
        place,
        ChatKind.SUPERGROUP,
        NOW,
        after(3),
        "album",
        ORIGIN,
        media=(photo("a"), photo("b", inspectable=False)),
    )
    async with store.write() as tx:
        channel = await add_channel(tx)
        post_id, _ = await posts.add(tx, channel.id, post, now=after(5))
        assert await posts.post(tx, post_id) == StoredPost(post_id, channel.id, post, after(5))


async def test_new_media_that_can_be_inspected_wait_to_be_scanned(store: Store) -> None:
    async with store.write() as tx:
        post_id, [first, second] = await add(tx, make_post(1, photo("a"), photo("b")))
        assert await posts.media(tx, first) == MediaRow(first, post_id, photo("a"), MediaState.WAITING)
        assert await posts.media(tx, second) == MediaRow(second, post_id, photo("b"), MediaState.WAITING)


async def test_media_without_a_file_are_stored_and_not_given_out(store: Store) -> None:
    async with store.write() as tx:
        _, new = await add(tx, make_post(1, photo("a", inspectable=False)))
        stored = await tx.all(select(tables.media.c.state))
    assert new == []
    assert [row.state for row in stored] == ["not_inspectable"]


async def test_the_same_file_twice_in_a_post_is_one_media(store: Store) -> None:
    async with store.write() as tx:
        _, new = await add(tx, make_post(1, photo("a"), photo("a")))
    assert len(new) == 1


async def test_a_repeated_post_is_a_no_op(store: Store) -> None:
    async with store.write() as tx:
        post_id, [_] = await add(tx, make_post(1, photo("a")))
        assert await add(tx, make_post(1, photo("a"))) == (post_id, [])


async def test_the_same_file_in_another_post_is_media_of_its_own(store: Store) -> None:
    async with store.write() as tx:
        first, _ = await add(tx, make_post(1, photo("a")))
        second, new = await add(tx, make_post(2, photo("a")))
    assert second != first
    assert len(new) == 1


async def test_an_edit_adds_only_media_that_are_not_known(store: Store) -> None:
    async with store.write() as tx:
        post_id, [first] = await add(tx, make_post(1, photo("a")))
        again, [second] = await add(tx, make_post(1, photo("a"), photo("b"), edited_at=after(60), title="새"))
        stored = await posts.post(tx, post_id)
    assert (again, second == first) == (post_id, False)
    assert stored is not None
    assert stored.post == make_post(1, photo("a"), photo("b"), edited_at=after(60), title="새")
    assert stored.seen_at == after(5)


async def test_what_comes_late_does_not_undo_an_edit(store: Store) -> None:
    async with store.write() as tx:
        post_id, _ = await add(tx, make_post(1, edited_at=after(60), title="새"))
        await add(tx, make_post(1, title="옛"))
        stored = await posts.post(tx, post_id)
    assert stored is not None
    assert (stored.post.place.title, stored.post.edited_at) == ("새", after(60))


async def test_a_repeat_does_not_change_what_is_known_of_the_post(store: Store) -> None:
    async with store.write() as tx:
        post_id, _ = await add(tx, replace(make_post(1, photo("a")), origin=ORIGIN))
        await add(tx, replace(make_post(1, photo("a")), origin=Origin("user", "")))
        stored = await posts.post(tx, post_id)
    assert stored is not None
    assert stored.post.origin == ORIGIN


@pytest.mark.parametrize(
    ("reason", "by_account", "is_tried"),
    [(reason, True, True) for reason in sorted(posts.NOT_FETCHED)]
    + [("too_large_to_download", False, False), ("worker_died", True, False), (None, True, False)],
)
async def test_what_the_bot_could_not_fetch_waits_again_when_an_account_brings_it(
    store: Store, reason: str | None, by_account: bool, is_tried: bool
) -> None:
    of_account = replace(photo("a"), file_id="mtproto:-1001:1:a")
    async with store.write() as tx:
        channel = await add_channel(tx)
        post_id, [media_id] = await posts.add(tx, channel.id, make_post(1, photo("a")), now=NOW)
        if reason is None:
            await posts.scanned(tx, media_id, fingerprints=None, now=NOW)
        else:
            await posts.failed(tx, media_id, reason, NOW)
        await posts.forget(tx, post_id)
        again = make_post(1, of_account)
        assert await posts.add(tx, channel.id, again, now=after(5), by_account=by_account) == (
            post_id,
            [media_id] * is_tried,
        )
        if is_tried:
            assert await posts.media(tx, media_id) == MediaRow(
                media_id, post_id, of_account, MediaState.WAITING
            )
            stored = await posts.post(tx, post_id)
            assert stored is not None
            assert stored.post == again
            assert await posts.troubles(tx, NOW) == {}


async def test_a_scanned_media_keeps_its_fingerprints(store: Store) -> None:
    async with store.write() as tx:
        _, [media_id] = await add(tx, make_post(1, photo("a")))
        await posts.scanned(tx, media_id, fingerprints=bits(1), now=after(9))
        row = (await tx.all(select(tables.media)))[0]
    assert (row.state, row.reason, row.scanned_at) == ("scanned", None, after(9))
    assert tx.cipher.open(posts.FINGERPRINTS, row.fingerprints) == bits(1)
    assert bits(1) not in row.fingerprints


async def test_a_scan_may_leave_no_fingerprints(store: Store) -> None:
    async with store.write() as tx:
        post_id, [media_id] = await add(tx, make_post(1, photo("a")))
        await posts.scanned(tx, media_id, fingerprints=None, now=NOW)
        assert await posts.media(tx, media_id) == MediaRow(media_id, post_id, photo("a"), MediaState.SCANNED)


async def test_media_of_which_a_part_could_not_be_looked_at_say_so(store: Store) -> None:
    async with store.write() as tx:
        _, [media_id] = await add(tx, make_post(1, photo("a")))
        await posts.scanned(tx, media_id, fingerprints=None, left_out=True, now=NOW)
        row = (await tx.all(select(tables.media)))[0]
    assert (row.state, row.reason) == ("scanned", posts.PARTLY)


async def test_a_failed_media_keeps_the_reason(store: Store) -> None:
    async with store.write() as tx:
        _, [media_id] = await add(tx, make_post(1, photo("a")))
        await posts.failed(tx, media_id, "too_large_to_download", NOW)
        row = (await tx.all(select(tables.media)))[0]
    assert (row.state, row.reason, row.fingerprints) == ("failed", "too_large_to_download", None)


async def test_what_is_unknown_is_none(store: Store) -> None:
    async with store.read() as tx:
        assert await posts.post(tx, PostId(1)) is None
        assert await posts.media(tx, MediaId(1)) is None


async def test_a_post_in_which_nothing_was_found_is_forgotten_once_all_media_are_done(store: Store) -> None:
    async with store.write() as tx:
        post_id, [first, second] = await add(
            tx, make_post(1, photo("a"), photo("b"), photo("c", inspectable=False), origin=ORIGIN)
        )
        await posts.scanned(tx, first, fingerprints=bits(1), now=NOW)
        assert not await posts.forget(tx, post_id)
        assert await secrets_left(tx) == (1, 3)
        await posts.failed(tx, second, "file_gone", NOW)
        assert await posts.forget(tx, post_id)
        assert await secrets_left(tx) == (0, 0)
        assert await posts.media(tx, first) == MediaRow(first, post_id, None, MediaState.SCANNED)
        assert await tx.scalar(select(tables.media.c.fingerprints).order_by(tables.media.c.id)) is not None


async def test_a_forgotten_post_is_still_a_place_and_a_time(store: Store) -> None:
    async with store.write() as tx:
        post_id, _ = await add(tx, make_post(7, edited_at=after(60), origin=ORIGIN))
        await posts.forget(tx, post_id)
        stored = await posts.post(tx, post_id)
    assert stored is not None
    assert stored.post == make_post(7, edited_at=after(60))


async def test_a_post_in_which_something_was_found_is_not_forgotten(store: Store) -> None:
    async with store.write() as tx:
        post_id, [media_id] = await add(tx, make_post(1, photo("a"), origin=ORIGIN))
        await posts.scanned(tx, media_id, fingerprints=None, now=NOW)
        await find(tx, post_id, media_id)
        assert not await posts.forget(tx, post_id)
        assert await secrets_left(tx) == (1, 1)


async def test_a_repeat_does_not_bring_back_what_was_forgotten(store: Store) -> None:
    async with store.write() as tx:
        post_id, [media_id] = await add(tx, make_post(1, photo("a"), origin=ORIGIN))
        await posts.scanned(tx, media_id, fingerprints=None, now=NOW)
        await posts.forget(tx, post_id)
        await add(tx, make_post(1, photo("a"), edited_at=after(60), origin=ORIGIN))
        assert await secrets_left(tx) == (0, 0)


async def test_an_edit_with_a_new_picture_is_looked_at_afresh(store: Store) -> None:
    async with store.write() as tx:
        post_id, [media_id] = await add(tx, make_post(1, photo("a"), origin=ORIGIN))
        await posts.scanned(tx, media_id, fingerprints=None, now=NOW)
        await posts.forget(tx, post_id)
        _, [new] = await add(tx, make_post(1, photo("b"), edited_at=after(60), origin=ORIGIN))
        stored = await posts.post(tx, post_id)
    assert stored is not None
    assert stored.post == make_post(1, photo("b"), edited_at=after(60), origin=ORIGIN)
    assert new != media_id


async def test_no_column_shows_a_name_or_a_file(store: Store) -> None:
    async with store.write() as tx:
        await add_post(tx, await add_channel(tx, title="비밀 채널"), 1, "a")
        await add(tx, make_post(2, photo("b"), title="비밀 채널", origin=ORIGIN))
        found = [
            value
            for table in (tables.channels, tables.posts, tables.media)
            for row in await tx.all(select(table))
            for value in row
        ]
    stored = b"".join(value if isinstance(value, bytes) else str(value).encode() for value in found)
    for secret in ("비밀", "원본", str(CHAT), "file-a", "unique-b", "somechannel"):
        assert secret.encode() not in stored


async def test_fingerprints_are_forgotten_when_their_days_are_over_oldest_first(store: Store) -> None:
    async with store.write() as tx:
        _, media = await add(tx, make_post(1, photo("a"), photo("b"), photo("c")))
        for age, media_id in enumerate(media):
            await posts.scanned(tx, media_id, fingerprints=bits(1), now=after(-age))
        assert await posts.forget_fingerprints(tx, before=after(0), limit=1) == 1
        is_kept = tables.media.c.fingerprints.is_not(None)
        kept = select(tables.media.c.id).where(is_kept).order_by(tables.media.c.id)
        assert [row.id for row in await tx.all(kept)] == media[:2]
        assert await posts.forget_fingerprints(tx, before=after(0), limit=9) == 1
        assert await posts.forget_fingerprints(tx, before=after(0), limit=9) == 0
        assert [row.id for row in await tx.all(kept)] == media[:1]
