"""The page as a file: what it is built from, what it holds, and how people can check it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli.main import app
from bot.page import build, page_bytes, page_sha256
from matcher.photos import features as photo
from matcher.photos import gradients, keypoints, orb, trim
from matcher.photos import register as photo_register

ROOT = Path(__file__).parent.parent
TEXTS = json.loads((build.FOLDER / "texts.json").read_text(encoding="utf-8"))
SCRIPTS = sorted(build.FOLDER.rglob("*.js"))
REASONS = re.findall(
    r'NotHashed\("([a-z-]+)"\)', "".join(path.read_text(encoding="utf-8") for path in SCRIPTS)
)


def test_the_built_file_is_what_the_sources_build() -> None:
    # Where they differ, pytest would compare 190 kB for a minute or two.
    is_same = page_bytes().decode() == build.build()
    assert is_same, "run `make page`"


def test_it_is_built_by_python_alone(tmp_path: Path) -> None:
    code = "import sys; sys.path.insert(0, sys.argv[1]); from bot.page.build import build; sys.stdout.write(build())"
    command = [sys.executable, "-I", "-S", "-X", "utf8", "-c", code, str(ROOT)]
    is_same = subprocess.run(command, capture_output=True, check=True, cwd=tmp_path).stdout == page_bytes()
    assert is_same, "run `make page`"


def test_every_script_is_in_it_once() -> None:
    built = page_bytes().decode()
    named = [f"frame/{name}.js" for name in build.FRAME] + [f"screen/{name}.js" for name in build.SCREEN]
    assert sorted(named) == [path.relative_to(build.FOLDER).as_posix() for path in SCRIPTS]
    assert [name for name in build.FRAME + build.SCREEN if built.count(f"// --- {name}.js\n") != 1] == []


@pytest.mark.parametrize(
    "address", [r"\b[a-z]+://", r"\b(https?|wss?|ftp|stun|turn|tel|mailto):", r"""["'(=]\s*//""", r"\bwww\."]
)
def test_it_holds_no_address(address: str) -> None:
    assert re.findall(address, page_bytes().decode(), re.IGNORECASE) == []


def test_nothing_in_it_asks_the_network_or_keeps_anything() -> None:
    scripts = "".join(path.read_text(encoding="utf-8") for path in SCRIPTS)
    ways = r"fetch\(|XMLHttpRequest|WebSocket|EventSource|sendBeacon|importScripts|import\(|new Worker|eval\(|Function\("
    kept = r"localStorage|sessionStorage|indexedDB|caches\b|cookie|serviceWorker|innerHTML|document\.write"
    assert re.findall(f"{ways}|{kept}", scripts) == []


def test_its_policy_lets_two_scripts_run_and_nothing_out() -> None:
    found = re.search(r'Content-Security-Policy" content="([^"]+)"', page_bytes().decode())
    assert found is not None
    policy = dict(part.split(" ", 1) for part in found[1].split("; "))
    assert policy["default-src"] == "'none'"
    assert [len(re.findall(r"'sha256-[^']+'", policy[name])) for name in ("script-src", "style-src")] == [
        2,
        1,
    ]
    assert "unsafe" not in found[1]
    open_ = {
        name for name, value in policy.items() if value not in ("'none'", "'block'") and "sha256" not in value
    }
    assert open_ == {"img-src", "media-src", "require-trusted-types-for"}
    assert {policy["img-src"], policy["media-src"]} == {"blob:"}
    assert 'sandbox="allow-scripts"' in page_bytes().decode()


@pytest.mark.parametrize("readme", ["README.md", "README.ko.md"])
def test_the_readme_tells_its_sha256(readme: str) -> None:
    assert page_sha256() == hashlib.sha256(page_bytes()).hexdigest()
    assert f"`{page_sha256()}`" in (ROOT / readme).read_text(encoding="utf-8")


def test_the_command_writes_it_and_prints_its_sha256(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    told = CliRunner().invoke(app, ["page", str(file)])
    assert told.exit_code == 0
    assert told.stdout == f"{page_sha256()}  {file}\n"
    assert file.read_bytes() == page_bytes()


def test_the_command_says_where_it_cannot_write(tmp_path: Path) -> None:
    told = CliRunner().invoke(app, ["page", str(tmp_path / "nowhere" / "page.html")])
    assert told.exit_code == 1
    assert "cannot be written" in told.stderr


def test_both_languages_have_the_same_texts_with_the_same_values() -> None:
    shapes = [
        {key: set(re.findall(r"{(\w+)}", text)) for key, text in TEXTS[one].items()} for one in ("ko", "en")
    ]
    assert shapes[0] == shapes[1]


def test_every_text_is_used_and_every_text_that_is_named_is_there() -> None:
    html = (build.FOLDER / "page.html").read_text(encoding="utf-8")
    scripts = "".join(path.read_text(encoding="utf-8") for path in SCRIPTS)
    named = {*re.findall(r'data-(?:text|label)="([a-z-]+)"', html), *(f"why-{reason}" for reason in REASONS)}
    quoted = set(re.findall(r'"([a-z-]+)"', scripts)) | {
        f"done-{kind}" for kind in ("picture", "video", "animation")
    }
    assert named - set(TEXTS["ko"]) == set()
    # The watch of the screen gives this reason itself.
    assert set(TEXTS["ko"]) - named - quoted == {"why-stuck"}


def test_korean_is_polite_and_hangs_no_particle_on_a_value() -> None:
    texts = "\n".join(TEXTS["ko"].values())
    assert re.findall(r"}(은|는|이|가|을|를|와|과|로|으로|의|에|께|도)(?![가-힣])", texts) == []
    assert re.findall(r"(?:해요|세요|이에요|예요)[.?\s]|피해자|사건|담당자|단추", texts) == []


def test_what_shows_on_a_tab_or_a_saved_file_is_harmless() -> None:
    html = page_bytes().decode()
    assert re.findall(r"<title>(.*)</title>", html) == ["지킴이"]
    assert re.findall(r'SAVED_AS = "(.*)"', html) == ["jikimi.txt"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        *(("text", "back"), ("text", "card"), ("soft", "back"), ("soft", "card"), ("main", "card")),
        *(("on-main", "main"), ("good", "card"), ("bad", "card")),
    ],
)
def test_every_text_stands_out_from_what_is_behind_it(scheme: str, text: str, ground: str) -> None:
    css = (build.FOLDER / "page.css").read_text(encoding="utf-8")
    light, dark = re.findall(r":root {(.*?)}", css, re.DOTALL)
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", light if scheme == "light" else dark))
    darker, lighter = sorted(_luminance(colours[name]) for name in (text, ground))
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def _luminance(colour: str) -> float:
    """Relative luminance, as WCAG 2 defines it."""
    linear = []
    for at in (1, 3, 5):
        value = int(colour[at : at + 2], 16) / 255
        linear.append(value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4)
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_what_was_learned_of_patches_is_in_it_byte_by_byte() -> None:
    found = re.search(r"const LEARNED = `([^`]+)`;", page_bytes().decode())
    assert found is not None
    assert base64.b64decode(found[1]) == gradients.FILE.read_bytes()


def test_sketches_are_made_by_the_numbers_of_the_matcher() -> None:
    scripts = "".join(path.read_text(encoding="utf-8") for path in SCRIPTS)
    told = dict(re.findall(r"^const ([A-Z_]+) = ([0-9._]+);$", scripts, re.MULTILINE))
    of = {
        orb: {
            "WORKING_SIDE": "WORKING_SIDE",
            "LEVELS": "_LEVELS",
            "MOST_IN_CELL": "_IN_CELL",
            "FAINT": "_FAINT",
            "BORDER": "BORDER",
            "INK": "_INK",
            "DARK": "_DARK",
            "LIGHT": "_LIGHT",
            "PAPER": "_PAPER",
            "NEARLY": "_NEARLY",
            "MOST_DRAWN": "_MOST_DRAWN",
            "PATCH": "PATCH",
            "CELLS": "_GRID",
        },
        gradients: {
            "EDGE_HALF": "_HALF",
            "EDGE_SPREAD": "_SPREAD",
            "EDGE_SMOOTH": "_SMOOTH",
            "DIRECTIONS": "_DIRECTIONS",
            "PATCH_SAMPLES": "SAMPLES",
            "PATCH_STEP": "STEP",
            "PATCH_CELLS": "CELLS",
            "CHANNELS": "CHANNELS",
        },
        photo: {
            "MOST_FEATURES": "MAX_KEYPOINTS",
            "LEAST_FEATURES": "MIN_KEYPOINTS",
            "LONGEST_SIDE": "LONGEST_SIDE",
            "LEAST_DISTINCT": "_LEAST_DISTINCT",
            "SKETCH_VERSION": "_VERSION",
        },
        photo_register: {
            "TWIN_BITS": "_TWIN_BITS",
            "TWIN_APART": "_TWIN_APART",
            "MOST_TWINS": "_MOST_TWINS",
            "ALL_TWINS": "_ALL_TWINS",
            "MOST_WRITTEN": "_MOST_WRITTEN",
            "MOST_OF_THREE": "_MOST_OF_THREE",
        },
        keypoints: {
            "PLACE_STEPS": "PLACES",
            "SIZES_AN_OCTAVE": "SIZES_AN_OCTAVE",
            "TURN_STEPS": "TURNS",
            "DESCRIPTOR_BYTES": "DESCRIPTOR_BYTES",
        },
        trim: {
            "NEAR_GREYS": "_NEAR",
            "LEAST_BAR": "_BAR",
            "MOST_BESIDE": "_BESIDE",
            "PLAIN_LINE": "_PLAIN",
            "LEAST_BAR_LINES": "_LEAST_LINES",
            "LINES_BESIDE": "_SETTLED",
            "MOST_BROKEN": "_MOST_BROKEN",
            "LEAST_LEFT": "_LEAST_LEFT",
        },
    }
    ours = {name: getattr(module, ours) for module, names in of.items() for name, ours in names.items()}
    assert {name: float(told[name]) for name in ours} == ours
    assert tuple(float(told[name]) for name in ("FALL", "LEAST_CONTRAST")) == orb.OF_PHOTO
