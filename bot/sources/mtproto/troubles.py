"""What Telethon raises, as errors that say what to do."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

from telethon import errors
from telethon.client.downloads import _CdnRedirect

from bot.errors import AccountLost, FloodWait, NotInChannel, Permanent, Transient

_BANNED = (errors.UserDeactivatedBanError, errors.UserDeactivatedError, errors.PhoneNumberBannedError)
_LIMITED = (errors.PeerFloodError, errors.FrozenMethodInvalidError)
_OUT = (
    errors.ChannelPrivateError,
    errors.ChannelInvalidError,
    errors.UserBannedInChannelError,
    errors.ChannelBannedError,
)


@contextmanager
def translated(keep: type[errors.RPCError] | None = None) -> Iterator[None]:
    """What Telethon raises, as errors that say what to do. No message holds what Telegram said in full.

    `keep` are errors that the caller reads itself; what they say of the account is translated all the same.
    """
    try:
        yield
    except (errors.FloodWaitError, errors.FloodPremiumWaitError, errors.SlowModeWaitError) as error:
        minutes = math.ceil(error.seconds / 60)
        raise FloodWait(
            f"Telegram asks the account to wait: {minutes} minutes", retry_after_s=float(error.seconds)
        ) from None
    except _BANNED:
        raise AccountLost("banned") from None
    except _LIMITED:
        raise AccountLost("limited") from None
    except _OUT:
        raise NotInChannel from None
    except (errors.UnauthorizedError, errors.AuthKeyError):
        raise AccountLost("needs_sign_in") from None
    except (errors.ServerError, errors.TimedOutError, errors.FileReferenceExpiredError) as error:
        raise Transient(f"Telegram answered with an error: {type(error).__name__}") from None
    except errors.RPCError as error:
        if keep is not None and isinstance(error, keep):
            raise
        raise Permanent(f"Telegram refused: {type(error).__name__}") from None
    except _CdnRedirect:
        # Accounts do not say that they can use it, and Telethon cannot read what is there.
        raise Permanent("Telegram gives this file from a content network only") from None
    except errors.TypeNotFoundError:
        raise Permanent("Telegram sent what this version of Telethon does not know") from None
    except (errors.SecurityError, errors.InvalidBufferError, errors.InvalidChecksumError) as error:
        raise Transient(f"what came from Telegram was broken: {type(error).__name__}") from None
    except (TimeoutError, OSError, EOFError, ValueError) as error:
        # Telethon raises a ValueError when all its tries of a request failed.
        raise Transient(f"no connection to Telegram: {type(error).__name__}") from None
