"""What is compiled is kept on disk for the next start, and nothing that goes wrong there keeps anything from working."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import matcher

ASKED = """
from numba import types
from matcher.compiled import compiled

def next_(number):
    return number + 1

signature = types.int64(types.int64)
twins = compiled(signature)(next_), compiled(signature, nogil=True)(next_)
assert [twin(1) for twin in twins] == [2, 2]
print(*(sum(twin.stats.cache_hits.values()) for twin in twins), len({twin.stats.cache_path for twin in twins}))
"""
SOURCES = Path(matcher.__file__).parents[1]


def loaded(folder: Path, sources: Path = SOURCES, **environment: str) -> list[str]:
    """Of two functions compiled of one, in a process of its own: how often each was loaded, and from how many folders."""
    asked = folder / "asked.py"
    if not asked.exists():
        asked.write_text(ASKED, encoding="utf-8")
    told = {"PATH": os.environ["PATH"], "PYTHONPATH": str(sources), "XDG_CACHE_HOME": str(folder / "cache")}
    asking = [sys.executable, "-W", "error", str(asked)]
    return subprocess.run(
        asking, env=told | environment, check=True, capture_output=True, text=True
    ).stdout.split()


def kept(cache: Path) -> list[Path]:
    return sorted(file for file in cache.rglob("*") if file.is_file())


def test_a_second_start_loads_what_the_first_compiled_and_keeps_options_apart(tmp_path: Path) -> None:
    assert loaded(tmp_path) == ["0", "0", "2"]
    assert loaded(tmp_path) == ["1", "1", "2"]


def test_only_its_owner_may_read_what_is_kept(tmp_path: Path) -> None:
    loaded(tmp_path)
    assert (tmp_path / "cache" / "jikimi").stat().st_mode & 0o777 == 0o700


def test_without_a_cache_folder_of_its_own_it_is_kept_in_the_home_folder(tmp_path: Path) -> None:
    loaded(tmp_path, HOME=str(tmp_path), XDG_CACHE_HOME="")
    assert kept(tmp_path / ".cache" / "jikimi")


def test_what_others_may_write_is_neither_loaded_nor_added_to(tmp_path: Path) -> None:
    loaded(tmp_path)
    before = kept(tmp_path)
    (tmp_path / "cache" / "jikimi").chmod(0o777)
    assert loaded(tmp_path)[:2] == ["0", "0"]
    assert kept(tmp_path) == before


def test_spoiled_files_are_compiled_anew(tmp_path: Path) -> None:
    loaded(tmp_path)
    for file in kept(tmp_path / "cache"):
        file.write_bytes(b"spoiled")
    assert loaded(tmp_path)[:2] == ["0", "0"]


def test_where_nothing_can_be_written_all_works(tmp_path: Path) -> None:
    (tmp_path / "cache").write_bytes(b"")
    assert loaded(tmp_path)[:2] == ["0", "0"]


def test_of_old_versions_the_newest_few_stay(tmp_path: Path) -> None:
    old = [tmp_path / "cache" / "jikimi" / f"compiled-{number}" for number in range(6)]
    for number, folder in enumerate(old):
        folder.mkdir(parents=True)
        os.utime(folder, (number, number))
    old[0].parent.chmod(0o700)
    loaded(tmp_path)
    assert [folder.exists() for folder in old] == [False, False, False, True, True, True]


def test_another_source_of_the_same_size_and_time_is_another_version(tmp_path: Path) -> None:
    copy = tmp_path / "sources"
    shutil.copytree(SOURCES / "matcher", copy / "matcher", ignore=shutil.ignore_patterns("__pycache__"))
    assert loaded(tmp_path, copy)[:2] == ["0", "0"]
    changed = copy / "matcher" / "index" / "tables.py"
    before = changed.stat()
    changed.write_bytes(changed.read_bytes().swapcase())
    os.utime(changed, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert loaded(tmp_path, copy)[:2] == ["0", "0"]
