"""Figures below alerts: sent once, never lost, replaced where more is known, and taken back with the case."""

from __future__ import annotations

from dataclasses import dataclass, field
from io import BytesIO

import pytest
from PIL import Image
from store_makers import NOW, Scene
from test_store_photos import SHOWN, STAFF_CHAT, add_photo, found

from bot.errors import ChatHasMoved, Permanent, TokenRefused, Transient
from bot.model import AlertId, ChatId, MessageId, SendPicture, ShowFigures
from bot.pipeline.figures import MOST_FIGURES, Figures, draw
from bot.shown import SAME_PHOTO
from bot.store import Store, cases, findings, outbox, queue, tables
from bot.store.alerts import AlertFinding
from bot.store.outbox import OutboxRow


@dataclass
class Room:
    """The staff chat, which takes figures or raises the next trouble."""

    taken: list[tuple[ChatId, str, MessageId | None]] = field(default_factory=list)
    troubles: list[Exception] = field(default_factory=list)
    lost_after: int | None = None
    """After so many there is no network."""

    async def carry_out(self, effect: SendPicture) -> MessageId:
        if self.troubles:
            raise self.troubles.pop(0)
        if len(self.taken) == self.lost_after:
            raise Transient("no network")
        assert Image.open(BytesIO(effect.content)).format == "PNG"
        self.taken.append((effect.chat_id, effect.caption, effect.reply_to))
        return MessageId(500 + len(self.taken))


def caption(finding: AlertFinding) -> str:
    return f"F-{finding.finding_id}"


def make(store: Store, room: Room) -> Figures:
    return Figures(store, room, caption, now=lambda: NOW)


async def ask(store: Store, alert_id: AlertId, key: str = "1") -> OutboxRow:
    async with store.write() as tx:
        await outbox.add(tx, [ShowFigures(alert_id)], key=key, now=NOW)
        [row] = [
            row
            for row in await outbox.claim(tx, now=NOW, lease_s=1, limit=9)
            if isinstance(row.effect, ShowFigures)
        ]
    return row


async def shown_alert(store: Store, *, posts: int = 1, band: str = "derived") -> AlertId:
    """An alert with findings of a photo, and the message that shows it."""
    async with store.write() as tx:
        scene = Scene(tx)
        print_id = await add_photo(tx, await scene.case("a"))
        for number in range(1, posts + 1):
            alert_id = await found(tx, scene, print_id, number, band=band)
        assert alert_id is not None
        await findings.alert_sent(tx, alert_id, revision=1, chat_id=STAFF_CHAT, message_id=MessageId(9))
    return alert_id


async def ready(store: Store) -> int:
    async with store.read() as tx:
        return (await queue.counts(tx, tables.outbox))[queue.READY]


async def test_a_figure_is_a_reply_to_its_alert_and_is_sent_once(store: Store) -> None:
    room = Room()
    alert_id = await shown_alert(store)
    for key in "12":
        await make(store, room).show(await ask(store, alert_id, key), alert_id)
    assert room.taken == [(STAFF_CHAT, "F-1", MessageId(9))]
    assert await ready(store) == 0


async def test_a_flood_brings_a_few_figures_and_not_a_flood(store: Store) -> None:
    room = Room()
    alert_id = await shown_alert(store, posts=MOST_FIGURES + 3)
    await make(store, room).show(await ask(store, alert_id), alert_id)
    assert [caption for _, caption, _ in room.taken] == [f"F-{number + 1}" for number in range(MOST_FIGURES)]


async def test_the_whole_photo_by_itself_gets_no_figure(store: Store) -> None:
    room = Room()
    alert_id = await shown_alert(store, band=SAME_PHOTO)
    await make(store, room).show(await ask(store, alert_id), alert_id)
    assert room.taken == []
    assert await ready(store) == 0


async def test_trouble_on_the_way_leaves_the_rest_to_be_sent_and_repeats_nothing(store: Store) -> None:
    alert_id = await shown_alert(store, posts=3)
    row = await ask(store, alert_id)
    room = Room()
    room.lost_after = 2
    with pytest.raises(Transient):
        await make(store, room).show(row, alert_id)
    assert await ready(store) == 1
    room.lost_after = None
    await make(store, room).show(row, alert_id)
    assert [caption for _, caption, _ in room.taken] == ["F-1", "F-2", "F-3"]


async def test_a_group_that_takes_no_pictures_stops_nothing(store: Store) -> None:
    alert_id = await shown_alert(store)
    room = Room(troubles=[Permanent("not enough rights to send photos to the chat")])
    await make(store, room).show(await ask(store, alert_id), alert_id)
    assert (room.taken, await ready(store)) == ([], 0)


async def test_a_figure_waits_while_the_token_is_refused(store: Store) -> None:
    alert_id = await shown_alert(store)
    room = Room(troubles=[TokenRefused()])
    with pytest.raises(TokenRefused):
        await make(store, room).show(await ask(store, alert_id), alert_id)
    assert await ready(store) == 1


async def test_a_group_with_a_new_id_gets_its_figure_there_below_no_message_of_another_number(
    store: Store,
) -> None:
    alert_id = await shown_alert(store)
    room = Room(troubles=[ChatHasMoved(-1009)])
    await make(store, room).show(await ask(store, alert_id), alert_id)
    assert room.taken == [(ChatId(-1009), "F-1", None)]


async def test_of_a_case_withdrawn_meanwhile_nothing_is_sent(store: Store) -> None:
    alert_id = await shown_alert(store)
    row = await ask(store, alert_id)
    async with store.write() as tx:
        case_id = await findings.case_of(tx, alert_id)
        assert case_id is not None
        await cases.withdraw(tx, case_id, NOW)
    room = Room()
    await make(store, room).show(row, alert_id)
    assert (room.taken, await ready(store)) == ([], 0)


def test_a_drawing_holds_lines_and_boxes_in_few_colours() -> None:
    drawn = Image.open(BytesIO(draw(SHOWN)))
    colours = drawn.convert("RGB").getcolors(64)
    assert colours is not None
    assert len(colours) < 10
