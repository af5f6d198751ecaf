from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CrmConfig(AppConfig):
    name = "crm"
    verbose_name = _("Contacts")

    def ready(self) -> None:
        _accept_files()
        _announce_rules()
        _announce_work()
        _announce_notifications()
        _follow_contacts()
        _search_places()
        _fill_shell()
        _welcome_companies()
        _keep_for_a_time()


def _accept_files() -> None:
    from core import files
    from crm.services.imports import FILE_KIND

    # crm.imports.reader looks through the whole file first; NULs and UTF-16 without a mark, which
    # it copes with, make text look like "octet-stream".
    files.register_kind(
        FILE_KIND,
        {files.CSV, files.TEXT, files.XLSX, "application/octet-stream"},
        100 * files.MEGABYTE,
    )


def _announce_rules() -> None:
    from crm.audiences.rules import attributes, consent, fields, rows, segments

    for rules in (rows, segments, fields, attributes, consent):
        rules.register_all()


def _announce_work() -> None:
    from core import agenda, topics
    from crm.duplicates import asking, searching
    from crm.imports import checking, runner, undoing
    from crm.services import bulk, erasing, exports, import_undos
    from crm.services.imports import CHECK, KIND
    from tenants.permissions import allows

    agenda.register(agenda.Kind(name=KIND, handle=runner.run, due=runner.due, queue="bulk"))
    agenda.register(agenda.Kind(name=CHECK, handle=checking.run, due=checking.due, queue="bulk"))
    agenda.register(
        agenda.Kind(
            name=import_undos.KIND,
            handle=undoing.run,
            due=undoing.due,
            queue="bulk",
            is_exclusive=True,
        )
    )
    agenda.register(
        agenda.Kind(
            name=import_undos.FORGET,
            handle=undoing.forget,
            due=undoing.due_to_forget,
            queue="bulk",
            is_exclusive=True,
        )
    )
    agenda.register(
        agenda.Kind(
            name=erasing.KIND,
            handle=erasing.run,
            due=erasing.due,
            queue="bulk",
            is_exclusive=True,
        )
    )
    agenda.register(
        agenda.Kind(name=bulk.KIND, handle=bulk.run, due=bulk.due, queue="bulk", is_exclusive=True)
    )
    agenda.register(
        agenda.Kind(name=exports.KIND, handle=exports.handle, due=exports.due, queue="bulk")
    )
    agenda.register(
        agenda.Kind(
            name=asking.KIND,
            handle=searching.run,
            due=searching.due,
            queue="bulk",
            is_exclusive=True,
        )
    )
    topics.register(exports.TOPIC, lambda member, _id: allows(member.role, "contacts.export"))
    topics.register("import", lambda member, _id: allows(member.role, "contacts.import"))
    topics.register("contacts", lambda member, _id: allows(member.role, "contacts.view"))


def _announce_notifications() -> None:
    from crm.notices import KINDS
    from team.notifications import register

    for kind in KINDS:
        register(kind)


def _follow_contacts() -> None:
    from crm import lifecycle
    from crm.erasures import Erasure
    from crm.lifecycle import Erased, Participant, Untouched
    from crm.models import (
        Consent,
        ContactMerge,
        ContactTag,
        Identity,
        ImportRow,
        ListMember,
        MergeSuggestion,
    )

    gone, kept = Erased.DELETED, Erased.KEPT
    consent = (
        "channel", "purpose", "action", "source", "text", "text_version", "at", "recorded_at",
    )  # fmt: skip
    merged = ["at", "undone_at", "values"]
    for participant in (
        Participant(
            ContactTag,
            clash=["tag"],
            exported=["tag__name"],
            erased=gone,
            label=_("Tags"),
            is_use=False,
        ),
        Participant(
            ListMember,
            clash=["list"],
            exported=["list__name", "added_at"],
            erased=gone,
            label=_("Places on lists"),
        ),
        Participant(
            Identity,
            exported=["kind", "value", "evidence", "created_at"],
            erased=gone,
            addresses="value",
            is_use=False,
        ),
        # That they agreed or refused, and when, is what we have to prove; not what was written.
        Participant(Consent, exported=consent, erased={"source": "", "text": ""}, is_use=False),
        Participant(
            ImportRow,
            exported=["batch__filename", "batch__created_at", "changes"],
            erased={"raw": None, "changes": None},
            label=_("Rows of imports"),
            is_use=False,
        ),
        Untouched(ContactMerge, field="kept", exported=merged, erased=gone),
        Untouched(ContactMerge, field="gone", erased=gone),
        Untouched(MergeSuggestion, field="first", erased=gone, is_use=False),
        Untouched(MergeSuggestion, field="second", erased=gone, is_use=False),
        Untouched(Erasure, erased=kept),
    ):
        lifecycle.register(participant)


def _search_places() -> None:
    from crm import places

    places.register()


def _fill_shell() -> None:
    from core import navigation
    from crm import registry, shell, timeline

    registry.add_timeline(timeline.SOURCE)
    navigation.add_entry(shell.ENTRY)
    navigation.add_step(shell.STEP)
    navigation.add_source(shell.SOURCE)


def _keep_for_a_time() -> None:
    from crm import retention

    retention.register()


def _welcome_companies() -> None:
    from tenants.signals import company_created

    company_created.connect(_begin_search, dispatch_uid="crm.begin_search")


def _begin_search(**_sent: object) -> None:
    from crm.duplicates import searching

    searching.begin()
