"""How things are named outside: `con_…`, `tag_…`, `imp_…`, `seg_…`, `sup_…`, `fld_…`,
`mrg_…`, `lst_…`, `era_…`, `cex_…`, `cvw_…`, `blk_…`."""

from core.ids import PublicId

CONTACT = PublicId("con")
TAG = PublicId("tag")
IMPORT = PublicId("imp")
SEGMENT = PublicId("seg")
SUPPRESSION = PublicId("sup")
FIELD = PublicId("fld")
MERGE = PublicId("mrg")
LIST = PublicId("lst")
ERASURE = PublicId("era")
CONTACTS_EXPORT = PublicId("cex")
CONTACT_VIEW = PublicId("cvw")
CONTACTS_BULK = PublicId("blk")
