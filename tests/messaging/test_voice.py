"""Recordings become what WhatsApp plays as voice notes; what cannot says why."""

import io
from dataclasses import dataclass

import av
import pytest

from core.errors import Invalid
from messaging import voice
from tests.messaging.factories import PNG
from tests.messaging.recordings import recording


@dataclass
class Sound:
    codec: str
    channels: int
    rate: int
    seconds: float


def heard(content: bytes) -> Sound:
    with av.open(io.BytesIO(content), "r", format="ogg") as source:
        track = source.streams.audio[0]
        samples = sum(frame.samples for frame in source.decode(track))
        name = track.codec_context.codec.canonical_name
        return Sound(name, track.channels, track.rate, samples / track.rate)


def refusal(content: bytes) -> str:
    with pytest.raises(Invalid) as refused:
        voice.converted(io.BytesIO(content), "voice.webm")
    return str(refused.value.errors["file"][0].code)


@pytest.mark.parametrize(("container", "codec"), [("webm", "libopus"), ("mp4", "aac")])
def test_what_browsers_record_becomes_opus_in_ogg_with_one_channel(
    container: str, codec: str
) -> None:
    with voice.converted(io.BytesIO(recording(container, codec, seconds=2)), "voice") as made:
        sound = heard(made.read())

    assert (sound.codec, sound.channels, sound.rate) == ("opus", 1, 48_000)
    assert sound.seconds == pytest.approx(2, abs=0.1)


def test_a_recording_cut_off_half_way_keeps_what_was_said() -> None:
    whole = recording(seconds=4)
    with voice.converted(io.BytesIO(whole[: len(whole) // 2]), "voice.webm") as made:
        assert 1 < heard(made.read()).seconds < 3


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (PNG, "voice_type"),
        (b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:1/secret\n", "voice_type"),
        (recording(seconds=0.1)[:200], "voice_damaged"),
        (b"", "voice_type"),
    ],
)
def test_bad_bytes_are_refused_with_their_reason(content: bytes, code: str) -> None:
    assert refusal(content) == code


def test_more_than_five_minutes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voice, "MAX_SECONDS", 1)
    assert refusal(recording(seconds=1.5)) == "voice_too_long"


def test_more_than_sixteen_megabytes_are_not_even_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voice, "MAX_BYTES", 100)
    assert refusal(recording(seconds=0.2)) == "file_too_large"
