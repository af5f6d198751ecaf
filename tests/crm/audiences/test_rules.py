"""Each kind of rule: who fits it, and that its opposite is everybody else."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from core import scope
from core.errors import Invalid
from crm import audiences
from crm.models import Contact, Import, ImportRow, Segment, Tag
from crm.public_ids import IMPORT, SEGMENT
from crm.services import consents, contacts
from tenants.models import Company
from tests.crm.factories import a_contact

pytestmark = pytest.mark.usefixtures("company")

EVERYBODY = {"ana", "bia", "caio"}


def fitting(kind: str, op: str, value: Any = None) -> set[str]:
    audience = audiences.validate({"include": [{"kind": kind, "op": op, "value": value}]})
    return set(audiences.select(audience).values_list("name", flat=True))


def without(kind: str, op: str, value: Any = None) -> set[str]:
    audience = audiences.validate({"exclude": [{"kind": kind, "op": op, "value": value}]})
    return set(audiences.select(audience).values_list("name", flat=True))


@pytest.fixture(scope="module", autouse=True)
def everybody(kept_database: None) -> None:
    aurora = Company.objects.get(slug="aurora")
    with scope.opened(aurora), scope.surroundings(aurora):
        a_contact(
            name="ana",
            phone="+5511987650001",
            email="ana@loja.com.br",
            tags=["VIP", "Recife"],
            attributes={"cidade": "Recife", "pontos": 10, "nascimento": "1990-05-20"},
            language="pt-br",
        )
        a_contact(
            name="bia",
            phone="+5581987650002",
            tags=["VIP"],
            attributes={"cidade": "São Paulo", "pontos": "2,5", "nascimento": "31/12/2001"},
            language="en",
        )
        a_contact(
            name="caio", phone="+351912345678", attributes={"pontos": "muitos", "2024": "ouro"}
        )


@pytest.fixture
def people(company: Company) -> dict[str, Contact]:
    return {one.name: one for one in Contact.objects.all()}


@pytest.mark.parametrize(
    ("kind", "op", "value", "names"),
    [
        ("tag", "any_of", ["vip", "recife"], {"ana", "bia"}),
        ("tag", "all_of", ["vip", "recife"], {"ana"}),
        ("tag", "none_of", "recife", {"bia", "caio"}),
        ("name", "is", "ANA", {"ana"}),
        ("name", "is_not", "ana", {"bia", "caio"}),
        ("name", "contains", "IA", {"bia"}),
        ("name", "contains_not", "i", {"ana"}),
        ("name", "empty", None, set()),
        ("name", "not_empty", None, EVERYBODY),
        ("email", "is", "ANA@loja.com.br", {"ana"}),
        ("email", "is_not", "ana@loja.com.br", {"bia", "caio"}),
        ("email", "contains", "@loja", {"ana"}),
        ("email", "contains_not", "@loja", {"bia", "caio"}),
        ("email", "empty", None, {"bia", "caio"}),
        ("email", "not_empty", None, {"ana"}),
        ("country", "any_of", ["+351"], {"caio"}),
        ("country", "none_of", ["+351"], {"ana", "bia"}),
        ("area_code", "any_of", ["11", "21"], {"ana"}),
        ("area_code", "none_of", ["11"], {"bia", "caio"}),
        ("language", "any_of", ["pt"], {"ana"}),
        ("language", "none_of", ["pt", "en"], {"caio"}),
        ("attribute:cidade", "is", "recife", {"ana"}),
        ("attribute:cidade", "is_not", "recife", {"bia", "caio"}),
        ("attribute:cidade", "contains", "paulo", {"bia"}),
        ("attribute:cidade", "empty", None, {"caio"}),
        ("attribute:cidade", "not_empty", None, {"ana", "bia"}),
        ("attribute:pontos", "is", "10", {"ana"}),
        ("attribute:pontos", "greater", 2, {"ana", "bia"}),
        ("attribute:pontos", "greater", "2,5", {"ana"}),
        ("attribute:pontos", "less", "10.0", {"bia"}),
        ("attribute:nascimento", "before", "2000-01-01", {"ana"}),
        ("attribute:nascimento", "after", "1990-05-20", {"bia"}),
        ("attribute:não há", "is", "x", set()),
        ("attribute:não há", "greater", 1, set()),
        ("attribute:2024", "is", "ouro", {"caio"}),
        ("attribute:a'b\"c%s", "is", "x", set()),
        ("created", "before", "1901-01-01", set()),
        ("created", "after", "2099-12-31", set()),
    ],
)
def test_a_rule_finds_whom_it_fits_and_as_an_exception_leaves_all_others(
    kind: str, op: str, value: Any, names: set[str]
) -> None:
    assert fitting(kind, op, value) == names
    assert without(kind, op, value) == EVERYBODY - names
    inner = saved("inner", {"include": [{"kind": kind, "op": op, "value": value}]})
    assert fitting("segment", "none_of", [str(inner.pk)]) == EVERYBODY - names


def test_the_age_of_a_contact_is_counted_in_days_and_by_the_companys_calendar() -> None:
    now = timezone.now()
    Contact.objects.filter(name="ana").update(created_at=now - timedelta(days=8))
    # 02:30 in Greenwich is still the day before in São Paulo.
    Contact.objects.filter(name="bia").update(created_at=datetime(2026, 3, 2, 2, 30, tzinfo=UTC))
    assert fitting("created", "last_days", 7) == {"caio"}
    assert fitting("created", "last_days", 9) == {"ana", "caio"}
    assert fitting("created", "older_than_days", 9) == {"bia"}
    assert fitting("created", "before", "2026-03-02") == {"bia"}
    assert fitting("created", "before", "2026-03-01") == set()
    assert fitting("created", "after", "2026-03-01") == {"ana", "caio"}


def test_the_last_word_of_the_ledger_says_who_opted_in(people: dict[str, Contact]) -> None:
    for name in ("ana", "bia"):
        consents.opt_in(contact=people[name], source="counter")
    consents.opt_in(contact=people["caio"], source="counter", channel="sms")
    consents.opt_out(contact=people["bia"], source="call")
    assert fitting("opted_in", "is", "whatsapp.marketing") == {"ana"}
    assert fitting("opted_in", "is_not", "whatsapp.marketing") == {"bia", "caio"}
    assert fitting("opted_in", "is", "sms.marketing") == {"caio"}
    consents.opt_in(contact=people["bia"], source="site form")
    assert fitting("opted_in", "is", "whatsapp.marketing") == {"ana", "bia"}


def test_the_contacts_of_imports(people: dict[str, Contact]) -> None:
    batch = Import.objects.create(filename="x.csv")
    ImportRow.objects.create(batch=batch, number=2, contact=people["bia"])
    assert fitting("import", "any_of", [IMPORT.encode(batch.pk)]) == {"bia"}
    assert fitting("import", "none_of", str(batch.pk)) == {"ana", "caio"}


def saved(name: str, audience: dict[str, Any]) -> Segment:
    return Segment.objects.create(name=name, audience=audiences.validate(audience))


def test_saved_audiences_are_read_anew_also_within_each_other() -> None:
    inner = saved("VIP", {"tags": ["vip"]})
    outer = saved("VIP of 11", {
        "include": [
            {"kind": "segment", "op": "any_of", "value": [SEGMENT.encode(inner.pk)]},
            {"kind": "area_code", "op": "any_of", "value": ["11"]},
        ],
    })  # fmt: skip
    assert fitting("segment", "any_of", [str(outer.pk)]) == {"ana"}
    assert fitting("segment", "none_of", [str(inner.pk)]) == {"caio"}
    a_contact(name="duda", phone="+5511987650009", tags=["vip"])
    assert fitting("segment", "any_of", [str(outer.pk)]) == {"ana", "duda"}


def test_everybody_saved_is_everybody_inside_and_nobody_outside() -> None:
    everybody = saved("everybody", {"all": True})
    assert fitting("segment", "any_of", [str(everybody.pk)]) == EVERYBODY
    assert fitting("segment", "none_of", [str(everybody.pk)]) == set()


def test_a_saved_audience_that_is_gone_or_bites_its_tail_lets_nobody_through() -> None:
    gone = saved("gone", {"tags": ["vip"]})
    audience = audiences.validate(
        {"exclude": [{"kind": "segment", "op": "any_of", "value": [str(gone.pk)]}]}
    )
    assert audiences.count(audience) == 1
    gone.delete()
    assert audiences.count(audience) == 0
    snake = saved("snake", {"all": True})
    Segment.objects.filter(pk=snake.pk).update(audience={"segment": str(snake.pk)})
    assert audiences.count({"segment": str(snake.pk)}) == 0


def names_of(audience: dict[str, Any]) -> set[str]:
    found = audiences.select(audiences.validate(audience))
    return set(found.values_list("name", flat=True))


VIP = {"kind": "tag", "op": "any_of", "value": ["vip"]}
RECIFE = {"kind": "attribute:cidade", "op": "is", "value": "Recife"}
ABROAD = {"kind": "country", "op": "any_of", "value": ["+351"]}


@pytest.mark.parametrize(
    ("audience", "names"),
    [
        ({"include": [VIP, RECIFE]}, {"ana"}),
        ({"join": "any", "include": [RECIFE, ABROAD]}, {"ana", "caio"}),
        ({"include": [VIP], "exclude": [RECIFE]}, {"bia"}),
        ({"exclude": [VIP]}, {"caio"}),
        ({"join": "any", "exclude": [RECIFE, ABROAD]}, {"bia"}),
    ],
)
def test_rules_are_joined_and_exceptions_always_win(
    audience: dict[str, Any], names: set[str]
) -> None:
    assert names_of(audience) == names


def test_what_is_kept_is_read_again_unchanged() -> None:
    kept = audiences.validate({"include": [VIP, RECIFE], "exclude": [ABROAD]})
    assert audiences.validate(kept) == kept


@pytest.mark.parametrize(
    ("rule", "code", "sentence"),
    [
        ("x", "rule_form", "Rule 1: A rule has “kind”, “op” and “value”, and nothing else."),
        ({"kind": "tag", "op": "is", "value": ["vip"]}, "rule_op",
         "Rule 1 (Tag): Choose how to compare: any_of, all_of, none_of."),
        ({"kind": "tag", "op": "any_of", "value": []}, "audience_empty",
         "Rule 1 (Tag): Choose at least one."),
        ({"kind": "tag", "op": "any_of", "value": ["nobody"]}, "audience_unknown",
         "Rule 1 (Tag): This does not exist (any more): nobody. Choose another."),
        ({"kind": "attribute", "op": "is", "value": "x"}, "rule_kind",
         "Rule 1 (Field): Name the field behind a colon, such as “attribute:city”."),
        ({"kind": "name:x", "op": "is", "value": "x"}, "rule_kind",
         "Rule 1 (Name): Nothing may stand behind a colon here."),
        ({"kind": "name", "op": "is"}, "rule_value", "Rule 1 (Name): Write what to compare with."),
        ({"kind": "name", "op": "empty", "value": "x"}, "rule_value",
         "Rule 1 (Name): This takes no value. Leave it out."),
        ({"kind": "attribute:a", "op": "less", "value": "x"}, "rule_value",
         "Rule 1 (Field): Write a number, such as 10 or 10.5."),
        ({"kind": "created", "op": "before", "value": "31/02"}, "rule_value",
         "Rule 1 (Created): Write a date, such as 2026-11-21."),
        ({"kind": "created", "op": "last_days", "value": 0}, "rule_value",
         "Rule 1 (Created): Write how many days, from 1 to 3650."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_rule(rule: Any, code: str, sentence: str) -> None:
    with pytest.raises(Invalid) as caught:
        audiences.validate({"include": [rule]})
    [error] = caught.value.errors["audience.include.0"]
    assert (error.code, str(error.message)) == (code, sentence)


def test_an_unknown_kind_is_answered_with_the_known_ones() -> None:
    with pytest.raises(Invalid) as caught:
        audiences.validate({"exclude": [{"kind": "shoe_size", "op": "is", "value": 41}]})
    [error] = caught.value.errors["audience.exclude.0"]
    assert "area_code, attribute, " in str(error.message)
    assert str(error.message).startswith("Exception 1: ")


def test_an_audience_reads_as_sentences() -> None:
    said = audiences.describe(audiences.validate({"include": [VIP, RECIFE], "exclude": [ABROAD]}))
    assert [(sentence.text, sentence.excludes) for sentence in said] == [
        ("Tag has any of VIP", False),
        ("“cidade” is “Recife”", False),
        ("Country of the phone is one of Portugal (+351)", True),
    ]
    assert [item.text for item in audiences.describe({"all": True})] == ["All contacts"]


def test_a_kind_is_registered_once() -> None:
    tag = audiences.predicate_of("tag")
    assert tag is not None
    with pytest.raises(ValueError):
        audiences.register(tag)


def test_contacts_that_are_deleted_are_in_no_audience(people: dict[str, Contact]) -> None:
    contacts.delete_contact(contact=people["bia"])
    assert names_of({"include": [VIP]}) == {"ana"}


@pytest.mark.parametrize(
    ("kind", "op", "value"),
    [
        ("created", "after", "9999-12-31"),
        ("created", "before", "0001-01-01"),
        ("created", "last_days", "9" * 5000),
        ("attribute:pontos", "greater", "1e-999999"),
        ("attribute:pontos", "greater", "1e999999"),
        ("attribute:pontos", "greater", "NaN"),
        ("attribute:nascimento", "after", "2026-02-30"),
        ("name", "is", "a\x00b"),
        ("tag", "any_of", [{"x": 1}]),
    ],
)
def test_a_value_that_no_query_could_take_is_refused(kind: str, op: str, value: Any) -> None:
    with pytest.raises(Invalid):
        fitting(kind, op, value)


@pytest.mark.parametrize("place", ["include", "exclude"])
def test_a_tag_or_an_import_that_is_gone_leaves_nobody(place: str) -> None:
    """An exception that cannot be looked up must not let through whom it kept out."""
    batch = Import.objects.create(filename="x.csv")
    kept = [
        audiences.validate({place: [{"kind": kind, "op": "any_of", "value": value}]})
        for kind, value in (("tag", "vip"), ("import", str(batch.pk)))
    ]
    Tag.objects.all().delete()
    Import.objects.all().delete()
    assert [audiences.count(audience) for audience in kept] == [0, 0]


def test_saved_audiences_that_name_each_other_too_often_are_nobody() -> None:
    """Two hundred that each name two hundred would be more conditions than memory."""

    def naming(segments: list[Segment]) -> dict[str, Any]:
        value = [str(one.pk) for one in segments]
        return {
            "join": "all",
            "include": [{"kind": "segment", "op": "any_of", "value": value}],
            "exclude": [],
        }

    leaves = [Segment.objects.create(name=f"leaf {n}", audience={"all": True}) for n in range(20)]
    middle = [
        Segment.objects.create(name=f"middle {n}", audience=naming(leaves)) for n in range(20)
    ]
    assert audiences.count(naming(middle[:2])) == 3
    assert audiences.count(naming(middle)) == 0
