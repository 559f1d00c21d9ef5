"""The page on which a person makes hashes on their own device: one file, `jikimi.html`, built by `build.py`.

`frame/` decodes and hashes, in a frame that can reach nothing; `screen/` is what the person sees around it, and never
looks into a file. How it is put together and checked: docs/page.md.
"""

from __future__ import annotations

import hashlib
from importlib.resources import files

FILE_NAME = "jikimi.html"


def page_bytes() -> bytes:
    """The built file, to be sent, served or written as it is."""
    return files(__name__).joinpath(FILE_NAME).read_bytes()


def page_sha256() -> str:
    """64 hex digits, by which people check that the file is the one that this project published."""
    return hashlib.sha256(page_bytes()).hexdigest()
