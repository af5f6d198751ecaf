"""Contacts: who they are, how they are known, what they allowed, and how they came in."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models.functions import Now
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from core.fields import EncryptedTextField
from core.ids import uuid7
from crm import match_keys
from crm.enums import (
    Channel,
    ConsentAction,
    ExportFormat,
    ExportState,
    FieldKind,
    IdentityKind,
    ImportKind,
    ImportState,
    MatchBy,
    Purpose,
    SuppressionReason,
)
from crm.erasures import Erasure, Tombstone  # noqa: F401 -- models in a file of their own
from crm.import_undos import ImportUndo  # noqa: F401 -- the same
from crm.keeping import (  # noqa: F401 -- models in a file of their own
    ContactBulk,
    ContactColumns,
    ContactView,
)
from crm.merges import ContactMerge, DuplicateSearch, MergeSuggestion  # noqa: F401
from crm.name_order import NAME_ORDER
from crm.querysets import (
    ContactQuerySet,
    ExportQuerySet,
    IdentityQuerySet,
    ImportQuerySet,
)
from team.models import Member


class Tag(models.Model):
    """A coloured word on contacts; audiences are chosen by it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name"), max_length=60)
    key = models.CharField(max_length=60, unique=True, editable=False)  # folded: no case, accents
    color = models.CharField(_("colour"), max_length=12, default="gray")
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["key"]

    def __str__(self) -> str:
        return self.name


class Contact(models.Model):
    """A customer. There is no phone column: how they are known stands in Identity."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name"), max_length=200, blank=True)
    attributes = models.JSONField(_("fields"), default=dict, blank=True)  # {"cidade": "Recife"}
    language = models.CharField(_("language"), max_length=8, blank=True)
    timezone = models.CharField(_("time zone"), max_length=64, blank=True)
    tags = models.ManyToManyField(Tag, through="ContactTag", related_name="contacts")
    # Names without case and accents, phone digits and its last digits as words: crm.search.
    search = SearchVectorField(null=True, editable=False)
    created_at = models.DateTimeField(default=now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    # When it came to be, or its last message, minutes late: conversations.services.activity.
    last_active_at = models.DateTimeField(default=now, db_default=Now(), editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_by_import = models.ForeignKey(
        "crm.Import", on_delete=models.SET_NULL, null=True, related_name="created_contacts"
    )

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        indexes = [
            models.Index(
                fields=["-created_at", "-id"],
                condition=models.Q(deleted_at=None),
                name="contact_newest",
            ),
            models.Index(
                fields=["last_active_at", "id"],
                condition=models.Q(deleted_at=None),
                name="contact_active",
            ),
            models.Index(
                NAME_ORDER, "id", condition=models.Q(deleted_at=None), name="contact_by_name"
            ),
            GinIndex(fields=["search"], name="contact_search"),
            *match_keys.OF_CONTACTS,
        ]

    def __str__(self) -> str:
        return self.name


class ContactTag(models.Model):
    """A tag on a contact."""

    id = models.BigAutoField(primary_key=True)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="contact_tags")
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="contact_tags")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tag", "contact"], name="contact_tag_once")]

    def __str__(self) -> str:
        return f"{self.contact_id} {self.tag_id}"


class FieldDefinition(models.Model):
    """What a company says about one of its own fields; the values stand in `Contact.attributes`.

    A key without a definition is free text. The kind never changes: what was written by it would
    mean something else.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    key = models.CharField(max_length=60)  # of Contact.attributes
    label = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=6, choices=FieldKind)
    choices = models.JSONField(default=list)  # of kind choice: ["Ouro", "Prata"]
    position = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=now, editable=False)
    archived_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("contact field")
        verbose_name_plural = _("contact fields")
        ordering = ["position", "created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=models.Q(archived_at=None), name="field_key_once"
            )
        ]

    def __str__(self) -> str:
        return self.label


class Identity(models.Model):
    """One way a contact is known, with where we know it from.

    `alias_of` points from a spelling (the Brazilian number without its ninth digit) to the
    canonical row: matching looks at both, sending at the canonical one or the wa_id.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="identities")
    kind = models.CharField(max_length=8, choices=IdentityKind)
    value = models.CharField(max_length=254)
    # Business-scoped ids (bsuid, lid) are unique by connection; empty for all others.
    scope = models.CharField(max_length=36, blank=True, default="")
    alias_of = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="aliases"
    )
    evidence = models.JSONField(default=dict, blank=True)  # {"source": "import", "id": …, "row": 7}
    created_at = models.DateTimeField(default=now, editable=False)
    # Set while its contact is deleted: the value is free for another contact, and can come back.
    released_at = models.DateTimeField(null=True, editable=False)

    objects = IdentityQuerySet.as_manager()

    class Meta:
        verbose_name = _("identity")
        verbose_name_plural = _("identities")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "value", "scope"],
                condition=models.Q(released_at=None),
                name="identity_once",
            )
        ]
        indexes = [
            models.Index(fields=["contact", "kind"], name="identity_of_contact"),
            *match_keys.OF_IDENTITIES,
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


class Consent(models.Model):
    """A line of the consent ledger: appended, never changed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="consents")
    channel = models.CharField(max_length=8, choices=Channel)
    purpose = models.CharField(max_length=9, choices=Purpose)
    action = models.CharField(max_length=7, choices=ConsentAction)
    source = models.CharField(_("source"), max_length=120)  # "site form", "import", "keyword PARAR"
    text = models.TextField(blank=True)  # the sentence agreed to, where known
    text_version = models.CharField(max_length=32, blank=True)  # which edition of that sentence
    at = models.DateTimeField(_("at"), default=now)
    recorded_at = models.DateTimeField(default=now, editable=False)
    recorded_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        indexes = [
            models.Index(fields=["contact", "channel", "purpose", "-at"], name="consent_newest")
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.channel} {self.purpose}"


class SuppressionKey(models.Model):
    """The company's secret behind `Suppression.address_hmac`; one row.

    A secret of its own, kept encrypted, because encryption keys are rotated: an HMAC cannot be
    made anew without the address, and a lost suppression would be a message to who said no.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    secret = EncryptedTextField()

    def __str__(self) -> str:
        return "suppression key"


class Suppression(models.Model):
    """An address that must not be written to, whoever imports it again. Holds no address itself."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    address_hmac = models.CharField(max_length=64)
    channel = models.CharField(max_length=8, choices=Channel)
    purpose = models.CharField(max_length=9, choices=Purpose, blank=True)  # empty: every purpose
    reason = models.CharField(max_length=48, choices=SuppressionReason)
    note = models.CharField(max_length=120, blank=True)  # what people wrote down: "Procon-SP"
    # For people who read the list: "+55 (11) •••••-4321"; empty once the contact was erased.
    masked = models.CharField(max_length=40, blank=True)
    created_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        verbose_name = _("suppressed address")
        verbose_name_plural = _("suppressed addresses")
        constraints = [
            models.UniqueConstraint(
                fields=["address_hmac", "channel", "purpose"], name="suppression_once"
            )
        ]
        indexes = [models.Index(fields=["-created_at", "-id"], name="suppression_newest")]

    def __str__(self) -> str:
        return f"{self.channel} {self.purpose} {self.reason}"


class KeywordPolicy(models.Model):
    """The words that stop and resume marketing besides those of the law and the providers, and
    what is answered; one row, none while nobody changed anything (crm.services.keywords).
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    stop_words = models.JSONField(default=list)  # folded as they are compared
    start_words = models.JSONField(default=list)
    confirms = models.BooleanField(default=True)
    # Empty: our own sentence, in the company's language.
    stop_text = models.TextField(blank=True)
    start_text = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)  # of the texts; the ledger names it
    updated_at = models.DateTimeField(auto_now=True)
    updated_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")

    def __str__(self) -> str:
        return "keyword policy"


class Segment(models.Model):
    """An audience with a name: its members are found anew each time (crm.audiences)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name"), max_length=80)
    audience = models.JSONField(default=dict)
    created_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("saved audience")
        verbose_name_plural = _("saved audiences")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["name"], name="segment_name_once")]

    def __str__(self) -> str:
        return self.name


class ContactList(models.Model):
    """Contacts that people chose one by one or many at once; nobody comes in by a rule."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name"), max_length=80)
    key = models.CharField(max_length=80, unique=True, editable=False)  # folded: no case, accents
    created_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        verbose_name = _("list")
        verbose_name_plural = _("lists")
        ordering = ["key"]

    def __str__(self) -> str:
        return self.name


class ListMember(models.Model):
    """A contact on a list."""

    id = models.BigAutoField(primary_key=True)
    list = models.ForeignKey(ContactList, on_delete=models.CASCADE, related_name="members")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    added_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["list", "contact"], name="list_member_once")]

    def __str__(self) -> str:
        return f"{self.list_id} {self.contact_id}"


class Import(models.Model):
    """A file of contacts, or of addresses to suppress, on its way in.

    `cursor` is the last row whose chunk has committed.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=12, choices=ImportKind, default=ImportKind.CONTACTS)
    # Of suppressions: {"channels", "purpose", "note"}; their `updated` were on the list before.
    # Of a workbook: {"sheet", "sheets"}, and while it is a draft {"workbook": its file's key}.
    # {"remembered": true}: the mapping is that of an earlier file with the same header.
    options = models.JSONField(default=dict)
    filename = models.CharField(max_length=200)
    file_key = models.CharField(max_length=120)
    encoding = models.CharField(max_length=20)
    delimiter = models.CharField(max_length=2)
    header = models.JSONField(default=list)  # the file's column titles, in order
    # {"0": "name", "1": "phone", "2": "attribute:cidade", "3": ""}: column index → target
    mapping = models.JSONField(default=dict)
    match_by = models.CharField(max_length=11, choices=MatchBy, default=MatchBy.PHONE)
    # Of a draft: what would become of its rows, {"state": "pending" | "done" | "failed", "done",
    # "created", "updated", "unchanged", "rejected", "reasons": {code: rows},
    # "notes": {code: rows}, "error"} (crm.imports.foresight).
    forecast = models.JSONField(default=dict)
    tags = models.JSONField(default=list)  # names, applied to every contact of the file
    opt_in_source = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=7, choices=ImportState, default=ImportState.DRAFT)
    error = models.CharField(max_length=300, blank=True)  # why it failed as a whole
    cursor = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    created_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=now, editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)
    # Until when what its rows changed is kept (crm.services.import_undos); null: nothing is.
    undo_until = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.filename


class ImportRow(models.Model):
    """What became of one row of a file: the contact it made or found, or why it was refused."""

    id = models.BigAutoField(primary_key=True)
    batch = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()  # as a spreadsheet counts: the header is row 1
    contact = models.ForeignKey(
        Contact, on_delete=models.CASCADE, null=True, related_name="import_rows"
    )
    code = models.CharField(max_length=32, blank=True)  # crm.imports.REASONS; empty: accepted
    note = models.CharField(max_length=32, blank=True, default="", db_default="")
    raw = models.JSONField(null=True)  # the cells, kept for refused rows and those with a note
    # What it did to its contact (crm.imports.changes), and after an undo what had to stay.
    changes = models.JSONField(null=True)
    # What an undo made of it: crm.imports.undo_reasons; empty before.
    undo = models.CharField(max_length=16, blank=True, default="", db_default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="import_row_once")]
        indexes = [models.Index(fields=["batch", "contact"], name="import_row_contact")]

    def __str__(self) -> str:
        return f"{self.number} {self.code or 'ok'}"


class ExportedFile(models.Model):
    """A file that somebody asked for, made in the background (`crm.exports.making`); gone after a
    day."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    requested_by = models.ForeignKey(
        Member, on_delete=models.SET_NULL, null=True, related_name="+"
    )  # null: a program asked
    state = models.CharField(max_length=7, choices=ExportState, default=ExportState.PENDING)
    file_key = models.CharField(max_length=120, blank=True)  # core.files
    filename = models.CharField(max_length=240, blank=True)
    mime = models.CharField(max_length=100, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    rows = models.PositiveIntegerField(default=0)  # written so far
    claimed_until = models.DateTimeField(null=True)  # somebody makes it until then
    created_at = models.DateTimeField(default=now, editable=False)
    finished_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()

    class Meta:
        abstract = True
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.filename or str(self.pk)


class ContactExport(ExportedFile):
    """Contacts as a file."""

    format = models.CharField(max_length=5, choices=ExportFormat)
    query = models.TextField(blank=True)  # the list's filters, as its address has them
    columns = models.JSONField(default=list)  # keys of crm.exports.columns

    objects = ExportQuerySet.as_manager()

    class Meta(ExportedFile.Meta):
        verbose_name = _("export of contacts")
        verbose_name_plural = _("exports of contacts")
