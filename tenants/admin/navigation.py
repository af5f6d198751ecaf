from typing import Any

from django.http import HttpRequest


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    return []
