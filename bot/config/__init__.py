"""The configuration: one TOML file, overridden by environment variables `JIKIMI_SECTION__KEY`.

`config.example.toml` explains every key. Constructing a `Config` reads nothing from outside; `load` does.
"""

from __future__ import annotations

import importlib.util
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from pydantic_settings.sources.utils import parse_env_vars

from bot.config import values as config_values
from bot.config.errors import DELIMITER, PREFIX, explained
from bot.errors import ConfigError
from bot.model import Language

TELEGRAM_API_URL = "https://api.telegram.org"
TELEGRAM_MAX_DOWNLOAD_BYTES = 20 << 20
"""What Telegram's own Bot API server gives a bot; a server of one's own gives more."""


class BadConfig(ConfigError):
    """The configuration cannot be used; `problems` are its message's lines, each naming a key."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, validate_default=True)


class TelegramConfig(_Section):
    token: Annotated[SecretStr, AfterValidator(config_values.token)] = Field(
        description="a bot token from @BotFather"
    )
    api_url: Annotated[str, AfterValidator(config_values.api_url)] = TELEGRAM_API_URL
    admins: Annotated[
        list[Annotated[int, Field(gt=0), AfterValidator(config_values.person)]],
        NoDecode,
        BeforeValidator(config_values.split),
    ] = Field(min_length=1, description="at least one Telegram user id, such as [123456789]")
    staff_chat: int = Field(lt=0, description="the id of a group, which is a negative whole number")
    poll_timeout_s: int = Field(default=50, ge=1, le=50)
    max_download_bytes: int = Field(default=TELEGRAM_MAX_DOWNLOAD_BYTES, ge=1 << 20, le=2000 << 20)
    local_files: bool = False


class StaffConfig(_Section):
    language: Language = Field(default=Language.KO, description="one of " + ", ".join(Language))
    time_zone: Annotated[str, AfterValidator(config_values.time_zone)] = "Asia/Seoul"
    warn_days_before: int = Field(default=14, ge=0, le=365)
    leave_unauthorised_after_hours: int = Field(default=72, ge=1, le=720)
    fold_minutes: int = Field(default=60, ge=0, le=1440)
    second_person: bool = False
    overdue_hours: Annotated[
        list[Annotated[int, Field(ge=1, le=8760)]], NoDecode, BeforeValidator(config_values.split)
    ] = Field(
        default=[24, 48],
        min_length=1,
        max_length=5,
        description="one to five whole numbers of hours, such as [24, 48]",
    )
    work_starts_hour: int = Field(default=9, ge=0, le=23)
    work_ends_hour: int = Field(default=18, ge=1, le=24)
    work_days: Annotated[
        list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]],
        NoDecode,
        BeforeValidator(config_values.split),
    ] = Field(
        default=["mon", "tue", "wed", "thu", "fri"],
        min_length=1,
        description='days of the week, such as ["mon", "tue", "wed", "thu", "fri"]',
    )


class ReportConfig(_Section):
    """Who reports: what addressees ask for besides where the posts are."""

    signatory: str = Field(default="", max_length=200)
    email: str = Field(
        default="", max_length=200, pattern=r"^([^@\s]+@[^@\s]+)?$", description="an e-mail address"
    )
    phone: str = Field(default="", max_length=50)
    address: str = Field(default="", max_length=300)
    authority: str = Field(default="", max_length=500)
    addressees_file: str = ""


class DefenceConfig(_Section):
    quarantine: bool = True
    fan_out_channels: int = Field(default=20, ge=0, le=10_000)
    fan_out_minutes: int = Field(default=60, ge=1, le=1440)


class RecheckConfig(_Section):
    enabled: bool = True
    url: Annotated[str, AfterValidator(config_values.api_url)] = "https://t.me"
    every_hours: int = Field(default=6, ge=1, le=720)
    per_minute: int = Field(default=10, ge=1, le=60)
    removed_days: int = Field(default=30, ge=0, le=365)


class AccountsConfig(_Section):
    """Accounts of the organisation, for channels that no bot can enter. Off while `api_id` is 0."""

    api_id: int = Field(default=0, ge=0, description="the number that my.telegram.org gives, or 0")
    api_hash: SecretStr = SecretStr("")
    poll_minutes: int = Field(default=5, ge=1, le=60)
    pause_s: int = Field(default=4, ge=2, le=600)
    join_minutes: int = Field(default=20, ge=5, le=1440)
    reports_per_day: int = Field(default=20, ge=0, le=100)

    @property
    def are_on(self) -> bool:
        return self.api_id > 0


class VictimConfig(_Section):
    organisation: str = Field(min_length=1, max_length=100, description="the name of your organisation")
    contact: str = Field(
        default="1366", min_length=1, max_length=100, description="a telephone number or an address"
    )
    age_of_majority_ko: int = Field(default=19, ge=18, le=25)
    age_of_majority_en: int = Field(default=18, ge=18, le=25)
    max_hashes_per_case: int = Field(default=2000, ge=1, le=10_000)
    max_hashes_per_day: int = Field(default=4000, ge=1, le=100_000)
    max_cases_per_day: int = Field(default=5, ge=1, le=1000)
    conversation_hours: int = Field(default=24, ge=1, le=168)
    pin_tries: int = Field(default=5, ge=1, le=10)
    pin_block_minutes: int = Field(default=15, ge=1, le=1440)
    lost_tries_per_day: int = Field(default=30, ge=1, le=1000)


class PhotosConfig(_Section):
    enabled: bool = False
    max_per_case: int = Field(default=10, ge=1, le=100)
    max_per_day: int = Field(default=10, ge=1, le=1000)
    keep_days: int = Field(default=365, ge=1, le=3650)


class MatchingConfig(_Section):
    match_radius_bits: int = Field(default=31, ge=0, le=40)
    possible_radius_bits: int = Field(default=48, ge=0, le=56)
    min_quality: int = Field(default=50, ge=50, le=100)
    workers: int = Field(default=2, ge=1, le=64)
    max_bytes: int = Field(default=TELEGRAM_MAX_DOWNLOAD_BYTES, ge=1 << 20, le=2000 << 20)
    max_pixels: int = Field(default=100_000_000, ge=1_000_000, le=1_000_000_000)
    wall_s: int = Field(default=60, ge=1, le=600)
    cpu_s: int = Field(default=30, ge=1, le=600)
    memory_mib: int = Field(default=2048, ge=512, le=65_536)
    photos: PhotosConfig = PhotosConfig()


class StoreConfig(_Section):
    url: Annotated[str, AfterValidator(config_values.store_url)] = Field(
        default=f"{config_values.SQLITE}jikimi.sqlite3", repr=False
    )
    key_file: Path = Field(default=Path("jikimi.key"), description="the path of a file")
    inbox_days: int = Field(default=2, ge=1, le=30)
    poison_days: int = Field(default=90, ge=1, le=365)

    @property
    def sqlite_file(self) -> Path | None:
        """The database's file, if it is one."""
        if not self.url.startswith(config_values.SQLITE):
            return None
        return Path(self.url.removeprefix(config_values.SQLITE).partition("?")[0])

    def inside(self, folder: Path) -> StoreConfig:
        file = self.sqlite_file
        url = self.url if file is None else self.url.replace(str(file), str(folder / file), 1)
        return self.model_copy(update={"url": url, "key_file": folder / self.key_file.expanduser()})


class WebConfig(_Section):
    public_url: Annotated[str, AfterValidator(config_values.public_url)] = ""
    listen: Annotated[str, AfterValidator(config_values.listen)] = ""

    @property
    def address(self) -> tuple[str, int] | None:
        """Host and port to listen on; None where nothing is served."""
        host, _, port = self.listen.rpartition(":")
        return (host.strip("[]"), int(port)) if host else None


class RetentionConfig(_Section):
    seen_days: int = Field(default=90, ge=0, le=3650)


class LogConfig(_Section):
    level: Literal["debug", "info", "warning", "error"] = "info"
    json_lines: bool = False


class Config(BaseSettings):
    """All settings. Times and sizes carry their unit in the name."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        env_prefix=PREFIX,
        env_nested_delimiter=DELIMITER,
        env_ignore_empty=True,
    )

    telegram: TelegramConfig
    staff: StaffConfig = StaffConfig()
    victims: VictimConfig
    reports: ReportConfig = ReportConfig()
    recheck: RecheckConfig = RecheckConfig()
    accounts: AccountsConfig = AccountsConfig()
    matching: MatchingConfig = MatchingConfig()
    store: StoreConfig = StoreConfig()
    retention: RetentionConfig = RetentionConfig()
    defence: DefenceConfig = DefenceConfig()
    web: WebConfig = WebConfig()
    log: LogConfig = LogConfig()

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource, *_: Any, **__: Any
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)

    def inside(self, folder: Path) -> Config:
        """The same, relative paths being taken from `folder`."""
        update: dict[str, Any] = {"store": self.store.inside(folder)}
        if self.reports.addressees_file:
            file = folder / Path(self.reports.addressees_file).expanduser()
            update["reports"] = self.reports.model_copy(update={"addressees_file": str(file)})
        return self.model_copy(update=update)

    @model_validator(mode="after")
    def _agree(self) -> Config:
        if problems := list(_disagreements(self)):
            raise ValueError("\n".join(problems))
        return self


def _disagreements(config: Config) -> Iterator[str]:
    telegram, matching = config.telegram, config.matching
    if matching.possible_radius_bits < matching.match_radius_bits:
        yield (
            "matching.possible_radius_bits: must not be less than matching.match_radius_bits "
            f"({matching.match_radius_bits}): a possible match is farther away than a match"
        )
    if matching.max_bytes < telegram.max_download_bytes:
        yield (
            "matching.max_bytes: must not be less than telegram.max_download_bytes "
            f"({telegram.max_download_bytes}): what is downloaded must be looked at"
        )
    if config.staff.work_ends_hour <= config.staff.work_starts_hour:
        yield (
            "staff.work_ends_hour: must be later than staff.work_starts_hour "
            f"({config.staff.work_starts_hour}): reminders come between them only"
        )
    if matching.photos.enabled and importlib.util.find_spec("cv2") is None:
        yield "matching.photos.enabled: needs one more package, OpenCV: install it with `pip install 'jikimi[photos]'`"
    if config.accounts.are_on and not config.accounts.api_hash.get_secret_value():
        yield "accounts.api_hash: is missing; my.telegram.org gives it together with accounts.api_id"
    if telegram.api_url == TELEGRAM_API_URL:
        if telegram.max_download_bytes > TELEGRAM_MAX_DOWNLOAD_BYTES:
            yield (
                f"telegram.max_download_bytes: Telegram gives bots {TELEGRAM_MAX_DOWNLOAD_BYTES} at most; "
                "more needs a Bot API server of your own, named by telegram.api_url"
            )
        if telegram.local_files:
            yield "telegram.local_files: needs a Bot API server of your own, named by telegram.api_url"


class _Environment(EnvSettingsSource):
    """The variables of a given mapping in place of the process's own."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables
        super().__init__(Config)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return parse_env_vars(self._variables, self.case_sensitive, self.env_ignore_empty)


def load(path: Path, environ: Mapping[str, str]) -> Config:
    """Read and check the configuration. Raises `BadConfig`; no message holds a value that was given.

    Relative paths are taken from the folder of `path`.
    """
    variables = {name.upper(): value for name, value in environ.items() if _names_key(name)}
    values: dict[str, Any] = {name: {} for name in Config.model_fields} | _read(path)
    for section, overrides in _Environment(variables)().items():
        if isinstance(values[section], dict):
            values[section] = _overridden(values[section], overrides)
    return from_values(values, variables).inside(path.resolve().parent)


def from_values(values: Mapping[str, Any], variables: Mapping[str, str] | None = None) -> Config:
    """Check nested values as they come from TOML; `variables` are those that override them, for the messages."""
    variables = variables or {}
    problems = [
        f"{name}: no section of this name; there are {', '.join(Config.model_fields)}"
        for name in variables
        if name.removeprefix(PREFIX).split(DELIMITER)[0].lower() not in Config.model_fields
    ]
    try:
        config = Config(**values)
    except ValidationError as error:
        problems += [line for one in error.errors() for line in explained(one, Config, variables)]
    if problems:
        raise BadConfig(problems)
    return config


def _overridden(values: dict[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """The values with others in their place; of a section in it only what is named."""
    inner = {
        name: _overridden(values[name], value)
        for name, value in overrides.items()
        if isinstance(value, dict) and isinstance(values.get(name), dict)
    }
    return {**values, **overrides, **inner}


def _names_key(variable: str) -> bool:
    return variable.upper().startswith(PREFIX) and DELIMITER in variable.removeprefix(PREFIX)


def _read(path: Path) -> dict[str, Any]:
    if not path.exists():
        raise BadConfig([f"{path}: there is no such file; `jikimi init` makes one"])
    if path.is_dir():
        raise BadConfig([f"{path}: is a folder; name the file in it"])
    try:
        return TomlConfigSettingsSource(Config, path)()
    except tomllib.TOMLDecodeError as error:
        raise BadConfig([f"{path}: is not valid TOML: {error}"]) from None
    except UnicodeDecodeError:
        raise BadConfig([f"{path}: is not UTF-8 text"]) from None
    except OSError as error:
        raise BadConfig([f"{path}: cannot be read: {error.strerror}"]) from None
