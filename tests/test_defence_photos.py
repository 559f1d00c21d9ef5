"""The defence of the list and ordinary photos: a photo is never in quarantine nor held, and is stopped by command only."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from store_makers import CHAT, NOW, STAFF, Scene, after
from test_store_photos import SHOWN, add_photo

from bot.errors import Refused
from bot.model import AlertId, FindingState, FingerprintId, HashState, ShowAlert, ShowFigures
from bot.registered import defence
from bot.shown import DERIVED, SAME_PHOTO
from bot.store import Store, Tx, cases, findings, hashes, outbox, queue, tables
from bot.store.findings import FanOut, MatchRow

S, H = FindingState, HashState


class Photo:
    """A registered photo, and the posts that show it."""

    def __init__(self, tx: Tx) -> None:
        self.tx = tx
        self.scene = Scene(tx)
        self.print_id = FingerprintId(0)

    async def register(self) -> None:
        self.print_id = await add_photo(self.tx, await self.scene.case("a"))

    async def post(self, message_id: int, band: str, channel: int = 0) -> AlertId | None:
        post_id, media_ids = await self.scene.post(message_id, CHAT - channel)
        return await findings.record(
            self.tx,
            case_id=await self.scene.case("a"),
            post_id=post_id,
            media_id=media_ids[1],
            matches=[MatchRow(self.print_id, band, -40, "whole", "upright", kind="photo", photo=SHOWN)],
            fold_after=after(-60),
            now=NOW,
            fan_out=FanOut(2, after(-60)),
        )

    async def stop(self) -> None:
        await defence.disable(self.tx, await hashes.get(self.tx, self.print_id), by=STAFF, now=NOW)

    async def let_go_on(self) -> None:
        await defence.enable(self.tx, await hashes.get(self.tx, self.print_id), by=STAFF, now=NOW)

    async def state(self) -> HashState:
        [one] = await hashes.get(self.tx, self.print_id)
        return one.state

    async def states(self) -> list[FindingState]:
        rows = await self.tx.all(select(tables.findings.c.state).order_by(tables.findings.c.id))
        return [FindingState(row.state) for row in rows]


async def test_a_photo_that_is_reposted_everywhere_hides_nothing_that_is_made_of_it(store: Store) -> None:
    async with store.write() as tx:
        photo = Photo(tx)
        await photo.register()
        for channel in range(5):
            assert await photo.post(channel + 1, SAME_PHOTO, channel) is not None
        assert await photo.state() is H.ACTIVE
        assert await photo.post(9, DERIVED) is not None
        assert await photo.states() == [S.NEW] * 6


async def test_a_photo_that_is_stopped_and_let_go_on_asks_about_everything_with_its_figures(
    store: Store,
) -> None:
    async with store.write() as tx:
        photo = Photo(tx)
        await photo.register()
        await photo.stop()
        assert [await photo.post(number, DERIVED) for number in (1, 2)] == [None, None]
        assert await photo.states() == [S.SUPPRESSED] * 2
        await photo.let_go_on()
        assert await photo.state() is H.ACTIVE
        assert await photo.states() == [S.NEW] * 2
        sent = []
        while waiting := await outbox.claim(tx, now=NOW, lease_s=60, limit=9):
            for row in waiting:
                await queue.done(tx, tables.outbox, row.id, now=NOW)
            sent += [row.effect for row in waiting]
        asked = AlertId(await tx.scalar(select(tables.findings.c.alert_id).distinct()))
        both = [ShowAlert(asked), ShowFigures(asked)]
        assert [effect for effect in sent if effect in both] == both


async def test_a_muted_repost_in_a_post_of_a_stopped_hash_is_not_asked_about(store: Store) -> None:
    async with store.write() as tx:
        photo = Photo(tx)
        await photo.register()
        stopped = await photo.scene.print_id("a", 0)
        await defence.disable(tx, await hashes.get(tx, stopped), by=STAFF, now=NOW)
        await cases.mute_same_photo(tx, await photo.scene.case("a"), muted=True)
        assert await photo.scene.record(1) is None
        assert await photo.post(1, SAME_PHOTO) is None
        assert await photo.states() == [S.SUPPRESSED]
        assert await photo.post(1, DERIVED) is not None
        assert await photo.states() == [S.NEW]


async def test_a_photo_has_no_radius(store: Store) -> None:
    async with store.write() as tx:
        photo = Photo(tx)
        await photo.register()
        with pytest.raises(Refused) as refused:
            await defence.set_radius(tx, await hashes.get(tx, photo.print_id), 20, by=STAFF, now=NOW)
        assert refused.value.code == "no-radius"
