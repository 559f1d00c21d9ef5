from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticUndefined

from bot.config import BadConfig, MatchingConfig, StoreConfig, from_values, load
from matcher import MATCH_RADIUS_BITS, MIN_QUALITY, POSSIBLE_RADIUS_BITS, Limits

EXAMPLE = Path(__file__).parent.parent / "config.example.toml"
TOKEN = "987654321:AAE-a-token-that-no-message-may-hold"


def values(**changes: dict[str, Any]) -> dict[str, Any]:
    """The least that makes a configuration, with changed keys (None removes one)."""
    least: dict[str, dict[str, Any]] = {
        "telegram": {"token": TOKEN, "admins": [1], "staff_chat": -100},
        "victims": {"organisation": "Centre"},
    }
    for section, keys in changes.items():
        merged = least.get(section, {}) | keys
        least[section] = {key: value for key, value in merged.items() if value is not None}
    return least


def problems(**changes: dict[str, Any]) -> list[str]:
    with pytest.raises(BadConfig) as caught:
        from_values(values(**changes))
    return caught.value.problems


def sections() -> dict[str, BaseModel]:
    """Every section by its name, those in others too."""
    found: dict[str, BaseModel] = {}
    waiting = list(dict(from_values(values())).items())
    while waiting:
        name, section = waiting.pop()
        found[name] = section
        waiting += [
            (f"{name}.{key}", inner) for key, inner in dict(section).items() if isinstance(inner, BaseModel)
        ]
    return found


def example() -> dict[str, dict[str, Any]]:
    """The keys of every section of the example."""
    found: dict[str, dict[str, Any]] = {}
    waiting = list(tomllib.loads(EXAMPLE.read_text()).items())
    while waiting:
        name, keys = waiting.pop()
        found[name] = keys
        waiting += [(f"{name}.{key}", inner) for key, inner in keys.items() if isinstance(inner, dict)]
    return found


def test_the_example_is_valid_as_it_is() -> None:
    load(EXAMPLE, {})


def test_the_example_holds_exactly_the_keys_of_the_configuration() -> None:
    assert {name: set(keys) for name, keys in example().items()} == {
        name: set(type(section).model_fields) for name, section in sections().items()
    }


def test_the_example_shows_the_defaults() -> None:
    defaults = {
        (name, key): str(field.default)
        for name, section in sections().items()
        for key, field in type(section).model_fields.items()
        if field.default is not PydanticUndefined and not isinstance(field.default, BaseModel)
    }
    assert {where: str(example()[where[0]][where[1]]) for where in defaults} == defaults


def test_the_defaults_of_matching_are_the_matchers_own() -> None:
    config = MatchingConfig()
    limits = Limits(
        max_bytes=config.max_bytes,
        max_pixels=config.max_pixels,
        wall_s=config.wall_s,
        cpu_s=config.cpu_s,
        memory_bytes=config.memory_mib << 20,
    )
    assert limits == Limits()
    assert (config.match_radius_bits, config.possible_radius_bits, config.min_quality) == (
        MATCH_RADIUS_BITS,
        POSSIBLE_RADIUS_BITS,
        MIN_QUALITY,
    )


def test_a_key_without_default_is_missed_by_its_name() -> None:
    assert problems(telegram={"token": None, "admins": None}, victims={"organisation": None}) == [
        "telegram.token: is missing; it must be a bot token from @BotFather",
        "telegram.admins: is missing; it must be at least one Telegram user id, such as [123456789]",
        "victims.organisation: is missing; it must be the name of your organisation",
    ]


def test_missing_sections_are_named_by_their_keys(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("")
    with pytest.raises(BadConfig, match=r"telegram\.token: is missing"):
        load(path, {})


def test_a_folder_is_no_configuration(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match=f"^{tmp_path}: is a folder; name the file in it$"):
        load(tmp_path, {})


def test_a_missing_file_names_the_command_that_makes_one(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="`jikimi init` makes one"):
        load(tmp_path / "config.toml", {})


@pytest.mark.parametrize("content", [b'[telegram]\ntoken = "' + TOKEN.encode(), b"\xff\xfe"])
def test_a_file_that_is_not_toml_is_named_without_its_content(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(content)
    with pytest.raises(BadConfig, match=r"config\.toml: is not") as caught:
        load(path, {})
    assert TOKEN not in str(caught.value)


def test_an_unknown_key_is_an_error_that_suggests_the_known_one() -> None:
    assert problems(telegram={"tokn": TOKEN}) == ["telegram.tokn: there is no such key; did you mean token?"]


def test_an_unknown_section_is_an_error() -> None:
    assert problems(telegraf={"token": TOKEN}) == [
        "telegraf: there is no such key; did you mean telegram?",
    ]


@pytest.mark.parametrize(
    ("section", "key", "value", "legal"),
    [
        ("telegram", "token", "hello", "a bot token as @BotFather gives it"),
        ("telegram", "admins", [], "at least one Telegram user id"),
        ("telegram", "admins", [0], "at least one Telegram user id"),
        ("telegram", "admins", [1, 1087968824], "ids of persons; 1087968824 is everybody"),
        ("telegram", "admins", ["somebody"], "at least one Telegram user id"),
        ("telegram", "staff_chat", 100, "the id of a group, which is a negative whole number"),
        ("telegram", "poll_timeout_s", 51, "a whole number from 1 to 50"),
        ("telegram", "poll_timeout_s", "soon", "a whole number from 1 to 50"),
        ("telegram", "local_files", "perhaps", "true or false"),
        ("staff", "language", "fr", "one of ko, en"),
        ("staff", "time_zone", "Mars/Olympus", "the name of a time zone"),
        ("victims", "organisation", "", "the name of your organisation"),
        ("victims", "age_of_majority_ko", 17, "a whole number from 18 to 25"),
        ("matching", "match_radius_bits", -1, "a whole number from 0 to 40"),
        ("matching", "possible_radius_bits", 57, "a whole number from 0 to 56"),
        ("matching", "min_quality", 49, "a whole number from 50 to 100"),
        ("store", "url", "mysql://localhost/db", "sqlite+aiosqlite:///FILE or postgresql+asyncpg://"),
        ("store", "url", "sqlite+aiosqlite:///:memory:", "sqlite+aiosqlite:///FILE"),
        ("log", "level", "loud", "one of debug, info, warning, error"),
    ],
)
def test_a_value_out_of_range_is_one_line_with_its_key_and_what_is_legal(
    section: str, key: str, value: Any, legal: str
) -> None:
    [problem] = problems(**{section: {key: value}})
    assert problem.startswith(f"{section}.{key}: must be {legal}")
    assert "\n" not in problem


def test_a_section_that_is_no_table_is_named() -> None:
    with pytest.raises(BadConfig, match=r"^staff: must be a section, \[staff\]$"):
        from_values(values() | {"staff": 5})


@pytest.mark.parametrize(
    "url",
    [
        "https://api.telegram.org",
        "https://botapi.example.org/telegram",
        "http://127.0.0.1:8081",
        "http://[::1]:8081",
        "http://localhost:8081",
        "http://10.1.2.3",
        "http://botapi:8081",
    ],
)
def test_the_api_may_be_https_anywhere_or_http_nearby(url: str) -> None:
    assert from_values(values(telegram={"api_url": url + "/"})).telegram.api_url == url


@pytest.mark.parametrize("url", ["http://api.telegram.org", "http://8.8.8.8:8081"])
def test_plain_http_over_the_internet_is_refused_with_the_reason(url: str) -> None:
    [problem] = problems(telegram={"api_url": url})
    assert problem.startswith("telegram.api_url: plain http would send the token in clear")


@pytest.mark.parametrize(
    "url", ["api.telegram.org", "ftp://127.0.0.1", "https://", "https://a@b", "https://a?b", "http://[::1"]
)
def test_what_is_no_api_address_is_refused(url: str) -> None:
    [problem] = problems(telegram={"api_url": url})
    assert problem.startswith("telegram.api_url: must look like https://api.telegram.org")


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        (
            {"matching": {"match_radius_bits": 31, "possible_radius_bits": 30}},
            "matching.possible_radius_bits",
        ),
        (
            {"telegram": {"max_download_bytes": 21 << 20}, "matching": {"max_bytes": 1 << 30}},
            "telegram.max_download_",
        ),
        ({"telegram": {"local_files": True}}, "telegram.local_files: needs a Bot API server of your own"),
        (
            {"staff": {"work_starts_hour": 18, "work_ends_hour": 9}},
            "staff.work_ends_hour: must be later than",
        ),
        ({"staff": {"work_starts_hour": 18}}, "staff.work_ends_hour: must be later than"),
        (
            {"matching": {"max_bytes": 1 << 20}},
            "matching.max_bytes: must not be less than telegram.max_download_",
        ),
    ],
)
def test_keys_that_contradict_each_other_are_named(changes: dict[str, dict[str, Any]], key: str) -> None:
    [problem] = problems(**changes)
    assert problem.startswith(key)


def test_a_server_of_ones_own_may_give_larger_files() -> None:
    telegram = {"api_url": "http://127.0.0.1:8081", "max_download_bytes": 1 << 30, "local_files": True}
    config = from_values(values(telegram=telegram, matching={"max_bytes": 1 << 30}))
    assert config.telegram.max_download_bytes == 1 << 30


def test_all_problems_are_told_at_once() -> None:
    assert len(problems(telegram={"token": "x"}, staff={"language": "fr"}, log={"level": "x"})) == 3


def test_no_message_holds_a_secret_that_was_given() -> None:
    secrets = {
        "token": f"x{TOKEN}",
        "api_url": f"https://{TOKEN}@host",
        "admins": [TOKEN],
        "staff_chat": TOKEN,
    }
    url = "postgres://user:hunter2@host/db"
    told = "\n".join(problems(telegram=secrets, store={"url": url}))
    assert TOKEN not in told
    assert "hunter2" not in told


def test_no_representation_holds_a_secret() -> None:
    config = from_values(values(store={"url": "postgresql+asyncpg://user:hunter2@host/db"}))
    assert TOKEN not in repr(config)
    assert "hunter2" not in repr(config)


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(EXAMPLE.read_text())
    return path


def test_the_environment_overrides_the_file(written: Path) -> None:
    config = load(
        written,
        {
            "JIKIMI_TELEGRAM__TOKEN": TOKEN,
            "JIKIMI_TELEGRAM__ADMINS": "1, 2",
            "JIKIMI_TELEGRAM__STAFF_CHAT": "-5",
            "JIKIMI_LOG__JSON_LINES": "true",
            "JIKIMI_STAFF__LANGUAGE": "",
            "JIKIMI_TEST_POSTGRES_URL": "of no section, so not ours",
        },
    )
    assert config.telegram.token.get_secret_value() == TOKEN
    assert config.telegram.admins == [1, 2]
    assert config.telegram.staff_chat == -5
    assert config.log.json_lines is True
    assert config.staff.language == "ko"


def test_the_process_environment_is_not_read_behind_ones_back(
    written: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIKIMI_STAFF__LANGUAGE", "en")
    assert load(written, {}).staff.language == "ko"
    assert from_values(values()).staff.language == "ko"


@pytest.mark.parametrize(
    ("variable", "told"),
    [
        (
            "JIKIMI_TELEGRAM__TOKEN",
            "telegram.token (set by JIKIMI_TELEGRAM__TOKEN): must be a bot token as @BotFather gives it",
        ),
        ("JIKIMI_TELEGRAM__TOKNE", "telegram.tokne (set by JIKIMI_TELEGRAM__TOKNE): there is no such key"),
        (
            "JIKIMI_TELEGRM__TOKEN",
            "JIKIMI_TELEGRM__TOKEN: no section of this name; there are telegram, staff",
        ),
        ("JIKIMI_TELEGRAM__ADMINS", "telegram.admins (set by JIKIMI_TELEGRAM__ADMINS): must be at least one"),
    ],
)
def test_a_wrong_variable_is_named(written: Path, variable: str, told: str) -> None:
    with pytest.raises(BadConfig) as caught:
        load(written, {variable: "nonsense"})
    [problem] = caught.value.problems
    assert problem.startswith(told)


def test_relative_paths_are_taken_from_the_folder_of_the_file(written: Path) -> None:
    store = load(written, {}).store
    assert store.url == f"sqlite+aiosqlite:///{written.parent}/jikimi.sqlite3"
    assert store.sqlite_file == written.parent / "jikimi.sqlite3"
    assert store.key_file == written.parent / "jikimi.key"


def test_absolute_paths_and_servers_stay_as_they_are(tmp_path: Path) -> None:
    key_file = tmp_path / "elsewhere.key"
    store = StoreConfig(url="postgresql+asyncpg://user@host/db", key_file=key_file).inside(Path("/srv"))
    assert (store.url, store.key_file, store.sqlite_file) == (
        "postgresql+asyncpg://user@host/db",
        key_file,
        None,
    )
    file = StoreConfig(url="sqlite+aiosqlite:////var/lib/jikimi.sqlite3?timeout=9")
    assert file.inside(Path("/srv")).url == file.url


def test_a_configuration_cannot_be_changed() -> None:
    config = from_values(values())
    with pytest.raises(ValidationError):
        config.staff = config.staff
    with pytest.raises(ValidationError):
        config.staff.fold_minutes = 5


def test_a_section_in_a_section_is_checked_and_explained_like_any_other() -> None:
    assert problems(matching={"photos": {"enable": True}}) == [
        "matching.photos.enable: there is no such key; did you mean enabled?"
    ]
    assert problems(matching={"photos": {"keep_days": 0}}) == [
        "matching.photos.keep_days: must be a whole number from 1 to 3650"
    ]
    assert problems(matching={"photos": 1}) == ["matching.photos: must be a section, [matching.photos]"]


def test_the_environment_overrides_one_key_of_a_section_in_a_section(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(
        f'''
        [telegram]
        token = "{TOKEN}"
        admins = [1]
        staff_chat = -100
        [victims]
        organisation = "Centre"
        [matching]
        workers = 3
        [matching.photos]
        keep_days = 30
        '''
    )
    loaded = load(path, {"JIKIMI_MATCHING__PHOTOS__MAX_PER_CASE": "3"}).matching
    assert (loaded.workers, loaded.photos.keep_days, loaded.photos.max_per_case) == (3, 30, 3)


def test_photos_without_opencv_are_refused_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    # As on a machine on which the extra is not installed.
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    [problem] = problems(matching={"photos": {"enabled": True}})
    assert problem.startswith("matching.photos.enabled: ")
    assert "pip install 'jikimi[photos]'" in problem
    assert not from_values(values(matching={"photos": {"enabled": False}})).matching.photos.enabled
