"""The table of Meta's codes: each has a class, a sentence and an advice."""

import pytest

from connections.providers.base import FailureClass
from connections.providers.whatsapp_cloud.codes import CODES, meaning
from connections.providers.whatsapp_cloud.errors import class_of, explain

STOPS = (0, 3, 10, 190, 200, 299, 131005, 368, 131031, 131042, 131045)
THROTTLES = (4, 80007, 130429, 131048, 133016)
PASSES = (1, 2, 131000, 131016, 131053, 131057)
FINAL = (131008, 131009, 131026, 131037, 131021, 131030, 131051, 130472, 130497, 131062, 131063)
OF_TEMPLATES = (132000, 132001, 132015, 132016, 132068)


@pytest.mark.parametrize(
    ("codes", "klass"),
    [
        (STOPS, FailureClass.AUTH),
        (THROTTLES, FailureClass.THROTTLED),
        (PASSES, FailureClass.RETRYABLE),
        ((131056,), FailureClass.PACED),
        (FINAL, FailureClass.REJECTED),
        (OF_TEMPLATES, FailureClass.TEMPLATE),
        ((131050,), FailureClass.OPTED_OUT),
    ],
)
def test_classes_are_those_of_domain_rule_5(codes: tuple[int, ...], klass: FailureClass) -> None:
    assert {code: class_of(code) for code in codes} == dict.fromkeys(codes, klass)


def test_marketing_held_back_waits_a_day() -> None:
    known = meaning(131049)
    assert known is not None
    assert (known.klass, known.retry_after) == (FailureClass.RETRYABLE, 86_400)


def test_every_code_is_explained() -> None:
    for code in CODES:
        explained = explain(str(code))
        assert explained is not None
        assert str(explained.sentence)
        assert str(explained.advice)


@pytest.mark.parametrize("code", ["", "no_answer", "999999", "-1", "²"])
def test_foreign_codes_are_not_explained_here(code: str) -> None:
    assert explain(code) is None
