"""Small files of our own that a customer can send without bringing one."""

from __future__ import annotations

import math
import struct
import zlib
from functools import cache

_SIDE = 240  # pixels
_RATE = 8000  # audio samples per second
_TONE_SECONDS = 1.5


@cache
def sample(kind: str) -> bytes:
    """A picture (PNG), an audio (WAV) or a document (PDF). Raises KeyError for other kinds."""
    return {"image": _picture, "audio": _tone, "document": _document}[kind]()


def _picture() -> bytes:
    """A sunrise as a PNG: a sky gradient, a sun and a field."""
    rows = b"".join(b"\0" + b"".join(_pixel(x, y) for x in range(_SIDE)) for y in range(_SIDE))
    header = struct.pack(">IIBBBBB", _SIDE, _SIDE, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def _pixel(x: int, y: int) -> bytes:
    hill = 165 + 14 * math.sin(x / 31)
    if y > hill:
        return bytes((38, 110 - int((y - hill) / 2), 78))
    if math.hypot(x - 165, y - 130) < 38:
        return bytes((255, 214, 102))
    warmth = y / _SIDE
    return bytes((int(90 + 165 * warmth), int(120 + 70 * warmth), int(210 - 60 * warmth)))


def _tone() -> bytes:
    """Two soft notes as 16-bit mono WAV."""
    count = int(_RATE * _TONE_SECONDS)
    wave = b"".join(
        struct.pack("<h", int(9000 * math.sin(2 * math.pi * _note(at) * at / _RATE) * _fade(at)))
        for at in range(count)
    )
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, _RATE, _RATE * 2, 2, 16)
    body = b"WAVE" + form + struct.pack("<4sI", b"data", len(wave)) + wave
    return struct.pack("<4sI", b"RIFF", len(body)) + body


def _note(at: int) -> float:
    return 523.25 if at < _RATE * _TONE_SECONDS / 2 else 659.25


def _fade(at: int) -> float:
    half = _RATE * _TONE_SECONDS / 2
    return 1 - (at % half) / half


def _document() -> bytes:
    """A PDF of one page."""
    text = b"BT /F1 20 Tf 60 760 Td (Documento de exemplo) Tj ET"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
            b"/Resources << /Font << /F1 5 0 R >> >> >>"
        ),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    out, offsets = b"%PDF-1.4\n", []
    for index, content in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (index, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return out + (
        b"xref\n0 6\n0000000000 65535 f \n%strailer << /Size 6 /Root 1 0 R >>\n"
        b"startxref\n%d\n%%%%EOF\n" % (table, len(out))
    )
