"""One open incident for each scope and cause, with its shadow for the superadmin."""

import pytest

from events.selectors import incidents_of, open_incidents, past_incidents
from events.services import incidents
from tenants.models import Company, IncidentRollup

pytestmark = pytest.mark.usefixtures("company")
KIND = "connection.stopped"


def report(cause: str = "190") -> bool:
    return incidents.report(kind=KIND, scope="connection:1", cause=cause, data={"name": "Loja"})


def test_the_same_trouble_is_counted_not_repeated() -> None:
    assert [report(), report(), report()] == [True, False, False]
    [trouble] = open_incidents()
    assert trouble.incident.times == 3
    assert IncidentRollup.objects.get().times == 3


def test_another_cause_is_another_incident() -> None:
    report("190")
    report("368")
    assert len(open_incidents()) == 2


def test_what_is_mended_may_break_again() -> None:
    report()
    assert incidents.close(scope="connection:1") == 1
    assert report()
    assert (len(open_incidents()), len(past_incidents())) == (1, 1)
    assert len(incidents_of("connection:1")) == 2


def test_one_cause_can_be_mended_alone() -> None:
    report("190")
    report("368")
    assert incidents.close(scope="connection:1", cause="368") == 1
    assert [trouble.incident.cause for trouble in open_incidents()] == ["190"]


def test_the_shadow_is_the_company_s(aurora: Company) -> None:
    report()
    rollup = IncidentRollup.objects.get()
    assert (rollup.company, rollup.kind, rollup.closed_at) == (aurora, KIND, None)


def test_an_unknown_kind_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError):
        incidents.report(kind="nobody.knows", scope="x", cause="y")
