"""Effects on their way to Telegram, and what is left where they do not arrive."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from delivery_scene import STAFF_CHAT, UPGRADED, VICTIM, Scene
from sqlalchemy import select
from store_makers import CHAT, FOLD_S, NOW, POSSIBLE, add_channel, add_post, after

from bot.channels import STAFF_CHAT as STAFF_CHAT_MOVED
from bot.chat.notices import Notices
from bot.errors import Permanent, TokenRefused, Transient
from bot.model import (
    AlertId,
    ChatId,
    Delete,
    Edit,
    Effect,
    FindingId,
    HistoryId,
    Language,
    MessageId,
    Send,
    SendChannels,
    SendFile,
    SendStats,
    ShowAlert,
    ShowFigures,
    ShowHistory,
    ShowLookback,
)
from bot.pipeline.delivery import STATS_DAYS
from bot.pipeline.worker import A_DAY_OF_ATTEMPTS
from bot.store import Store, cases, findings, lookbacks, outbox, posts, queue, settings, tables


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


def notices_to(*admins: ChatId) -> Notices:
    return Notices(
        configured_staff_chat=STAFF_CHAT,
        admins=admins,
        language=Language.EN,
        zone=ZoneInfo("UTC"),
        now=lambda: NOW,
    )


async def test_a_message_of_a_group_that_can_neither_be_deleted_nor_edited_is_told(scene: Scene) -> None:
    left = Delete(STAFF_CHAT, MessageId(7))
    scene.telegram.trouble = Permanent("message can't be edited")
    await scene.ask(left, Delete(VICTIM, MessageId(8)))
    await scene.deliver()
    assert scene.left == [left]
    assert (await scene.rows())["ready"] == 0


async def test_admins_are_told_once_which_message_they_have_to_delete(store: Store) -> None:
    admin = ChatId(70)
    notices = notices_to(admin)
    async with store.write() as tx:
        for message_id in (7, 7, 8):
            left = Delete(ChatId(-1001234567890), MessageId(message_id))
            await notices.of_message_left(tx, left, "it is too old")
        counts = await queue.counts(tx, tables.outbox)
        [first] = await outbox.claim(tx, now=after(1), lease_s=60, limit=9)
    assert counts["ready"] == 2
    assert isinstance(first.effect, Send)
    assert first.effect.chat_id == admin
    assert "Cause: it is too old\nMessage: https://t.me/c/1234567890/7\n" in first.effect.text


async def test_the_notice_of_a_post_that_came_back_goes_once_its_finding_is_erased(store: Store) -> None:
    notices = notices_to()
    async with store.write() as tx:
        await notices.of_return(tx, FindingId(7))
        [notice] = await outbox.claim(tx, now=after(1), lease_s=60, limit=9)
    assert isinstance(notice.effect, Send)
    assert notice.effect.about == (FindingId(7),)


# --- the staff chat has another id -------------------------------------------------------------------


async def test_an_alert_that_grows_after_the_group_became_a_supergroup_is_shown_there(scene: Scene) -> None:
    await scene.found(1)
    await scene.deliver()
    scene.telegram.is_upgraded = True
    await scene.found(2)
    await scene.deliver()
    assert scene.telegram.living(UPGRADED) == ["JK-a match: F-1 F-2"]
    assert (await scene.rows())["ready"] == 0
    assert scene.left == [Delete(STAFF_CHAT, MessageId(1))]
    await scene.found(3)
    await scene.deliver()
    assert scene.telegram.living(UPGRADED) == ["JK-a match: F-1 F-2 F-3"]


async def test_an_alert_that_does_not_change_is_not_shown_again_in_another_staff_chat(scene: Scene) -> None:
    alert_id = await scene.found(1)
    await scene.deliver()
    async with scene.store.write() as tx:
        await settings.put(tx, STAFF_CHAT_MOVED, {"from": STAFF_CHAT, "to": UPGRADED})
        await scene.show(tx, alert_id)
    await scene.deliver()
    assert len(scene.telegram.calls) == 1


@pytest.mark.parametrize(
    "effect", [Delete(STAFF_CHAT, MessageId(1)), Edit(STAFF_CHAT, MessageId(1), "of another time")]
)
async def test_what_was_in_a_group_before_its_upgrade_is_not_looked_for_in_the_supergroup(
    scene: Scene, effect: Effect
) -> None:
    await scene.ask(Send(STAFF_CHAT, "before"))
    await scene.deliver()
    scene.telegram.is_upgraded = True
    await scene.ask(Send(STAFF_CHAT, "after"), effect)
    await scene.deliver()
    assert scene.telegram.messages == {
        (STAFF_CHAT, MessageId(1)): "before",
        (UPGRADED, MessageId(1)): "after",
    }
    assert (await scene.rows())["done"] == 3


async def test_the_progress_of_a_look_back_is_told_anew_after_the_upgrade(scene: Scene) -> None:
    async with scene.store.write() as tx:
        await scene.findings(tx).case("a")
        _, [media_id, _] = await scene.findings(tx).post(1, CHAT)
        await posts.scanned(tx, media_id, fingerprints=b"what was seen", now=NOW)
        await lookbacks.plan(tx, now=NOW, wait_s=0)
        [lookback] = await lookbacks.claim(tx, now=NOW, lease_s=60, limit=1)
    await scene.ask(ShowLookback(lookback.id))
    await scene.deliver()
    scene.telegram.is_upgraded = True
    for _ in range(2):
        await scene.ask(ShowLookback(lookback.id))
        await scene.deliver()
    assert scene.telegram.messages == {
        (STAFF_CHAT, MessageId(1)): "lookback",
        (UPGRADED, MessageId(1)): "lookback",
    }


# --- alerts that change while they are on their way --------------------------------------------------


async def test_an_alert_that_gets_better_while_it_is_edited_is_sent_anew(scene: Scene) -> None:
    await scene.found(1, band=POSSIBLE, distance=40)
    await scene.deliver()
    await scene.found(2, band=POSSIBLE, distance=41)

    async def gets_better(effect: object) -> None:
        if isinstance(effect, Edit):
            scene.telegram.before = None
            await scene.found(1, media=1, distance=3)

    scene.telegram.before = gets_better
    await scene.deliver()
    assert scene.telegram.messages == {(STAFF_CHAT, MessageId(2)): "JK-a match: F-1 F-2"}
    assert (await scene.rows())["ready"] == 0


async def test_an_alert_that_is_erased_while_it_is_sent_is_deleted(scene: Scene) -> None:
    await scene.found(1)

    async def erased(effect: object) -> None:
        scene.telegram.before = None
        async with scene.store.write() as tx:
            await cases.erase(tx, await scene.findings(tx).case("a"), NOW)

    scene.telegram.before = erased
    await scene.deliver()
    assert scene.telegram.messages == {}


async def test_an_alert_whose_findings_went_to_another_is_deleted_with_the_withdrawal(scene: Scene) -> None:
    first = await scene.found(1, distance=20)
    await scene.deliver()
    async with scene.store.write() as tx:
        await scene.findings(tx).decide(first)
    # Another picture of the post matches, long after: it is asked about again, in an alert of now.
    await scene.found(1, media=1, distance=3, seconds=2 * FOLD_S)
    await scene.deliver()
    assert scene.telegram.living(STAFF_CHAT) == ["JK-a match: F-1", "JK-a match: F-1"]
    async with scene.store.write() as tx:
        for alert_id in await cases.withdraw(tx, await scene.findings(tx).case("a"), NOW):
            await scene.show(tx, alert_id)
    await scene.deliver()
    assert scene.telegram.living(STAFF_CHAT) == ["withdrawn match: F-1"]
    async with scene.store.read() as tx:
        assert await findings.alert_destination(tx, first) is None


# --- what tells of findings beside their alert ---------------------------------------------------------


async def erase(scene: Scene) -> None:
    async with scene.store.write() as tx:
        told = await cases.erase(tx, await scene.findings(tx).case("a"), NOW)
        await outbox.add(tx, [Delete(*message) for message in told], key="erase", now=scene.now)


async def test_whatever_tells_of_a_finding_is_deleted_when_it_is_erased(scene: Scene) -> None:
    await scene.found(1)
    await scene.found(2)
    await scene.found(3, case="b")
    other = FindingId(3)
    await scene.ask(
        Send(STAFF_CHAT, "card", about=(FindingId(1),)),
        SendFile(STAFF_CHAT, "packet.zip", "", about=(FindingId(1), FindingId(2), other)),
        Send(STAFF_CHAT, "card of another", about=(other,)),
        Send(STAFF_CHAT, "tells of none"),
    )
    await scene.deliver()
    card = next(key for key, told in scene.telegram.messages.items() if told == "card of another")
    await scene.ask(Edit(*card, "list of both", about=(other, FindingId(2))))
    await scene.deliver()
    assert len(scene.telegram.living(STAFF_CHAT)) == 6
    await erase(scene)
    await scene.deliver()
    assert scene.telegram.living(STAFF_CHAT) == ["JK-b match: F-3", "tells of none"]


async def test_what_tells_of_a_finding_that_is_erased_before_it_is_sent_is_not_sent(scene: Scene) -> None:
    await scene.found(1)
    await scene.ask(Send(STAFF_CHAT, "card", about=(FindingId(1),)))
    await erase(scene)
    await scene.deliver()
    assert scene.telegram.calls == []
    assert (await scene.rows())["ready"] == 0


async def test_what_tells_of_a_finding_that_is_erased_while_it_is_sent_is_deleted(scene: Scene) -> None:
    await scene.found(1)
    await scene.deliver()
    await scene.ask(Send(STAFF_CHAT, "card", about=(FindingId(1),)))

    async def erased(effect: object) -> None:
        scene.telegram.before = None
        await erase(scene)

    scene.telegram.before = erased
    await scene.deliver()
    assert scene.telegram.messages == {}


async def test_what_tells_of_a_finding_is_deleted_where_the_group_went(scene: Scene) -> None:
    await scene.found(1)
    await scene.deliver()
    scene.telegram.messages.clear()
    scene.telegram.is_upgraded = True
    await scene.ask(Send(STAFF_CHAT, "card", about=(FindingId(1),)))
    await scene.deliver()
    assert scene.telegram.living(UPGRADED) == ["card"]
    await erase(scene)
    await scene.deliver()
    assert scene.telegram.living(UPGRADED) == []


# --- what does not arrive ----------------------------------------------------------------------------


async def test_an_alert_is_sent_after_a_weekend_without_network(scene: Scene) -> None:
    await scene.found(1)
    scene.telegram.trouble = Transient("Telegram cannot be reached")
    await scene.deliver_after(2 * A_DAY_OF_ATTEMPTS)
    scene.telegram.trouble = None
    await scene.deliver_after(2 * A_DAY_OF_ATTEMPTS, minutes=5)
    assert scene.telegram.living(STAFF_CHAT) == ["JK-a match: F-1"]


async def test_an_alert_that_was_given_up_is_sent_by_retry(scene: Scene) -> None:
    await scene.found(1)
    await scene.ask(Send(VICTIM, "number and PIN"))
    scene.telegram.trouble = ValueError("a bug")
    await scene.deliver_after(A_DAY_OF_ATTEMPTS)
    assert (await scene.rows())["buried"] == 2
    scene.telegram.trouble = None
    async with scene.store.write() as tx:
        assert await outbox.retry_buried(tx, now=scene.now) == 1
    await scene.deliver()
    assert scene.telegram.messages == {(STAFF_CHAT, MessageId(1)): "JK-a match: F-1"}


async def test_of_a_message_that_is_given_up_nothing_is_kept(scene: Scene) -> None:
    await scene.ask(Send(VICTIM, "number and PIN"))
    scene.telegram.trouble = Transient("Telegram cannot be reached")
    await scene.deliver_after(A_DAY_OF_ATTEMPTS)
    async with scene.store.read() as tx:
        [row] = await tx.all(select(tables.outbox))
    assert (row.state, row.effect) == ("buried", None)


async def test_while_the_token_is_refused_everything_waits(scene: Scene) -> None:
    await scene.ask(Send(VICTIM, "number and PIN"))
    await scene.found(1)
    scene.telegram.trouble = TokenRefused()
    await scene.deliver()
    scene.telegram.trouble = None
    scene.now += timedelta(minutes=5)
    await scene.deliver()
    assert scene.telegram.living(VICTIM) == ["number and PIN"]
    assert scene.telegram.living(STAFF_CHAT) == ["JK-a match: F-1"]


# --- a flood -----------------------------------------------------------------------------------------


async def test_a_flood_of_alerts_that_waits_for_its_group_holds_up_no_victim(scene: Scene) -> None:
    for number in range(20):
        await scene.found(1, case=f"case {number}")
    await scene.ask(Send(VICTIM, "number and PIN"))
    told = asyncio.Event()

    async def limited(effect: object) -> None:
        if getattr(effect, "chat_id", None) == STAFF_CHAT:
            await asyncio.Event().wait()
        told.set()

    scene.telegram.before = limited
    running = [asyncio.create_task(worker.run()) for worker in scene.workers]
    await asyncio.wait_for(told.wait(), 10)
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


async def test_each_effect_is_delivered_by_one_stage(scene: Scene) -> None:
    await scene.found(1)
    await scene.ask(Send(VICTIM, "number and PIN"), ShowFigures(AlertId(9)), ShowHistory(HistoryId(9)))
    claimed = [await scene.claim(stage) for stage in scene.delivery.stages()]
    assert claimed == [
        [ShowAlert(AlertId(1)), ShowFigures(AlertId(9)), ShowHistory(HistoryId(9))],
        [Send(VICTIM, "number and PIN")],
    ]


async def test_channels_are_listed_as_they_are_when_the_list_is_sent(scene: Scene) -> None:
    async with scene.store.write() as tx:
        one, other = await add_channel(tx, -1001), await add_channel(tx, -1002)
    await scene.ask(SendChannels(STAFF_CHAT))
    async with scene.store.write() as tx:
        await add_post(tx, other, 1, "a")
    await scene.deliver()
    assert scene.telegram.living(STAFF_CHAT) == [f"#{one.id} 0", f"#{other.id} 1"]
    assert await scene.rows() == {"ready": 0, "done": 3, "buried": 0}


async def test_the_days_of_the_plots_are_those_where_the_staff_are(scene: Scene) -> None:
    morning = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    for message_id, hours in ((1, 0), (2, 8), (3, 9)):
        await scene.found(message_id)
        async with scene.store.write() as tx:
            seen_at = {"seen_at": morning - timedelta(hours=hours)}
            own = tables.posts.c.message_id == message_id
            await tx.execute(tables.posts.update().where(own).values(seen_at))
    scene.now = morning
    await scene.ask(SendStats(STAFF_CHAT))
    await scene.deliver()
    [drawn] = scene.drawn
    assert drawn.posts[-2:] == [1, 2]
    assert (drawn.since + timedelta(days=STATS_DAYS - 1)).date() == date(2026, 11, 24)
