"""Lists as files, taken in and handed on by commands beside a database that is in use."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from command_scene import Commands
from sqlalchemy import select
from store_makers import NOW, add_channel, add_post, after
from victim_scene import fingerprint

from bot.model import FindingState
from bot.pipeline import recording
from bot.pipeline.recording import Rules
from bot.registered.registry import Known, Registry
from bot.store import Store, lists, posts, tables
from matcher import MediaFingerprint, Orientation, Still, StillKind, View, pack_seen

A, B, C = (fingerprint(number).hex for number in (1, 2, 3))


def lines(*hashes: str) -> str:
    return "# a list\n" + "".join(f"pdq {one}\n" for one in hashes)


def csv_file(*hashes: str) -> str:
    """As `tx dataset -P --csv` of python-threatexchange prints it."""
    rows = "".join(f"pdq,{one},collab,,tag\n" for one in hashes)
    return "signal_type,signal_str,collab,category,tags\n" + rows


def json_lines(*hashes: str) -> str:
    return "".join(json.dumps({"signal_type": "pdq", "signal_str": one}) + "\n" for one in hashes)


def stopncii(*hashes: str, status: str = "Active") -> str:
    records = [
        {
            "lastModtimestamp": 1,
            "signalType": "ImagePDQ",
            "hashValue": one,
            "hashStatus": status,
            "caseNumbers": {},
        }
        for one in hashes
    ]
    other = {"signalType": "VideoMD5", "hashValue": "0" * 32, "hashStatus": "Active"}
    return json.dumps({"count": len(records) + 1, "nextPageToken": "", "hashRecords": [*records, other]})


FORMS: list[Callable[..., str]] = [lines, csv_file, json_lines, stopncii]


@dataclass
class Scene:
    store: Store
    jikimi: Commands
    folder: Path

    async def take_in(self, text: str, *flags: str, name: str = "Partner") -> tuple[int, str, str]:
        file = self.folder / "list"
        file.write_text(text)
        ended = await self.jikimi("import", file, "--list", name, *flags)
        return ended.code, ended.out, ended.err.replace(str(file), "FILE")

    async def listed(self, name: str = "Partner") -> set[str]:
        async with self.store.read() as tx:
            of = await lists.get(tx, name)
            rows = [] if of is None else await lists.page(tx, of.id, 0, 999)
        return {bits.hex() for _, _, bits in rows}

    async def post(self, number: int, *hashes: str) -> None:
        """A post of a picture that has these hashes, looked up and kept for look-back; again: another file of it."""
        registry = Registry(self.store, Known(margin_bits=17, min_quality=50), now=lambda: NOW)
        views = tuple(View("whole", Orientation.UPRIGHT, bytes.fromhex(one), 90) for one in hashes)
        media = MediaFingerprint("JPEG", (Still(StillKind.PICTURE, 640, 480, views),))
        search = await registry.search(media)
        async with self.store.write() as tx:
            post_id, [media_id] = await add_post(
                tx, await add_channel(tx), number, f"{search.revision}-{number}"
            )
            await posts.scanned(tx, media_id, fingerprints=pack_seen(media), now=NOW)
            await recording.record(
                tx,
                search.matches,
                post_id=post_id,
                media_id=media_id,
                priority=1,
                rules=Rules(after(60) - NOW),
                now=NOW,
            )

    async def states(self) -> list[FindingState]:
        """Of F-1, F-2, ..."""
        async with self.store.read() as tx:
            rows = await tx.all(select(tables.findings.c.state).order_by(tables.findings.c.id))
        return [FindingState(row.state) for row in rows]


async def everything(store: Store) -> list[object]:
    async with store.read() as tx:
        return [
            tuple(row)
            for table in (tables.cases, tables.items, tables.fingerprints, tables.audit, tables.counters)
            for row in await tx.all(select(table).order_by(*table.primary_key))
        ]
