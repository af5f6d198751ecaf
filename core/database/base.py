"""Django's connection to PostgreSQL as this product uses it: pooled (`core.database.pooled`), one
company's schema at a time (django-tenants), and told by the server which one that is."""

from django.db.backends.utils import CursorWrapper
from django_tenants.postgresql_backend import base


class DatabaseWrapper(base.DatabaseWrapper):
    """As the one of django-tenants; `SET search_path` is sent only where it changes something.

    PostgreSQL reports every change of the search path to its client, those of a rollback too
    (since version 18; "Parameter Status" in the protocol's chapter "Asynchronous Operations"). So
    what a pooled connection was left with is known for certain and for nothing, where asking for
    it again would cost each callback a tenth of its work. An older server does not report it, and
    is told at the beginning of each use.
    """

    def _handle_search_path(self, cursor: CursorWrapper | None = None) -> None:
        reported = self.connection.info.parameter_status("search_path")
        if reported is not None:
            if reported == ", ".join(self._get_cursor_search_paths()):
                return
            self.search_path_set_schemas = None  # whatever changed it: it is not what we want
        super()._handle_search_path(cursor)
