"""What people are told through their bell (team.notifications) about their files of contacts."""

from functools import partial

from django.utils.translation import gettext_lazy as _

from crm.services import exports, import_undos, imports
from team.notifications import Kind

_import = partial(Kind, permission="contacts.import", area=_("Contacts"))
_export = partial(Kind, permission="contacts.export", area=_("Contacts"))

KINDS = (
    _import(
        code=imports.DONE,
        text=_("%(file)s is imported: %(created)s new, %(updated)s updated, %(rejected)s refused."),
        icon="file-check",
        label=_("Your import is finished"),
        tone="success",
    ),
    _import(
        code=imports.FAILED,
        text=_("%(file)s could not be imported to its end."),
        icon="file-x",
        label=_("Your import failed"),
        tone="danger",
    ),
    _import(
        code=import_undos.DONE,
        text=_(
            "%(file)s is undone: %(taken_out)s taken out, %(given_back)s given back, %(kept)s kept."
        ),
        icon="undo-2",
        label=_("The undo of your import is finished"),
        tone="success",
    ),
    _export(
        code=exports.READY,
        text=_("Your file with %(rows)s contacts is ready. It is kept for a day."),
        icon="download",
        label=_("Your file of contacts is ready"),
        tone="success",
    ),
    _export(
        code=exports.FAILED,
        text=_("Your file of contacts could not be made. Ask for it again."),
        icon="circle-alert",
        label=_("Your file of contacts could not be made"),
        tone="danger",
    ),
)
