"""What is done in every company is done in all but the one that is in trouble."""

import pytest

from core import companies, scope
from core.companies import in_every
from core.scope import CompanyRef


def test_a_company_in_trouble_holds_up_no_other(
    acme: CompanyRef, rival: CompanyRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(companies, "all_companies", lambda: iter([acme, rival]))
    seen = []

    def work() -> None:
        seen.append(scope.required_company_id())
        if seen == [acme.id]:
            raise RuntimeError("boom")

    in_every(work)
    assert seen == [acme.id, rival.id]
