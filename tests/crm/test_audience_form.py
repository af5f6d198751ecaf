"""The builder: what a page sends and what was kept become the same rows."""

import pytest
from django.http import QueryDict

from core.errors import Invalid
from crm import audiences
from crm.audience_form import Builder, new_row
from crm.services.tags import create_tag
from tests.crm.factories import a_contact

pytestmark = pytest.mark.usefixtures("company")

SENT = QueryDict(
    "join=any"
    "&include-b-kind=name&include-b-op=is&include-b-value=Ana"
    "&include-a-kind=area_code&include-a-op=any_of&include-a-value=11&include-a-value=21"
    "&exclude-c-kind=in_service&exclude-c-op=is"
)
MEANT = {
    "join": "any",
    "include": [
        {"kind": "name", "op": "is", "value": "Ana"},
        {"kind": "area_code", "op": "any_of", "value": ["11", "21"]},
    ],
    "exclude": [{"kind": "in_service", "op": "is"}],
}


def test_fields_become_rules_in_the_order_of_the_page() -> None:
    assert audiences.validate(Builder(SENT).audience) == MEANT


def test_a_kept_audience_comes_back_unchanged() -> None:
    assert audiences.validate(Builder(audience=MEANT).audience) == MEANT


def test_short_forms_show_as_rules() -> None:
    tag = create_tag(name="VIP")
    builder = Builder(audience={"all": True, "exclude_tags": [str(tag.pk)]})
    assert (builder.include, [row.values for row in builder.exclude]) == ([], [[str(tag.pk)]])
    assert builder.exclude[0].options[0].label == "VIP"


def test_without_rules_it_is_everybody() -> None:
    assert Builder(QueryDict("join=all")).audience == {"all": True}
    assert Builder().audience == {"all": True}


def test_what_is_wrong_stands_beside_its_rule() -> None:
    builder = Builder(QueryDict("include-a-kind=name&include-a-op=empty&include-b-kind=name"))
    with pytest.raises(Invalid) as caught:
        audiences.validate(builder.audience)
    builder.show_error(caught.value)
    assert [bool(row.error) for row in builder.include] == [False, True]


def test_a_rule_that_only_programs_make_stays_as_it_is() -> None:
    contact = a_contact()
    kept = {"contacts": [str(contact.pk)]}
    [row] = Builder(audience=kept).include
    assert (row.is_fixed, row.sentence) == (True, "1 chosen contact")
    sent = QueryDict(mutable=True)
    sent.update({f"{row.prefix}-kind": row.kind, f"{row.prefix}-op": row.op})
    sent[f"{row.prefix}-value"] = row.value
    again = audiences.validate(Builder(sent).audience)
    assert list(audiences.select(again)) == [contact]
    sent[f"{row.prefix}-value"] = "no json"
    with pytest.raises(Invalid):
        audiences.validate(Builder(sent).audience)


def test_a_field_of_contacts_is_a_kind_of_its_own() -> None:
    a_contact(attributes={"cidade": "Recife"})
    row = new_row("include")
    [(_, plain), (label, fields)] = row.kinds
    assert (plain[0].value, str(label)) == ("tag", "Field")
    assert [option.value for option in fields] == ["attribute:cidade"]
    old = Builder(QueryDict("include-a-kind=attribute:antigo")).include[0]
    assert [option.value for option in old.kinds[1][1]] == ["attribute:cidade", "attribute:antigo"]


def test_an_operator_of_another_kind_gives_way_to_the_kinds_first() -> None:
    [row] = Builder(QueryDict("include-a-kind=created&include-a-op=any_of")).include
    assert (row.operator.name, row.input) == ("last_days", "days")
