from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from store_makers import (
    ADMIN,
    CHAT,
    NOW,
    STAFF,
    add_case,
    add_post,
    after,
    make_post,
    photo,
    prints_of,
)

from bot.model import ChannelId, ChannelState, ChatId, ChatKind, Person, UserId
from bot.store import Store, Tx, channels, findings, posts
from bot.store.channels import Authorisation, Channel, ChannelCounts
from bot.store.findings import MatchRow

DAY = timedelta(days=1)


async def put(tx: Tx, **changes: Any) -> Channel:
    values: dict[str, Any] = {
        "chat_id": CHAT,
        "kind": ChatKind.CHANNEL,
        "title": "채널",
        "username": "somechannel",
        "state": ChannelState.ASKED,
        "can_read": True,
        "added_by": STAFF,
        "now": NOW,
    }
    return await channels.put(tx, **(values | changes))


async def authorise(
    tx: Tx, channel_id: ChannelId, days: float = 30, document: str = "공문 1"
) -> Authorisation:
    return await channels.authorise(
        tx, channel_id, by=ADMIN, document=document, valid_from=NOW, valid_until=NOW + days * DAY
    )


async def test_a_channel_comes_out_as_it_went_in(store: Store) -> None:
    async with store.write() as tx:
        channel = await put(tx)
        assert channel == Channel(
            id=channel.id,
            chat_id=CHAT,
            kind=ChatKind.CHANNEL,
            title="채널",
            username="somechannel",
            state=ChannelState.ASKED,
            can_read=True,
            added_by=STAFF,
            added_at=NOW,
            last_post_at=None,
            authorisation=None,
        )
        assert await channels.get(tx, channel.id) == channel
        assert await channels.by_chat(tx, CHAT) == channel
        assert await channels.listed(tx) == [channel]


async def test_an_unknown_channel_is_none(store: Store) -> None:
    async with store.read() as tx:
        assert await channels.get(tx, ChannelId(1)) is None
        assert await channels.by_chat(tx, CHAT) is None
        assert await channels.listed(tx) == []


async def test_putting_a_known_channel_updates_names_and_rights(store: Store) -> None:
    async with store.write() as tx:
        first = await put(tx)
        second = await put(tx, title="새 이름", username=None, can_read=False, now=after(9))
        assert (second.id, second.added_at) == (first.id, NOW)
        assert (second.title, second.username, second.can_read) == ("새 이름", None, False)


@pytest.mark.parametrize("state", [ChannelState.ASKED, ChannelState.AUTHORISED])
async def test_putting_a_channel_that_the_bot_is_in_keeps_its_state_and_adder(
    store: Store, state: ChannelState
) -> None:
    async with store.write() as tx:
        channel = await put(tx)
        await channels.set_state(tx, channel.id, state)
        again = await put(tx, state=ChannelState.LEFT, added_by=ADMIN)
        assert (again.state, again.added_by) == (state, STAFF)


@pytest.mark.parametrize("state", [ChannelState.LEFT, ChannelState.ENDED])
async def test_putting_a_channel_that_the_bot_was_out_of_takes_state_and_adder(
    store: Store, state: ChannelState
) -> None:
    async with store.write() as tx:
        channel = await put(tx)
        await channels.set_state(tx, channel.id, state)
        again = await put(tx, state=ChannelState.ASKED, added_by=ADMIN)
        assert (again.id, again.state, again.added_by) == (channel.id, ChannelState.ASKED, ADMIN)


@pytest.mark.parametrize("state", [ChannelState.LEFT, ChannelState.ENDED])
async def test_a_channel_that_the_bot_returns_to_was_added_when_it_returned(
    store: Store, state: ChannelState
) -> None:
    async with store.write() as tx:
        channel = await put(tx)
        assert (await put(tx, now=after(60))).added_at == NOW
        await channels.set_state(tx, channel.id, state)
        assert (await put(tx, now=after(60))).added_at == after(60)


async def test_a_channel_may_have_been_added_by_nobody_known(store: Store) -> None:
    async with store.write() as tx:
        assert (await put(tx, added_by=None)).added_by is None


async def test_the_state_is_set(store: Store) -> None:
    async with store.write() as tx:
        channel = await put(tx)
        await channels.set_state(tx, channel.id, ChannelState.AUTHORISED)
        found = await channels.by_chat(tx, CHAT)
    assert found is not None
    assert found.state is ChannelState.AUTHORISED


async def test_an_authorisation_is_kept_with_who_and_on_what_document(store: Store) -> None:
    async with store.write() as tx:
        channel = await put(tx)
        given = await authorise(tx, channel.id)
        found = await channels.get(tx, channel.id)
    assert found is not None
    assert found.authorisation == given
    assert given == Authorisation(given.id, ADMIN, "공문 1", NOW, NOW + 30 * DAY, None, None)


async def test_a_new_authorisation_ends_the_one_before(store: Store) -> None:
    async with store.write() as tx:
        channel = await put(tx)
        await authorise(tx, channel.id, days=1)
        second = await authorise(tx, channel.id, days=60, document="공문 2")
        assert [found.authorisation for found in await channels.listed(tx)] == [second]
        assert await channels.expired(tx, NOW + 2 * DAY) == []


async def test_an_ended_authorisation_is_still_shown_as_the_latest(store: Store) -> None:
    async with store.write() as tx:
        channel = await put(tx)
        await authorise(tx, channel.id)
        await channels.end_authorisation(tx, channel.id, after(5))
        await channels.end_authorisation(tx, channel.id, after(9))
        found = await channels.get(tx, channel.id)
    assert found is not None
    assert found.authorisation is not None
    assert found.authorisation.ended_at == after(5)


@pytest.mark.parametrize(
    ("days_left", "expiring", "expired"),
    [(-1, False, True), (0, False, True), (1, True, False), (14, True, False), (14.5, False, False)],
)
async def test_authorisations_expire_at_their_end(
    store: Store, days_left: float, expiring: bool, expired: bool
) -> None:
    async with store.write() as tx:
        channel = await put(tx)
        await authorise(tx, channel.id, days=days_left)
        soon = await channels.expiring(tx, NOW + 14 * DAY, NOW)
        over = await channels.expired(tx, NOW)
    assert ([found.id for found in soon] == [channel.id]) is expiring
    assert ([found.id for found in over] == [channel.id]) is expired


async def test_a_warning_is_given_once(store: Store) -> None:
    async with store.write() as tx:
        channel = await put(tx)
        given = await authorise(tx, channel.id, days=1)
        await channels.warned(tx, given.id, NOW)
        assert await channels.expiring(tx, NOW + 14 * DAY, NOW) == []


async def test_an_ended_authorisation_neither_expires_nor_warns(store: Store) -> None:
    async with store.write() as tx:
        channel = await put(tx)
        await authorise(tx, channel.id, days=1)
        await channels.end_authorisation(tx, channel.id, NOW)
        assert await channels.expiring(tx, NOW + 14 * DAY, NOW) == []
        assert await channels.expired(tx, NOW + 14 * DAY) == []


async def test_a_moved_group_takes_its_authorisation_along(store: Store) -> None:
    new_chat = ChatId(-1009999)
    async with store.write() as tx:
        old = await put(tx, kind=ChatKind.GROUP)
        given = await authorise(tx, old.id)
        await channels.set_state(tx, old.id, ChannelState.AUTHORISED)
        await channels.move(tx, CHAT, new_chat)
        left, moved = await channels.by_chat(tx, CHAT), await channels.by_chat(tx, new_chat)
    assert left is not None
    assert moved is not None
    assert (left.state, left.authorisation) == (ChannelState.LEFT, None)
    assert (moved.state, moved.kind, moved.authorisation) == (
        ChannelState.AUTHORISED,
        ChatKind.SUPERGROUP,
        given,
    )
    assert (moved.title, moved.added_by) == ("채널", STAFF)


async def test_a_group_moves_also_where_the_new_chat_was_seen_before(store: Store) -> None:
    new_chat = ChatId(-1009999)
    async with store.write() as tx:
        old = await put(tx, kind=ChatKind.GROUP)
        seen = await put(tx, chat_id=new_chat, kind=ChatKind.SUPERGROUP)
        given = await authorise(tx, old.id)
        await channels.set_state(tx, old.id, ChannelState.AUTHORISED)
        for _ in range(2):  # Telegram tells both chats.
            await channels.move(tx, CHAT, new_chat)
        moved = await channels.get(tx, seen.id)
    assert moved is not None
    assert (moved.state, moved.authorisation) == (ChannelState.AUTHORISED, given)


async def test_a_message_of_a_moved_group_is_not_taken_for_an_old_one(store: Store) -> None:
    new_chat = ChatId(-1009999)
    async with store.write() as tx:
        old = await put(tx, kind=ChatKind.GROUP)
        before, _ = await add_post(tx, old, 1, "a")
        await channels.move(tx, CHAT, new_chat)
        moved = await channels.by_chat(tx, new_chat)
        assert moved is not None
        now, _ = await add_post(tx, moved, 1, "b")
    assert now != before


async def test_moving_an_unknown_chat_does_nothing(store: Store) -> None:
    async with store.write() as tx:
        await channels.move(tx, ChatId(1), ChatId(2))
        assert await channels.listed(tx) == []


async def test_the_last_post_is_the_newest_one_seen(store: Store) -> None:
    async with store.write() as tx:
        channel = await put(tx)
        for seconds in (10, 30, 20):
            await channels.saw_post(tx, channel.id, after(seconds))
        found = await channels.get(tx, channel.id)
    assert found is not None
    assert found.last_post_at == after(30)


async def test_counts_tell_what_became_of_a_channels_media(store: Store) -> None:
    async with store.write() as tx:
        channel, quiet = await put(tx), await put(tx, chat_id=ChatId(-2))
        case_id = await add_case(tx, 1)
        post_id, media = await add_post(tx, channel, 1, "a", "b", "c", "e", "f")
        await posts.add(tx, channel.id, make_post(2, photo("d", inspectable=False)), now=NOW)
        await posts.scanned(tx, media[0], fingerprints=None, now=NOW)
        await posts.failed(tx, media[1], "too_large", now=NOW)
        for media_id in media[3:]:
            await posts.failed(tx, media_id, "download_failed", now=NOW)
        [print_id] = await prints_of(tx, case_id)
        await findings.record(
            tx,
            case_id=case_id,
            post_id=post_id,
            media_id=media[0],
            matches=[MatchRow(print_id, "match", 4, "whole", "r0")],
            fold_after=NOW - DAY,
            now=NOW,
        )
        counts = await channels.counts(tx)
    assert counts == {
        channel.id: ChannelCounts(
            posts=2,
            media=6,
            waiting=1,
            failed=3,
            not_inspectable=1,
            findings=1,
            troubles={"download_failed": 2, "too_large": 1},
        ),
        quiet.id: ChannelCounts(),
    }


async def test_media_that_were_looked_at_in_part_are_counted_apart_from_those_that_failed(
    store: Store,
) -> None:
    async with store.write() as tx:
        channel = await put(tx)
        _, [media_id] = await add_post(tx, channel, 1, "a")
        await posts.scanned(tx, media_id, fingerprints=None, left_out=True, now=NOW)
        assert await channels.counts(tx) == {
            channel.id: ChannelCounts(posts=1, media=1, troubles={posts.PARTLY: 1})
        }


async def test_names_with_odd_characters_survive(store: Store) -> None:
    odd = "a'\"\\ <b>🙂</b>\n한글\x00"
    async with store.write() as tx:
        channel = await put(tx, title=odd, added_by=Person(UserId(1), odd))
        assert (channel.title, channel.added_by) == (odd, Person(UserId(1), odd))
