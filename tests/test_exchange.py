"""Lists of other organisations taken in and handed on, as people do it, beside a database that is in use."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from command_scene import Commands
from exchange_scene import (
    FORMS,
    A,
    B,
    C,
    Scene,
    csv_file,
    everything,
    json_lines,
    lines,
    stopncii,
)
from sqlalchemy import select
from store_makers import NOW, after
from victim_scene import Clock, make_cases

from bot.chat.alert_view import render_alert
from bot.cli.exits import ExitCode
from bot.errors import Refused
from bot.model import AlertId, ChatId, FindingState, Language, ShowAlert
from bot.registered.hashlist import entries
from bot.registered.lists import take_in
from bot.store import Store, audit, findings, lists, outbox, tables

S = FindingState


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
        (
            f"pdq {A}\npdq 12\npdq {B}\n",
            "FILE, line 2: is no hash: it has another number of digits than a hash of its kind",
        ),
        (f"{A}\n{B}\nzz\n", "FILE, line 3: is no hash: it has characters other than 0-9 and a-f"),
        (f"signal_type,signal_str\npdq,{A}\npdq,\npdq,{B}\n", "FILE, line 3: is no hash: it is empty"),
        (f"signal_str,status\n{A},active\n{B},\n{C},lost\n", "FILE, line 4: has a status that is not known"),
        (json_lines(A) + "{nonsense\n" + json_lines(B), "FILE, line 2: is no JSON"),
        (json_lines(A) + "[" * 100_000 + "\n" + json_lines(B), "FILE, line 2: is no JSON"),
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


@pytest.mark.parametrize("mark", ["\u2028", "\x85", "\x0c", "\x1c"])
async def test_only_the_end_of_a_line_ends_a_row(scene: Scene, mark: str) -> None:
    of_json = json.dumps({"signal_str": A, "tags": f"one{mark}other"}, ensure_ascii=False) + "\n"
    of_csv = f"signal_str,tags\r\n{B},one{mark}other\r\n"
    for text in (of_json, of_csv):
        assert (await scene.take_in(text))[0] == ExitCode.OK
    assert await scene.listed() == {A, B}


async def test_a_file_that_is_not_there_is_told(scene: Scene) -> None:
    missing = scene.folder / "none"
    ended = await scene.jikimi("import", missing, "--list", "Partner")
    assert (ended.code, ended.err) == (ExitCode.USAGE, f"jikimi: {missing}: is not there\n")


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


async def test_of_one_hash_under_two_kinds_both_are_withdrawn_or_the_one_that_is_named(scene: Scene) -> None:
    both = f"pdq {A}\nphash256 {A}\n"
    gone = f"signal_type,signal_str,status\nphash256,{A},deleted\npdq,{A},deleted\n"
    await scene.take_in(both)
    assert ", gone: 2," in (await scene.take_in(gone))[1]
    assert await scene.listed() == set()
    await scene.take_in(both)
    assert ", gone: 1," in (await scene.take_in(stopncii(A, status="Withdrawn")))[1]
    assert await scene.listed() == {A}


async def test_what_a_file_both_holds_and_withdraws_is_withdrawn(scene: Scene) -> None:
    text = json_lines(A, B) + json.dumps({"signal_type": "pdq", "signal_str": B, "status": "withdrawn"})
    await scene.take_in(text)
    assert await scene.listed() == {A}


async def test_what_a_complete_file_does_not_hold_is_gone_from_its_list_and_no_other(scene: Scene) -> None:
    await scene.take_in(lines(A, B))
    await scene.take_in(lines(A, B), name="Other")
    assert ", gone: 1," in (await scene.take_in(lines(A), "--complete"))[1]
    assert (await scene.listed(), await scene.listed("Other")) == ({A}, {A, B})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing\n",
        "<html><body>502 Bad Gateway</body></html>\n",
        '{"error": "the token is not valid any more"}',
        '{"hashRecords": []}',
        "[]",
        csv_file(),
        lines(A, B[:-1]),
        csv_file(A, B[:-1]),
        json_lines(A) + f'{{"signal_type": "pdq", "signal_str": "{B}", "status": "in_review"}}\n',
        stopncii(A, B)[:-9],
        "VideoMD5 " + "0" * 32 + "\n",
        stopncii(A, status="Withdrawn"),
    ],
)
async def test_no_file_is_the_whole_list_that_cannot_be_read_to_its_end_or_holds_no_hash(
    scene: Scene, text: str
) -> None:
    await scene.take_in(lines(A, B))
    before = await everything(scene.store)
    code, out, err = await scene.take_in(text, "--complete")
    assert (code, out) == (ExitCode.PROBLEM, "")
    assert "Nothing was changed." in err
    assert await everything(scene.store) == before


@pytest.mark.parametrize("flags", [(), ("--complete",)])
async def test_a_quote_that_is_never_closed_hides_no_rows(scene: Scene, flags: tuple[str, ...]) -> None:
    await scene.take_in(lines(A, B))
    text = csv_file(C, A, B).replace("collab,,tag", 'collab,,"tag', 1)
    code, out, err = await scene.take_in(text, *flags)
    assert (code, out) == (ExitCode.USAGE, "")
    assert err == "jikimi: FILE: cannot be read as a list of hashes\n"
    assert await scene.listed() == {A, B}


@pytest.mark.parametrize(
    ("said", "is_refused"),
    [
        ({"nextPageToken": "abc", "hasMoreRecords": True}, True),
        ({"nextPageToken": "abc"}, True),
        ({"nextPageToken": "abc", "hasMoreRecords": False}, False),
        ({"nextPageToken": ""}, False),
        ({"nextPageToken": None}, False),
    ],
)
async def test_a_page_that_others_follow_is_not_the_whole_list(
    scene: Scene, said: dict[str, object], is_refused: bool
) -> None:
    await scene.take_in(lines(A, B))
    page = json.dumps(json.loads(stopncii(A)) | said)
    code, _, err = await scene.take_in(page, "--complete")
    assert (code, "one page of several" in err) == ((1, True) if is_refused else (0, False))
    assert await scene.listed() == ({A, B} if is_refused else {A})
    assert (await scene.take_in(page))[0] == ExitCode.OK


async def test_who_says_so_empties_a_list(scene: Scene) -> None:
    await scene.take_in(lines(A, B))
    assert (await scene.take_in("", "--allow-empty"))[0] == ExitCode.USAGE
    assert (await scene.take_in("<html>\n", "--complete", "--allow-empty"))[0] == ExitCode.PROBLEM
    assert await scene.listed() == {A, B}
    assert ", gone: 2," in (await scene.take_in("", "--complete", "--allow-empty"))[1]
    assert await scene.listed() == set()


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
    await scene.post(1, A)
    async with scene.store.read() as tx:
        alert = await findings.alert(tx, AlertId(1))
    assert alert is not None
    told = render_alert(alert, Language.EN, ZoneInfo("UTC"))[0]
    assert "From another organisation's list: Partner" in told


@pytest.mark.parametrize("name", ["", " ", "JK-AAAA-BBBB-CCCC", "x" * 61, "a\nb"])
async def test_a_list_needs_a_name_that_is_no_number_of_a_case(scene: Scene, name: str) -> None:
    code, _, err = await scene.take_in(lines(A), name=name)
    assert (code, err.startswith("jikimi: A list needs a name")) == (ExitCode.USAGE, True)


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
        assert of is not None
        assert (of.uid, of.name, of.hashes) == (entry.subject, "Partner", 2)
        assert audit.opened(tx, entry) == (None, {"list": "Partner", "new": 2, "gone": 0})


async def test_known_good_hashes_are_taken_in_once(scene: Scene) -> None:
    file = scene.folder / "flags.txt"
    file.write_text(lines(A, B, A))
    assert (await scene.jikimi("knowngood", "import", file)).out == "New: 2, there already: 0\n"
    assert (await scene.jikimi("knowngood", "import", file)).out == "New: 0, there already: 2\n"
    file.write_text("zz\n")
    assert (await scene.jikimi("knowngood", "import", file)).code == ExitCode.PROBLEM


async def begin_to_take_in(store: Store, text: str) -> None:
    """As where somebody ends the command after its first step."""

    def interrupt(number: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        await take_in(
            store,
            "Partner",
            entries(text),
            is_complete=False,
            quarantine=True,
            is_trial=False,
            now=NOW,
            progress=interrupt,
        )


async def test_what_an_import_that_was_interrupted_took_in_can_be_withdrawn_by_its_number(
    scene: Scene,
) -> None:
    await begin_to_take_in(scene.store, json.dumps({"signal_str": A, "id": "7"}))
    assert await scene.listed() == {A}
    await scene.take_in(json.dumps({"id": "7", "status": "withdrawn"}))
    assert await scene.listed() == set()


async def test_what_an_import_did_is_in_the_audit_also_where_it_was_interrupted(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def audited() -> list[object]:
        async with scene.store.read() as tx:
            done = [entry async for entry in audit.entries(tx) if entry.action == "list_imported"]
            return [audit.opened(tx, entry)[1] for entry in done]

    monkeypatch.setattr("bot.registered.lists.AT_ONCE", 2)
    await begin_to_take_in(scene.store, lines(A, B, C))
    assert await audited() == [{"list": "Partner", "new": 2, "gone": 0}]
    await scene.take_in(lines(A, B, C))
    await scene.take_in(lines(A), "--complete")
    added, dropped = {"new": 1, "gone": 0}, {"new": 0, "gone": 2}
    assert (await audited())[1:] == [{"list": "Partner", **added}, {"list": "Partner", **dropped}]


async def test_a_hash_that_a_file_both_holds_and_withdraws_is_not_well_known(scene: Scene) -> None:
    file = scene.folder / "flags.jsonl"
    file.write_text(json_lines(A, B) + json.dumps({"signal_str": B, "status": "withdrawn"}))
    assert (await scene.jikimi("knowngood", "import", file)).out == "New: 1, there already: 0\n"


async def test_a_hash_that_a_list_withdraws_is_asked_about_no_more_and_nothing_of_it_is_kept(
    scene: Scene,
) -> None:
    """Two posts wait behind the first that shows it; one of them shows another hash as well."""
    await scene.take_in(lines(A, B))
    for number, shown in enumerate(((A,), (A,), (A, B)), 1):
        await scene.post(number, *shown)
    assert await scene.states() == [S.NEW, S.HELD, S.HELD]
    await scene.take_in(stopncii(A, status="Withdrawn"))
    assert await scene.states() == [S.WITHDRAWN, S.WITHDRAWN, S.NEW]
    async with scene.store.write() as tx:
        kept = [row.fingerprints for row in await tx.all(select(tables.media).order_by(tables.media.c.id))]
        due = await outbox.claim(tx, now=after(9), lease_s=60, limit=9)
        alert = await findings.alert(tx, AlertId(1))
    assert kept == [None, None, None]
    assert ShowAlert(AlertId(1)) in [row.effect for row in due]
    assert alert is not None
    told, buttons = render_alert(alert, Language.EN, ZoneInfo("UTC"))
    assert "F-3" in told
    assert len(buttons) == 2


async def test_a_hash_that_a_list_holds_again_is_asked_about_again(scene: Scene) -> None:
    await scene.take_in(lines(A))
    await scene.post(1, A)
    await scene.take_in(stopncii(A, status="Withdrawn"))
    async with scene.store.read() as tx:
        alert = await findings.alert(tx, AlertId(1))
    assert alert is not None
    assert "Registration withdrawn" in render_alert(alert, Language.EN, ZoneInfo("UTC"))[0]
    await scene.take_in(lines(A))
    await scene.post(1, A)
    assert await scene.states() == [S.NEW]
