"""How requests of programs are read."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import parsers
from rest_framework.exceptions import ParseError


class JSONParser(parsers.JSONParser):
    """JSON, however deep somebody nests it."""

    def parse(self, *args: Any, **kwargs: Any) -> Any:
        """Raises `ParseError` also for what is nested too deeply to be read."""
        try:
            return super().parse(*args, **kwargs)
        except RecursionError:
            raise ParseError(_("This JSON is nested too deeply.")) from None
