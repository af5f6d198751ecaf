"""Voice notes: what a browser records, as WhatsApp plays it.

Meta plays an audio as a voice note when it is OGG with OPUS, one channel ("Cloud API / Audio
messages"); browsers record webm or mp4.
"""

from __future__ import annotations

import contextlib
import io
import tempfile
from typing import IO, Any, Final, cast

import av
from django.core.files import File
from django.utils.translation import gettext_lazy as _

from core import files
from core.errors import FieldError, Invalid
from core.files import MEGABYTE

RATE_HZ = 48_000
BITS_PER_SECOND = 32_000
MAX_SECONDS = 300
MAX_BYTES = 16 * MEGABYTE
IN_MEMORY_BYTES = MEGABYTE
FILENAME = "voice.ogg"
# The reader for each type: named, since one that is guessed from the bytes may be that of a
# playlist, which opens whatever address it names.
_READERS: Final = {
    "video/webm": "matroska",
    "audio/webm": "matroska",
    "audio/mp4": "mp4",
    "video/mp4": "mp4",
    "audio/ogg": "ogg",
    "audio/wav": "wav",
    "audio/mpeg": "mp3",
    "audio/aac": "aac",
}


def converted(content: IO[bytes] | File[Any], filename: str) -> IO[bytes]:
    """The recording as OGG/OPUS, mono, 48 kHz; takes about a hundredth of its length.

    Raises:
        core.errors.Invalid: on `file`: too large, of another type, damaged, longer than five
            minutes, or without a sound.
    """
    content.seek(0, io.SEEK_END)
    if content.tell() > MAX_BYTES:
        raise _refused("file_too_large", _("The recording is larger than 16 MB."))
    recorded = cast(IO[bytes], content)
    mime = files.sniff(recorded, filename)
    reader = _READERS.get(mime)
    if reader is None:
        raise _refused("voice_type", _("This is not a recording that can be sent. Record again."))
    content.seek(0)
    with contextlib.ExitStack() as unless_made:
        sink = unless_made.enter_context(tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES))
        try:
            _transcode(recorded, reader, sink)
        except (av.FFmpegError, ValueError) as error:
            raise _refused(
                "voice_damaged", _("The recording is damaged and cannot be read. Record again.")
            ) from error
        sink.seek(0)
        unless_made.pop_all()
        return sink


def _transcode(content: IO[bytes], reader: str, sink: IO[bytes]) -> None:
    with (
        av.open(content, "r", format=reader) as source,
        av.open(sink, "w", format="ogg") as target,
    ):
        if not source.streams.audio:
            raise _refused("voice_empty", _("There is no sound in the recording. Record again."))
        track = target.add_stream("libopus", rate=RATE_HZ, layout="mono")
        track.bit_rate = BITS_PER_SECOND
        resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE_HZ)
        samples = 0
        for frame in source.decode(source.streams.audio[0]):
            # Times of the recording may have gaps; those of what we make follow from its samples.
            frame.pts = None
            for part in resampler.resample(frame):
                samples += part.samples
                if samples > MAX_SECONDS * RATE_HZ:
                    raise _refused(
                        "voice_too_long", _("The recording is longer than five minutes.")
                    )
                target.mux(track.encode(part))
        for part in resampler.resample(None):
            samples += part.samples
            target.mux(track.encode(part))
        if not samples:
            raise _refused("voice_empty", _("There is no sound in the recording. Record again."))
        target.mux(track.encode(None))


def _refused(code: str, message: object) -> Invalid:
    return Invalid({"file": FieldError(code, str(message))})
