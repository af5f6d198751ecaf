"""Which files are a message of which kind, and how large they may be."""

import filetype

from core import files
from core.files import MEGABYTE
from messaging.enums import MessageKind

KILOBYTE = 1024
SENT: dict[MessageKind, tuple[frozenset[str], int]] = {
    MessageKind.IMAGE: (frozenset({files.JPEG, files.PNG}), 5 * MEGABYTE),
    MessageKind.AUDIO: (
        frozenset({"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"}),
        16 * MEGABYTE,
    ),
    MessageKind.VIDEO: (frozenset({"video/mp4", "video/3gpp"}), 16 * MEGABYTE),
    MessageKind.STICKER: (frozenset({files.WEBP}), 500 * KILOBYTE),
    MessageKind.DOCUMENT: (
        frozenset({
            files.PDF, files.TEXT, files.CSV, files.XLSX, files.DOCX, files.PPTX, files.ZIP,
            "application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint",
            files.JPEG, files.PNG, files.GIF, files.WEBP, "audio/wav", "video/quicktime",
            "video/webm", "audio/mpeg", "video/mp4",
        }),
        100 * MEGABYTE,
    ),
}  # fmt: skip
# What people send us is kept whatever it is; `core.files_serve` never lets it run.
RECEIVED = "received"
RECEIVED_MAX_BYTES = 100 * MEGABYTE
_RECEIVED_TYPES = {kind.mime for kind in filetype.TYPES} | {
    files.JPEG, files.PNG, files.GIF, files.WEBP, files.PDF, files.TEXT, files.CSV, files.XLSX,
    files.DOCX, files.PPTX, files.ZIP, "audio/wav", "audio/mp4", "video/mp4", "text/html",
    "application/octet-stream",
}  # fmt: skip


def register() -> None:
    """Announce the kinds of files to `core.files`, at start-up."""
    for kind, (types, max_bytes) in SENT.items():
        files.register_kind(file_kind(kind), types, max_bytes)
    files.register_kind(RECEIVED, _RECEIVED_TYPES, RECEIVED_MAX_BYTES)


def file_kind(kind: MessageKind) -> str:
    """The name under which `core.files` keeps files of a message kind."""
    return f"message-{kind.value}"


def kind_of(mime: str) -> MessageKind:
    """The most telling kind that takes files of this type; anything else is a document."""
    for kind in (MessageKind.IMAGE, MessageKind.AUDIO, MessageKind.VIDEO):
        if mime in SENT[kind][0]:
            return kind
    return MessageKind.DOCUMENT
