import pytest
from django.http import HttpRequest

from core import errors_views


def test_what_went_wrong_is_said_in_words_where_no_page_can_be_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(template: str) -> str:
        raise ValueError("Missing staticfiles manifest entry")

    monkeypatch.setattr(errors_views, "render_to_string", fails)
    answer = errors_views.server_error(HttpRequest())
    assert (answer.status_code, answer["Content-Type"]) == (500, "text/plain; charset=utf-8")
    assert "Missing" not in answer.content.decode()
