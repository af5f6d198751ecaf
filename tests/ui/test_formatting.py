import datetime as dt

import pytest
import time_machine
from django.utils import timezone, translation

from core.ui import formatting

NOW = dt.datetime(2026, 11, 21, 12, 41, tzinfo=dt.UTC)  # 09:41 in São Paulo


@pytest.fixture(autouse=True)
def sao_paulo_in_english():
    with timezone.override("America/Sao_Paulo"), translation.override("en"):
        yield


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("+5511999990000", "+55 (11) 99999-0000"),
        ("5511999990000", "+55 (11) 99999-0000"),
        ("+55 11 99999-0000", "+55 (11) 99999-0000"),
        ("+551133334444", "+55 (11) 3333-4444"),
        ("+14155550123", "+1 415-555-0123"),
        ("not a number", "not a number"),
        ("", ""),
    ],
)
def test_a_phone_reads_as_people_write_it(value, shown):
    assert formatting.phone(value) == shown


def test_the_currency_that_is_set_may_stay() -> None:
    assert formatting.currency_choices()[0] == ("BRL", "R$")
    assert ("MXN", "MXN") not in formatting.currency_choices("BRL")
    assert formatting.currency_choices("MXN")[-1] == ("MXN", "MXN")


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Ana Maria Souza", "AS"), ("zé", "Z"), ("", "?"), ("🙌", "?"), ("<b>Élida</b> Ôro", "BÔ")],
)
def test_initials_come_from_the_first_and_last_word(name, letters):
    assert formatting.initials(name) == letters


def test_a_name_keeps_its_colour():
    assert formatting.hue("Ana Souza") == formatting.hue("Ana Souza")
    assert {formatting.hue(str(number)) for number in range(100)} == set(range(8))


def test_numbers_are_grouped_in_the_language_of_the_reader():
    assert formatting.number(12480) == "12,480"
    with translation.override("pt-br"):
        assert formatting.number(12480) == "12.480"
        assert formatting.percent(974, 1000) == "97,4%"
    assert formatting.number(None) == ""
    assert [formatting.capped(value, 1000) for value in (1000, 1001)] == ["1,000", "1,000+"]


def test_a_share_shows_a_decimal_only_when_it_has_one():
    assert formatting.percent(974, 1000) == "97.4%"
    assert formatting.percent(50, 100) == "50%"
    assert formatting.percent(1, 0) == "-"


@time_machine.travel(NOW, tick=False)
def test_a_time_is_as_short_as_it_stays_clear():
    assert ">09:41<" in formatting.clock(NOW)
    assert ">yesterday<" in formatting.clock(NOW - dt.timedelta(days=1))
    assert ">Nov 2<" in formatting.clock(NOW - dt.timedelta(days=19))
    assert ">11/21/2025<" in formatting.clock(NOW - dt.timedelta(days=365))


@time_machine.travel(NOW, tick=False)
def test_a_time_carries_its_machine_form_and_its_whole_form():
    assert formatting.clock(NOW) == (
        '<time datetime="2026-11-21T09:41:00-03:00" title="11/21/2026 9:41 a.m.">09:41</time>'
    )


@time_machine.travel(dt.datetime(2026, 11, 21, 2, 30, tzinfo=dt.UTC), tick=False)
def test_the_day_is_the_local_one():
    # 23:30 of the 20th in São Paulo: a message of 01:00 UTC is of the same local day.
    assert formatting.day_label(dt.datetime(2026, 11, 21, 1, 0, tzinfo=dt.UTC)) == "Today"
    assert formatting.day_label(dt.date(2026, 11, 19)) == "Yesterday"


@time_machine.travel(NOW, tick=False)
def test_the_distance_to_now_starts_with_just_now():
    assert ">just now<" in formatting.ago(NOW - dt.timedelta(seconds=20))
    assert ">5\xa0minutes ago<" in formatting.ago(NOW - dt.timedelta(minutes=5))
