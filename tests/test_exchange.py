"""Lists of other organisations taken in and handed on, as people do it, beside a database that is in use."""

from __future__ import annotations

import csv
import io
import json
import warnings
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from aiohttp import web
from command_scene import Commands
from sqlalchemy import select
from store_makers import NOW, add_case, add_channel, add_post, after
from victim_scene import Clock, fingerprint, make_cases

from bot import recording
from bot.chat.alert_view import render_alert
from bot.errors import Refused
from bot.exits import ExitCode
from bot.model import AlertId, ChatId, Language
from bot.recording import Rules
from bot.registry import Registry
from bot.store import Store, audit, cases, findings, lists, tables
from bot.store.cases import NewFingerprint
from bot.store.lists import HashList
from matcher import MediaFingerprint, Orientation, Still, StillKind, View

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


@pytest.fixture
def scene(store: Store, jikimi: Commands, tmp_path: Path) -> Scene:
    return Scene(store, jikimi, tmp_path)


@pytest.mark.parametrize("form", FORMS)
async def test_every_form_of_a_list_is_taken_in_and_a_second_time_changes_nothing(
    scene: Scene, form: Callable[..., str]
) -> None:
    code, out, err = await scene.take_in(form(A, B, A))
    assert (code, err, await scene.listed()) == (ExitCode.OK, "", {A, B})
    assert out.startswith("New: 2, there already: 0, gone: 0, left out")
    before = await everything(scene.store)
    assert (await scene.take_in(form(A, B)))[1].startswith("New: 0, there already: 2, gone: 0")
    assert await everything(scene.store) == before


async def everything(store: Store) -> list[object]:
    async with store.read() as tx:
        return [
            tuple(row)
            for table in (tables.cases, tables.items, tables.fingerprints, tables.audit, tables.counters)
            for row in await tx.all(select(table).order_by(*table.primary_key))
        ]


async def test_a_trial_changes_nothing_and_tells_what_would_be(scene: Scene) -> None:
    before = await everything(scene.store)
    assert (await scene.take_in(lines(A), "--dry-run"))[1].startswith("Would be new: 1, there already: 0")
    assert await everything(scene.store) == before
    await scene.take_in(lines(A, B))
    before = await everything(scene.store)
    out = (await scene.take_in(lines(A, C), "--dry-run", "--complete"))[1]
    assert out.startswith("Would be new: 1, there already: 1, gone: 1")
    assert await everything(scene.store) == before


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"pdq {A}\npdq 12\npdq {B}\n", "FILE, line 2: is no hash (wrong_length)"),
        (f"{A}\n{B}\nzz\n", "FILE, line 3: is no hash (not_hex)"),
        (f"signal_type,signal_str\npdq,{A}\npdq,\npdq,{B}\n", "FILE, line 3: is no hash (empty)"),
        (f"signal_str,status\n{A},active\n{B},\n{C},lost\n", "FILE, line 4: has a status that is not known"),
        (json_lines(A) + "{nonsense\n" + json_lines(B), "FILE, line 2: is no JSON"),
        (json_lines(A) + "[1]\n" + json_lines(B) + '{"signal_str": 5}\n', "FILE, line 2: is no record"),
    ],
)
async def test_a_row_that_cannot_be_read_is_named_by_its_line_and_stops_no_other(
    scene: Scene, text: str, told: str
) -> None:
    code, _, err = await scene.take_in(text)
    assert (code, await scene.listed()) == (ExitCode.PROBLEM, {A, B})
    assert err.splitlines()[0] == f"jikimi: {told}"
    assert A not in err


@pytest.mark.parametrize("text", ["", "{", '{"hashRecords": 5}', "\x00\x01"])
async def test_what_is_no_list_changes_nothing(scene: Scene, text: str) -> None:
    await scene.take_in(lines(A))
    await scene.take_in(text)
    assert await scene.listed() == {A}


@pytest.mark.parametrize(
    "gone",
    [
        stopncii(B, status="Withdrawn"),
        stopncii(B, status="Deleted"),
        json.dumps({"signal_type": "pdq", "signal_str": B, "deleted": True}) + "\n",
        f"signal_type,signal_str,status\npdq,{B},withdrawn\n",
        stopncii(B, status="Active").replace('"Active"', '"Withdrawn"', 1),
    ],
)
async def test_a_withdrawn_hash_is_gone_for_good(scene: Scene, gone: str) -> None:
    await scene.take_in(lines(A, B))
    assert ", gone: 1," in (await scene.take_in(gone))[1]
    assert await scene.listed() == {A}
    assert ", gone: 0," in (await scene.take_in(gone))[1]
    async with scene.store.read() as tx:
        assert len(await tx.all(select(tables.items.c.id))) == 1
    await scene.take_in(lines(B))
    assert await scene.listed() == {A, B}


async def test_what_a_file_both_holds_and_withdraws_is_withdrawn(scene: Scene) -> None:
    text = json_lines(A, B) + json.dumps({"signal_type": "pdq", "signal_str": B, "status": "withdrawn"})
    await scene.take_in(text)
    assert await scene.listed() == {A}


async def test_what_a_complete_file_does_not_hold_is_gone_from_its_list_and_no_other(scene: Scene) -> None:
    await scene.take_in(lines(A, B))
    await scene.take_in(lines(A, B), name="Other")
    assert ", gone: 1," in (await scene.take_in(lines(A), "--complete"))[1]
    assert (await scene.listed(), await scene.listed("Other")) == ({A}, {A, B})


async def test_hashes_of_other_kinds_keep_their_kind_and_its_radius(scene: Scene) -> None:
    await scene.take_in(f"phash {A[:16]}\nphash256 {A}\ndhash {B[:16]}\npdq {A}\n")
    async with scene.store.read() as tx:
        rows = await tx.all(select(tables.fingerprints).order_by(tables.fingerprints.c.id))
    assert [(row.kind, row.radius_bits, row.state) for row in rows] == [
        ("phash", 8, "quarantined"),
        ("phash256", 32, "quarantined"),
        ("dhash", 8, "quarantined"),
        ("pdq", 31, "quarantined"),
    ]


async def test_an_alert_names_the_list_and_nobody_else(scene: Scene) -> None:
    await scene.take_in(lines(A))
    registry = Registry(scene.store, margin_bits=17, min_quality=50)
    view = View("whole", Orientation.UPRIGHT, bytes.fromhex(A), 90)
    media = MediaFingerprint("JPEG", (Still(StillKind.PICTURE, 640, 480, (view,)),))
    search = await registry.search(media)
    async with scene.store.write() as tx:
        post_id, [media_id] = await add_post(tx, await add_channel(tx), 1, "a")
        rules = Rules(after(60) - NOW)
        await recording.record(
            tx, search.matches, post_id=post_id, media_id=media_id, key="x", priority=1, rules=rules, now=NOW
        )
        alert = await findings.alert(tx, AlertId(1))
    assert alert is not None
    told = render_alert(alert, Language.EN, ZoneInfo("UTC"))[0]
    assert "From another organisation's list: Partner" in told


@pytest.mark.parametrize("name", ["", " ", "JK-AAAA-BBBB-CCCC", "x" * 61, "a\nb"])
async def test_a_list_needs_a_name_that_is_no_number_of_a_case(scene: Scene, name: str) -> None:
    code, _, err = await scene.take_in(lines(A), name=name)
    assert (code, err.startswith("jikimi: A list needs a name")) == (ExitCode.CONFIG, True)


async def test_nobody_gets_into_a_list_as_if_it_were_a_case(scene: Scene) -> None:
    await scene.take_in(lines(A))
    desk = make_cases(Clock())
    async with scene.store.write() as tx:
        with pytest.raises(Refused, match="pin-wrong"):
            await desk.unlock(tx, number="Partner", pin="000000", chat_id=ChatId(5))


async def test_what_was_taken_in_is_in_the_audit(scene: Scene) -> None:
    await scene.take_in(lines(A, B))
    async with scene.store.read() as tx:
        [entry] = [one async for one in audit.entries(tx)]
        of = await lists.get(tx, "Partner")
        assert of == HashList(of.id if of else 0, entry.subject, "Partner", 2)  # type: ignore[arg-type]
        assert audit.opened(tx, entry) == (None, {"list": "Partner", "new": 2, "gone": 0})


async def victims_hash(scene: Scene) -> str:
    """One that a victim registered, and no list holds."""
    async with scene.store.write() as tx:
        case_id = await add_case(tx, number="JK-SECRET")
        one = fingerprint(50)
        await cases.add_fingerprints(tx, case_id, [NewFingerprint("pdq", "whole", one.bits, 31, 80)], NOW)
    return one.hex


@pytest.mark.parametrize("form", ["csv", "lines", "jsonl"])
async def test_what_is_handed_on_is_what_was_taken_in_and_nothing_of_victims(scene: Scene, form: str) -> None:
    secret = await victims_hash(scene)
    await scene.take_in(lines(A, B))
    await scene.take_in(f"phash {C[:16]}\n", name="Other")
    out = (await scene.jikimi("export", "--format", form)).out
    assert all(one in out for one in (A, B, C[:16]))
    for hidden in (secret, "JK-", "uid"):
        assert hidden not in out
    assert (await scene.take_in(out, name="Again"))[0] == ExitCode.OK
    assert await scene.listed("Again") == {A, B, C[:16]}
    only = (await scene.jikimi("export", "--format", form, "--list", "Other")).out
    assert C[:16] in only
    assert A not in only
    assert (await scene.jikimi("export", "--list", "Nobody")).code == ExitCode.CONFIG


async def test_hashes_that_staff_disabled_are_not_handed_on(scene: Scene) -> None:
    await scene.take_in(lines(A, B))
    async with scene.store.write() as tx:
        await tx.execute(
            tables.fingerprints.update().where(tables.fingerprints.c.id == 1).values(state="disabled")
        )
    assert (await scene.jikimi("export", "--format", "lines")).out == f"pdq {B}\n"


async def test_python_threatexchange_reads_what_is_handed_on(scene: Scene) -> None:
    with warnings.catch_warnings():
        # faiss, which it loads, is of an older SWIG.
        warnings.simplefilter("ignore", DeprecationWarning)
        signals = pytest.importorskip(
            "threatexchange.signal_type.pdq.signal",
            reason="threatexchange is not installed: pip install threatexchange",
        )
    await scene.take_in(lines(A, B))
    rows = list(csv.DictReader(io.StringIO((await scene.jikimi("export")).out)))
    assert {signals.PdqSignal.validate_signal_str(row["signal_str"]) for row in rows} == {A, B}
    assert {row["signal_type"] for row in rows} == {signals.PdqSignal.get_name()}


async def test_known_good_hashes_are_taken_in_once(scene: Scene) -> None:
    file = scene.folder / "flags.txt"
    file.write_text(lines(A, B, A))
    assert (await scene.jikimi("knowngood", "import", file)).out == "New: 2, there already: 0\n"
    assert (await scene.jikimi("knowngood", "import", file)).out == "New: 0, there already: 2\n"
    file.write_text("zz\n")
    assert (await scene.jikimi("knowngood", "import", file)).code == ExitCode.PROBLEM


@dataclass
class Bank:
    """A bank of Hasher-Matcher-Actioner, as far as its address and answers go."""

    url: str = ""
    added: list[dict[str, str]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        status = self.answers.pop(0) if self.answers else 201
        if status == 201:
            self.added.append({"path": request.path, **await request.json()})
        return web.json_response({}, status=status, headers={"Location": "/elsewhere"})


@pytest.fixture
async def bank() -> AsyncIterator[Bank]:
    bank = Bank()
    app = web.Application()
    app.router.add_post("/{anything:.*}", bank.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    bank.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield bank
    await runner.cleanup()


async def test_hashes_are_added_to_a_bank_once_and_only_pdq(scene: Scene, bank: Bank) -> None:
    secret = await victims_hash(scene)
    await scene.take_in(lines(A, B) + f"phash {C[:16]}\n")
    push = ("export", "--hma", bank.url + "/", "--bank", "NCII_1")
    assert (await scene.jikimi(*push)).out == "Added to the bank: 2\n"
    assert bank.added == [{"path": "/c/bank/NCII_1/signal", "pdq": one, "note": "Partner"} for one in (A, B)]
    assert (await scene.jikimi(*push)).out == "Added to the bank: 0\n"
    await scene.take_in(lines(C), name="Other")
    assert (await scene.jikimi(*push)).out == "Added to the bank: 1\n"
    assert secret not in json.dumps(bank.added)


@pytest.mark.parametrize("trouble", [500, 429, 404, 302])
async def test_a_bank_in_trouble_is_told_and_what_it_took_is_not_sent_again(
    scene: Scene, bank: Bank, trouble: int
) -> None:
    await scene.take_in(lines(A, B))
    bank.answers = [201, trouble]
    push = ("export", "--hma", bank.url, "--bank", "NCII")
    ended = await scene.jikimi(*push)
    assert (ended.code, f"({trouble})" in ended.err) == (ExitCode.TELEGRAM, True)
    assert (await scene.jikimi(*push)).out == "Added to the bank: 1\n"
    assert [one["pdq"] for one in bank.added] == [A, B]


@pytest.mark.parametrize(
    "flags",
    [
        ("--hma", "http://hma.example.org", "--bank", "NCII"),
        ("--hma", "ftp://127.0.0.1", "--bank", "NCII"),
        ("--hma", "https://127.0.0.1", "--bank", "no such/bank"),
    ],
)
async def test_hashes_are_sent_nowhere_in_clear_and_to_no_other_place(
    scene: Scene, flags: tuple[str, ...]
) -> None:
    await scene.take_in(lines(A))
    assert (await scene.jikimi("export", *flags)).code == ExitCode.CONFIG
    assert (await scene.jikimi("export", "--bank", "NCII")).code == ExitCode.USAGE
