"""Lists handed on: to files, with what is withdrawn since, and to banks."""

from __future__ import annotations

import csv
import io
import json
import warnings
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web
from command_scene import Commands
from exchange_scene import (
    A,
    B,
    C,
    Scene,
    everything,
    json_lines,
    lines,
    stopncii,
)
from sqlalchemy import case, select
from store_makers import NOW, add_case
from victim_scene import fingerprint

from bot.cli.exits import ExitCode
from bot.model import CaseId, FingerprintId, HashState
from bot.store import Store, cases, lists, standing, tables
from bot.store.cases import NewFingerprint


@pytest.fixture
def scene(store: Store, jikimi: Commands, tmp_path: Path) -> Scene:
    return Scene(store, jikimi, tmp_path)


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


def rows_of(out: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in out.splitlines()]


async def test_what_was_handed_on_and_is_withdrawn_since_is_told_by_its_number_and_without_its_hash(
    scene: Scene,
) -> None:
    await scene.take_in(lines(A, B, C))
    first = (await scene.jikimi("export", "--format", "jsonl")).out
    numbers = {row["signal_str"]: row["id"] for row in rows_of(first)}
    await scene.take_in(first, name="Receiver")
    await scene.take_in(stopncii(A, status="Withdrawn"))
    async with scene.store.write() as tx:
        await standing.set_state(tx, [FingerprintId(2)], HashState.DISABLED, now=NOW)
    second = (await scene.jikimi("export", "--format", "jsonl", "--list", "Partner")).out
    assert rows_of(second) == [row for row in rows_of(first) if row["signal_str"] == C] + [
        {"collab": "Partner", "id": numbers[one], "status": "withdrawn"} for one in (A, B)
    ]

    out = (await scene.take_in(second, "--dry-run", name="Receiver"))[1]
    assert out.startswith("Would be new: 0, there already: 1, gone: 2")
    assert (await scene.take_in(second, name="Receiver"))[1].startswith("New: 0, there already: 1, gone: 2")
    assert await scene.listed("Receiver") == {C}
    before = await everything(scene.store)
    assert (await scene.take_in(second, name="Receiver"))[1].startswith("New: 0, there already: 1, gone: 0")
    assert await everything(scene.store) == before


async def test_a_hash_that_comes_again_has_another_number_and_is_kept_beside_its_tombstone(
    scene: Scene,
) -> None:
    await scene.take_in(lines(A))
    await scene.take_in((await scene.jikimi("export", "--format", "jsonl")).out, name="Receiver")
    await scene.take_in(json_lines(A).replace("}", ', "deleted": true}'))
    await scene.take_in(lines(A))
    again = (await scene.jikimi("export", "--format", "jsonl", "--list", "Partner")).out
    came, went = rows_of(again)
    assert came["id"] != went["id"]
    for _ in range(2):
        await scene.take_in(again, name="Receiver")
        assert await scene.listed("Receiver") == {A}
    await scene.take_in(json.dumps({"id": came["id"], "status": "withdrawn"}), name="Receiver")
    assert await scene.listed("Receiver") == set()


async def test_a_number_is_taken_for_its_own_list_only_and_tells_nothing_of_the_hash(scene: Scene) -> None:
    for name in ("Partner", "Other"):
        await scene.take_in(lines(A), name=name)
    one, other = rows_of((await scene.jikimi("export", "--format", "jsonl")).out)
    assert (one["signal_str"], other["signal_str"]) == (A, A)
    assert one["id"] != other["id"]
    await scene.take_in(json.dumps(one), name="Receiver")
    await scene.take_in(json.dumps({"id": one["id"], "deleted": True}))
    assert await scene.listed() == {A}, "it was given to the list Receiver, not to this one"
    code, _, err = await scene.take_in(json.dumps({"id": "x" * 201, "deleted": True}))
    assert (code, err) == (ExitCode.PROBLEM, "jikimi: FILE, line 1: has no hash\n")


async def test_of_a_withdrawn_hash_nothing_is_left_but_that_there_was_one(scene: Scene) -> None:
    await scene.take_in(lines(A))
    await scene.take_in(stopncii(A, status="Withdrawn"))
    async with scene.store.read() as tx:
        assert await tx.all(select(tables.fingerprints)) == []
        [left] = await tx.all(select(tables.withdrawn_fingerprints))
        of = await lists.get(tx, "Partner")
    assert of is not None
    assert tuple(left) == (1, 2, of.id)


@pytest.mark.parametrize("form", ["csv", "lines", "jsonl"])
async def test_a_list_that_does_not_exist_is_told_and_nothing_is_written(scene: Scene, form: str) -> None:
    await scene.take_in(lines(A))
    ended = await scene.jikimi("export", "--list", "Partner", "--list", "Partnr", "--format", form)
    assert (ended.code, ended.out) == (ExitCode.USAGE, "")
    assert ended.err == "jikimi: there is no list of this name: Partnr\n"


async def test_what_victims_withdraw_is_in_no_export(scene: Scene) -> None:
    await victims_hash(scene)
    await scene.take_in(lines(A))
    async with scene.store.write() as tx:
        await cases.withdraw(tx, CaseId(1), NOW)
    assert len(rows_of((await scene.jikimi("export", "--format", "jsonl")).out)) == 1


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


async def test_a_hash_that_was_disabled_is_added_to_a_bank_once_it_is_enabled(
    scene: Scene, bank: Bank
) -> None:
    await scene.take_in(lines(A, B, C))
    push = ("export", "--hma", bank.url, "--bank", "NCII")
    told = []
    for disabled in ([1, 3], [1, 3], [3], [], [1], []):
        states = case((tables.fingerprints.c.id.in_(disabled), "disabled"), else_="active")
        async with scene.store.write() as tx:
            await tx.execute(tables.fingerprints.update().values(state=states))
        told.append((await scene.jikimi(*push)).out.removeprefix("Added to the bank: ").strip())
    assert told == ["1", "0", "1", "1", "0", "0"]
    assert [one["pdq"] for one in bank.added] == [B, A, C]


async def test_banks_at_long_addresses_that_begin_alike_are_told_apart(scene: Scene, bank: Bank) -> None:
    await scene.take_in(lines(A))
    for number in (1, 2):
        push = ("export", "--hma", f"{bank.url}/{'x' * 64}/{number}", "--bank", "NCII")
        assert (await scene.jikimi(*push)).out == "Added to the bank: 1\n"


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
        ("--hma", "https://[::1", "--bank", "NCII"),
        ("--hma", "https://127.0.0.1", "--bank", "no such/bank"),
    ],
)
async def test_hashes_are_sent_nowhere_in_clear_and_to_no_other_place(
    scene: Scene, flags: tuple[str, ...]
) -> None:
    await scene.take_in(lines(A))
    assert (await scene.jikimi("export", *flags)).code == ExitCode.CONFIG
    assert (await scene.jikimi("export", "--bank", "NCII")).code == ExitCode.USAGE
