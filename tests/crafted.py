"""Files made byte by byte: archives, documents, and what nobody makes who means well."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from pictures import encoded, picture
from PIL import Image

FIRST, SECOND, THIRD = (encoded(picture(seed, (200, 150)), "JPEG") for seed in (1, 2, 3))
JPEG, OTHER_JPEG = (encoded(picture(seed, (640, 480)), "JPEG", quality=90) for seed in (1, 2))
LOCAL, DIRECTORY, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"


def zipped(*contents: bytes, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    return zipped_as([(f"{number}.bin", content) for number, content in enumerate(contents)], method)


def zipped_as(files: list[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return out.getvalue()


def edited(data: bytes, header: bytes, at: int, value: bytes, *, number: int = 0) -> bytes:
    """Overwrite a field of the header of one entry, in the directory or before its content."""
    place = -1
    for _ in range(number + 1):
        place = data.index(header, place + 1)
    return data[: place + at] + value + data[place + at + len(value) :]


def overlapping(copies: int) -> bytes:
    """A directory that names one entry so many times."""
    data = bytearray(zipped(FIRST))
    start = data.index(DIRECTORY)
    end = data.index(END)
    entry, tail = data[start:end], data[end:]
    tail[8:12] = struct.pack("<HH", copies & 0xFFFF, copies & 0xFFFF)
    tail[12:16] = struct.pack("<I", len(entry) * copies)
    return bytes(data[:start] + entry * copies + tail)


def kernel_bomb(copies: int) -> bytes:
    """Entries that quote one another's headers, so that one kernel of zeros belongs to all (David Fifield's)."""
    squeezer = zlib.compressobj(9, zlib.DEFLATED, -15)
    rest = squeezer.compress(bytes(21_000_000)) + squeezer.flush()
    for number in range(copies):
        # Built from the last to the first: each quotes all headers after it as one stored block.
        header = struct.pack("<4s5H3I2H", LOCAL, 20, 0, 8, 0, 0, 0, len(rest), 21_000_000, 1, 0) + b"%c" % (
            number % 256
        )
        rest = header + b"\0" + struct.pack("<HH", len(header), len(header) ^ 0xFFFF) + rest
    return with_directory(rest)


def with_directory(body: bytes) -> bytes:
    entries = b""
    count = 0
    at = body.find(LOCAL)
    while at >= 0:
        entries += (
            struct.pack("<4s6H3I5H2I", DIRECTORY, 20, 20, 0, 8, 0, 0, 0, 999, 999, 1, 0, 0, 0, 0, 0, at)
            + b"x"
        )
        count += 1
        at = body.find(LOCAL, at + 1)
    tail = struct.pack("<4s4H2IH", END, 0, 0, count, count, len(entries), len(body), 0)
    return body + entries + tail


def zip_bomb(depth: int) -> bytes:
    """Sixteen of sixteen of ... of a file of 25 MB, as 42.zip is."""
    content = bytes(25_000_000)
    for _ in range(depth):
        content = zipped(*(content for _ in range(16)))
    return content


def image(data: bytes, *, width: int = 640, height: int = 480, kind: str = "/DCTDecode") -> bytes:
    head = (
        f"<< /Type /XObject /Subtype /Image /Width {width} /Height {height} /ColorSpace /DeviceRGB "
        f"/BitsPerComponent 8 /Filter {kind} /Length {len(data)} >>\nstream\n"
    )
    return head.encode() + data + b"\nendstream"


def form(content: str, matrix: str) -> bytes:
    further = " ".join(f"/X{number} {number} 0 R" for number in range(5, 25))
    head = (
        f"<< /Type /XObject /Subtype /Form /BBox [0 0 1 1] /Matrix [{matrix}] "
        f"/Resources << /XObject << /I1 3 0 R /I2 4 0 R {further} >> >> /Length {len(content)} >>\nstream\n"
    )
    return head.encode() + content.encode() + b"\nendstream"


def pdf(
    *contents: str, objects: tuple[bytes, ...] = (), page: str = "/MediaBox [0 0 595 842]", trailer: str = ""
) -> bytes:
    """A document with a page for each content stream. /I1 and /I2 are the two photos, /X5 and so on the further objects,
    numbered from 5.
    """
    xobjects = "/I1 3 0 R /I2 4 0 R " + " ".join(f"/X{5 + n} {5 + n} 0 R" for n in range(len(objects)))
    first = 5 + len(objects)
    kids = " ".join(f"{first + 2 * n} 0 R" for n in range(len(contents)))
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {len(contents)} /Kids [{kids}] >>".encode(),
        image(JPEG),
        image(OTHER_JPEG),
        *objects,
    ]
    for number, content in enumerate(contents):
        bodies += [
            f"<< /Type /Page /Parent 2 0 R {page} /Contents {first + 2 * number + 1} 0 R /Resources << /XObject "
            f"<< {xobjects} >> /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>".encode(),
            f"<< /Length {len(content)} >>\nstream\n{content}\nendstream".encode(),
        ]
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for number, body in enumerate(bodies, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    table = len(out)
    out += f"xref\n0 {len(bodies) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    out += f"trailer << /Size {len(bodies) + 1} /Root 1 0 R {trailer} >>\nstartxref\n{table}\n%%EOF".encode()
    return bytes(out)


def put(name: str, left: float, bottom: float, width: float, height: float) -> str:
    return f"q {width} 0 0 {height} {left} {bottom} cm /{name} Do Q\n"


def png(width: int, height: int, body: bytes) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def gif_bomb() -> bytes:
    return (
        b"GIF89a"
        + struct.pack("<HH", 65_000, 65_000)
        + b"\xf0\0\0"
        + b"\0\0\0\xff\xff\xff"
        + (b"," + struct.pack("<HHHH", 0, 0, 65_000, 65_000) + b"\0\x08\x01\0\0;")
    )


def jpeg_bomb() -> bytes:
    data = bytearray(FIRST)
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", 65_000, 65_000)
    return bytes(data)


def webp_bomb() -> bytes:
    data = bytearray(encoded(picture(1, (64, 64)), "WEBP"))
    at = data.index(b"\x9d\x01\x2a") + 3
    data[at : at + 4] = struct.pack("<HH", 16_383, 16_383)
    return bytes(data)


def tiff_bomb() -> bytes:
    data = bytearray(encoded(Image.new("L", (64, 64)), "TIFF", compression="tiff_deflate"))
    [directory] = struct.unpack_from("<I", data, 4)
    for place in range(directory + 2, len(data) - 12, 12):
        tag = int.from_bytes(data[place : place + 2], "little")
        if tag in (256, 257):
            data[place + 2 : place + 12] = struct.pack("<HII", 4, 1, 60_000)
    return bytes(data)


def crowded_directory() -> bytes:
    """An archive of hundreds of thousands of entries, all of them empty."""
    entry = struct.pack("<4s6H3I5H2I", DIRECTORY, 20, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    count = (20 << 20) // len(entry) - 10
    tail = struct.pack("<4s4H2IH", END, 0, 0, count & 0xFFFF, count & 0xFFFF, len(entry) * count, 0, 0)
    return entry * count + tail


def pdf_image_bomb() -> bytes:
    body = zlib.compress(bytes(3_000_000))
    return pdf(
        put("X5", 0, 0, 500, 500), objects=(image(body, width=60_000, height=60_000, kind="/FlateDecode"),)
    )


def progressive_bomb(scans: int) -> bytes:
    """A JPEG that says the same again and again, and a decoder must go over all of it each time."""
    data = encoded(Image.new("L", (2000, 2000), 99), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * scans + b"\xff\xd9"


def endless_pdf() -> bytes:
    """Forms that draw ten forms that draw ten forms ..., and a picture at the end."""
    levels = tuple(form(f"/X{6 + level} Do " * 10, "1 0 0 1 0 0") for level in range(12))
    return pdf(put("I1", 0, 0, 300, 300) + "/X5 Do", objects=(*levels, form("/I1 Do", "1 0 0 1 0 0")))
