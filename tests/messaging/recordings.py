"""What browsers record, made here: a tone of some seconds in the containers that they write."""

import io
import math
from array import array
from typing import cast

import av

RATE_HZ = 48_000
FRAME = 960


def recording(container: str = "webm", codec: str = "libopus", *, seconds: float = 1.0) -> bytes:
    """A tone of 440 Hz; `container` is webm, mp4 or ogg."""
    sink = io.BytesIO()
    with av.open(sink, "w", format=container) as target:
        track = cast(av.AudioStream, target.add_stream(codec, rate=RATE_HZ, layout="mono"))
        resampler = av.AudioResampler(format=track.format, layout="mono", rate=RATE_HZ)
        for start in range(0, int(seconds * RATE_HZ), FRAME):
            for part in resampler.resample(_tone(start)):
                target.mux(track.encode(part))
        target.mux(track.encode(None))
    return sink.getvalue()


def _tone(start: int) -> av.AudioFrame:
    """A fiftieth of a second of it."""
    frame = av.AudioFrame(format="s16", layout="mono", samples=FRAME)
    samples = (
        int(9_000 * math.sin(2 * math.pi * 440 * (start + index) / RATE_HZ))
        for index in range(FRAME)
    )
    frame.planes[0].update(array("h", samples).tobytes())
    frame.sample_rate = RATE_HZ
    return frame
