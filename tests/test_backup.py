"""`jikimi backup`: a copy of the database that somebody uses."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from command_scene import Commands

from bot.cli.exits import ExitCode
from bot.store import Store, open_store, settings

of_sqlite = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
of_postgresql = pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)


def file_of(store_url: str) -> Path:
    return Path(store_url.partition(":///")[2])


@of_sqlite
async def test_a_copy_holds_what_was_committed_and_opens_with_the_key(
    store: Store, store_url: str, jikimi: Commands, tmp_path: Path, store_key: bytes
) -> None:
    database, copy = file_of(store_url), tmp_path / "copies" / "backup.sqlite3"
    copy.parent.mkdir()
    async with store.write() as tx:
        await settings.put(tx, "name", "committed")
    async with store.write() as tx:
        await settings.put(tx, "name", "not yet")
        ended = await jikimi("backup", copy)
    assert (ended.code, ended.err) == (ExitCode.OK, "")
    assert ended.out.startswith(f"Written: {copy}\nThe key file is not in it")
    assert f"put the copy in the place of {database}," in ended.out
    assert [path.name for path in copy.parent.iterdir()] == [copy.name]
    assert copy.stat().st_mode & 0o777 == 0o600
    restored = await open_store(f"sqlite+aiosqlite:///{copy}", store_key)
    async with restored.read() as tx:
        assert await settings.get(tx, "name") == "committed"
    await restored.close()


@of_sqlite
async def test_a_copy_can_be_made_while_nobody_uses_the_database_and_leaves_its_schema(
    store: Store, store_url: str, jikimi: Commands, tmp_path: Path
) -> None:
    database, copy = file_of(store_url), tmp_path / "backup.sqlite3"
    await store.close()
    with closing(sqlite3.connect(database)) as other:
        other.execute("UPDATE alembic_version SET version_num = '9999'")
        other.commit()
    assert (await jikimi("backup", copy)).code == ExitCode.OK
    with closing(sqlite3.connect(copy)) as copied:
        assert copied.execute("SELECT version_num FROM alembic_version").fetchall() == [("9999",)]


@of_sqlite
@pytest.mark.parametrize("is_link", [False, True])
async def test_a_copy_replaces_nothing(
    store: Store, store_url: str, jikimi: Commands, tmp_path: Path, is_link: bool
) -> None:
    copy = tmp_path / "backup.sqlite3"
    if is_link:
        copy.symlink_to(tmp_path / "nowhere")
    else:
        copy.write_text("older")
    ended = await jikimi("backup", copy)
    assert (ended.code, ended.out) == (ExitCode.USAGE, "")
    assert ended.err == f"jikimi: {copy} is there already. Name another file, or move that away.\n"
    assert is_link or copy.read_text() == "older"


@of_sqlite
async def test_where_no_copy_can_be_made_it_is_told_and_nothing_is_left(
    store: Store, store_url: str, jikimi: Commands, tmp_path: Path
) -> None:
    database, folder = file_of(store_url), tmp_path / "copies"
    missing = await jikimi("backup", folder / "backup.sqlite3")
    assert (missing.code, "No such file or directory" in missing.err) == (ExitCode.USAGE, True)
    folder.mkdir()
    await store.close()
    database.write_text("no database " * 1000)
    spoiled = await jikimi("backup", folder / "backup.sqlite3")
    assert (spoiled.code, "the file is no SQLite database" in spoiled.err) == (ExitCode.STORE, True)
    database.unlink()
    gone = await jikimi("backup", folder / "backup.sqlite3")
    assert (gone.code, "there is no such file" in gone.err) == (ExitCode.STORE, True)
    assert list(folder.iterdir()) == []
    assert not database.exists()


@of_sqlite
async def test_a_copy_is_made_where_a_file_has_one_name_only(
    store: Store, store_url: str, jikimi: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("os.link", refuse)
    copy = tmp_path / "stick" / "backup.sqlite3"
    copy.parent.mkdir()
    assert (await jikimi("backup", copy)).code == ExitCode.OK
    assert list(copy.parent.iterdir()) == [copy]


@of_postgresql
async def test_of_postgresql_no_copy_is_made(
    store: Store, store_url: str, jikimi: Commands, tmp_path: Path
) -> None:
    ended = await jikimi("backup", tmp_path / "backup.sqlite3")
    assert (ended.code, "pg_dump" in ended.err) == (ExitCode.USAGE, True)
