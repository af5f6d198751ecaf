import pytest
from django.utils import translation

from core.ui import states


@pytest.mark.parametrize(
    ("state", "tone"),
    [
        ("approved", "success"),
        ("RUNNING", "primary"),
        ("queued", "info"),
        ("unknown", "warning"),
        ("rejected", "danger"),
        ("draft", "neutral"),
        ("never heard of", "neutral"),
    ],
)
def test_a_state_has_the_tone_of_what_it_means(state, tone):
    assert states.tone(state) == tone


def test_every_coloured_state_has_a_name():
    assert set(states._TONE_OF) - set(states._LABELS) == set()


def test_unknown_messages_read_as_unconfirmed_and_unlisted_states_as_written():
    with translation.override("en"):
        assert states.state_label("unknown") == "Unconfirmed"
        assert states.state_label("waiting_for_meta") == "Waiting for meta"
