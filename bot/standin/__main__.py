"""`python -m bot.standin --port 0`: the stand-in as a process of its own. Prints its address."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys

from bot.standin.server import TOKEN, Standin


async def serve(port: int, token: str) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for ended_by in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(ended_by, stop.set)
    async with Standin(port=port, token=token) as standin:
        sys.stdout.write(standin.api_url + "\n")
        sys.stdout.flush()
        await stop.wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bot.standin", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="loopback port; 0 takes a free one")
    parser.add_argument("--token", default=TOKEN, help="the token that the bot must use")
    asked = parser.parse_args()
    asyncio.run(serve(asked.port, asked.token))


if __name__ == "__main__":
    main()
