"""What tables of sources count."""

from tenants.models import Company
from tests.sources import posting
from webhooks.sources import selectors
from webhooks.sources.models import Source
from webhooks.sources.services import intake


def test_a_sample_that_somebody_pasted_was_not_posted(company: Company, source: Source) -> None:
    intake.keep_sample(source=source, body=b"{}", data={})
    assert selectors.source_row(source).received == 0
    [row] = selectors.source_rows()
    assert (row.received, row.health) == (0, "silent")
    posting.post(source, {"nothing": "of use"})
    posting.work(company)
    source.refresh_from_db()
    assert selectors.source_row(source).received == 1
