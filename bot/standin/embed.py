"""The public page of a post, as `t.me/<name>/<id>?embed=1` shows it: only whether it is there."""

from __future__ import annotations

from html import escape

from aiohttp import web

from bot.standin.world import World


class Embed:
    def __init__(self, world: World) -> None:
        self._world = world
        self.restricted: set[str] = set()
        """Names of chats that the public page does not show."""
        self.seen: list[str] = []
        """What was asked for."""

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/{username:[A-Za-z][A-Za-z0-9_]{3,31}}/{number:[0-9]+}", self._show)]

    async def _show(self, request: web.Request) -> web.Response:
        username, number = request.match_info["username"], int(request.match_info["number"])
        self.seen.append(f"{username}/{number}")
        chats = (chat for chat in self._world.chats.values() if chat.username)
        chat = next((chat for chat in chats if (chat.username or "").lower() == username.lower()), None)
        if chat is None:
            return _error(f"Channel with username <b>@{escape(username)}</b> not found")
        if username in self.restricted:
            return _error(
                "This channel can’t be displayed because it was used to spread pornographic content."
            )
        message = chat.messages.get(number)
        if message is None or message.deleted_at is not None:
            return _error("Post not found")
        body = f'<div class="tgme_widget_message" data-post="{escape(str(chat.username))}/{number}"></div>'
        return web.Response(text=f"<!DOCTYPE html><html><body>{body}</body></html>", content_type="text/html")


def _error(words: str) -> web.Response:
    body = f'<div class="tgme_widget_message_error">{words}</div>'
    return web.Response(text=f"<!DOCTYPE html><html><body>{body}</body></html>", content_type="text/html")
