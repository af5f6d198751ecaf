"""How things of this app are named outside: `con_…`, `tag_…`, `imp_…`."""

from core.ids import PublicId

CONTACT = PublicId("con")
TAG = PublicId("tag")
IMPORT = PublicId("imp")
