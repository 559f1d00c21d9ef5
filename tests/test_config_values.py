"""Settings of which only some values make sense: where the page is."""

from __future__ import annotations

import pytest
from test_config import problems, values

from bot.config import from_values


@pytest.mark.parametrize("url", ["", "https://hash.example.org", "https://example.org:8443/hash/"])
def test_the_pages_address_is_https(url: str) -> None:
    assert from_values(values(web={"public_url": url})).web.public_url == url


@pytest.mark.parametrize(
    "url", ["http://example.org/", "example.org", "https://", "https://a@example.org/", "https://e.org/?a#b"]
)
def test_a_page_that_telegram_would_not_open_is_refused(url: str) -> None:
    [problem] = problems(web={"public_url": url})
    assert problem.startswith("web.public_url: must look like https://")


@pytest.mark.parametrize(
    ("listen", "address"),
    [
        ("", None),
        ("127.0.0.1:8780", ("127.0.0.1", 8780)),
        ("[::1]:80", ("::1", 80)),
        ("jikimi:1", ("jikimi", 1)),
    ],
)
def test_where_the_page_is_served_is_an_address_and_a_port(
    listen: str, address: tuple[str, int] | None
) -> None:
    assert from_values(values(web={"listen": listen})).web.address == address


@pytest.mark.parametrize("listen", ["8780", ":8780", "127.0.0.1", "127.0.0.1:x", "a:70000", "http://a:80"])
def test_where_nothing_can_be_served_is_refused(listen: str) -> None:
    [problem] = problems(web={"listen": listen})
    assert problem.startswith("web.listen: ")
