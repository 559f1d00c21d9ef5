"""What can go wrong, typed by what to do about it. An error's docstring is its message unless it is given one."""

from __future__ import annotations


class JikimiError(Exception):
    """Something went wrong."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or type(self).__doc__ or "")


class ConfigError(JikimiError):
    """The configuration cannot be used."""


class BadArgument(JikimiError):
    """What the command was given cannot be used."""


class StoreError(JikimiError):
    """The database cannot be used."""


class Refused(JikimiError):
    """The request is not allowed as it stands; `code` names the text that tells the person what to do."""

    def __init__(self, code: str, **values: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


class Permanent(JikimiError):
    """Trying again cannot help."""


class Transient(JikimiError):
    """Trying again later can help."""

    def __init__(self, message: str | None = None, *, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class PoisonUpdate(Permanent):
    """The update cannot be read; it is kept and shown to an admin."""


class TokenRefused(Permanent):
    """Telegram does not know this token: copy it again from @BotFather, or make a new one there."""


class SecondPoller(Transient):
    """Another process, or a webhook, is taking this bot's updates; only one may run."""


class ChatGone(Permanent):
    """The chat cannot be reached: the bot was removed or blocked, or the chat does not exist."""


class ChatHasMoved(Permanent):
    """The group became a supergroup with a new id."""

    def __init__(self, new_chat_id: int) -> None:
        super().__init__()
        self.new_chat_id = new_chat_id


class TooLargeToDownload(Permanent):
    """Telegram gives a bot no file of this size, or the file is larger than `max_download_bytes`."""


class FileGone(Permanent):
    """Telegram no longer has the file."""


class MessageGone(Permanent):
    """The message to edit is no longer there."""


class FloodWait(Transient):
    """Telegram asks an account to wait."""


class AccountLost(Permanent):
    """Telegram no longer takes an account's session; `code` is `banned`, `limited` or `needs_sign_in`."""

    def __init__(self, code: str) -> None:
        super().__init__()
        self.code = code


class NotInChannel(Permanent):
    """The account is not, or is no longer, in the channel."""
