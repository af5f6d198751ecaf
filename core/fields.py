"""Model fields that rest encrypted (AES-256-GCM, see ``core.crypto``).

    class Connection(models.Model):
        id = models.UUIDField(primary_key=True, default=uuid7)
        credentials = EncryptedJSONField(default=dict)

``connection.credentials`` is plaintext, decrypted at each access (2.5 µs) and never kept.
The stored text lives beside it in ``connection.credentials_sealed``, as ``author_id`` does beside
``author``; that is also what ``values()`` gives. Things to know:

- A value is bound to company, table, key and field, so the key must exist before saving
  (UUIDv7 made in Python does) and ``QuerySet.update()`` refuses it. ``save``, ``update_fields``,
  ``bulk_create`` and ``bulk_update`` work.
- JSON changed in place is not noticed: assign the whole value.
- Only ``isnull`` can be filtered by. Empty text and NULL are stored as they are.
- Not editable by default, so forms and the admin leave it out; where a form names it, the widget
  never shows the stored value.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, overload

from django import forms
from django.apps import apps
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from core import crypto, scope

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

    _Field = models.Field[Any, Any]
else:
    _Field = models.Field

PUBLIC_OWNER = "public"


class Sealed(str):
    """Ciphertext as it stands in the database."""

    __slots__ = ()


class Pending:
    """Plaintext that was assigned and waits for ``save`` to seal it."""

    __slots__ = ("owner", "plaintext")

    def __init__(self, plaintext: Any, owner: models.Model | None) -> None:
        self.plaintext = plaintext
        self.owner = owner

    def __repr__(self) -> str:
        return "<secret>"

    def __reduce__(self) -> Any:
        raise TypeError("An unsaved secret cannot be pickled.")


class PlainAttribute:
    """``instance.<name>``: opens what ``instance.<name>_sealed`` holds."""

    def __init__(self, field: EncryptedField) -> None:
        self.field = field

    @overload
    def __get__(self, instance: None, owner: type[models.Model]) -> PlainAttribute: ...
    @overload
    def __get__(self, instance: models.Model, owner: type[models.Model]) -> Any: ...

    def __get__(self, instance: models.Model | None, owner: type[models.Model]) -> Any:
        if instance is None:
            return self
        return self.field.plaintext_of(getattr(instance, self.field.attname), pk=instance.pk)

    def __set__(self, instance: models.Model, value: Any) -> None:
        kept = value if value is None or isinstance(value, Sealed) else Pending(value, instance)
        instance.__dict__[self.field.attname] = kept


class EncryptedField(_Field):
    """Base of the encrypted fields; subclasses say how a value becomes text and back."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)

    def to_text(self, value: Any) -> str:
        raise NotImplementedError

    def from_text(self, text: str) -> Any:
        raise NotImplementedError

    # -- sealing -------------------------------------------------------------------------------

    def seal(self, value: Any, *, pk: Any) -> Sealed | None:
        """The stored form of ``value`` for the row ``pk`` of the company that is open."""
        if value is None:
            return None
        text = self.to_text(value)
        return Sealed(crypto.encrypt(text.encode(), self.aad(pk)) if text else "")

    def open(self, stored: str | None, *, pk: Any) -> Any:
        """The plaintext of a stored value, for code that reads rows without models.

        Raises ``core.crypto.DecryptionError`` if it was altered or belongs elsewhere.
        """
        if stored is None:
            return None
        return self.from_text(crypto.decrypt(stored, self.aad(pk)).decode() if stored else "")

    def plaintext_of(self, kept: Any, *, pk: Any) -> Any:
        """The plaintext of what an instance holds: pending or stored."""
        return kept.plaintext if isinstance(kept, Pending) else self.open(kept, pk=pk)

    def aad(self, pk: Any) -> bytes:
        """Where a value belongs: company uuid (or ``public``), table, key, field."""
        options = self.model._meta
        key = options.pk.to_python(pk) if options.pk is not None else None
        if key is None:
            raise ValueError(f"{options.label}.{self.name} needs the key before it can be sealed.")
        return "\x1f".join((self._owner(), options.db_table, str(key), self.name)).encode()

    @property
    def is_shared(self) -> bool:
        """Whether the table is in the public schema, for all companies."""
        return _is_shared(self.model)

    def _owner(self) -> str:
        """Whose the row is. Shared tables are read inside companies too, so the app decides."""
        return PUBLIC_OWNER if self.is_shared else str(scope.company_id() or PUBLIC_OWNER)

    # -- Django's side -------------------------------------------------------------------------

    def get_internal_type(self) -> str:
        return "TextField"

    def get_attname(self) -> str:
        return f"{self.name}_sealed"

    def get_attname_column(self) -> tuple[str, str]:
        return self.get_attname(), self.db_column or self.name

    def contribute_to_class(
        self, cls: type[models.Model], name: str, private_only: bool = False
    ) -> None:
        super().contribute_to_class(cls, name, private_only)
        setattr(cls, name, PlainAttribute(self))

    def get_default(self) -> Any:
        default = super().get_default()
        return default if default is None or default == "" else Pending(default, None)

    def from_db_value(self, value: str | None, *args: Any) -> Sealed | None:
        return None if value is None else Sealed(value)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        kept = getattr(model_instance, self.attname)
        if isinstance(kept, Pending):
            kept = self.seal(kept.plaintext, pk=model_instance.pk)
            setattr(model_instance, self.attname, kept)
        return kept

    def get_prep_value(self, value: Any) -> str | None:
        if isinstance(value, Pending) and value.owner is not None:  # bulk_update
            return self.seal(value.plaintext, pk=value.owner.pk)
        if value is None or value == "" or isinstance(value, Sealed):
            return value
        raise TypeError(
            f"{self.name} is bound to its row: assign it and save, instead of update() or filter()."
        )

    def get_db_prep_value(
        self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False
    ) -> Any:
        return value if prepared else self.get_prep_value(value)

    def get_lookup(self, lookup_name: str) -> Any:
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None

    def clean(self, value: Any, model_instance: models.Model | None) -> Any:
        pk = model_instance.pk if model_instance else None
        super().clean(self.plaintext_of(value, pk=pk), model_instance)
        return value

    def value_from_object(self, obj: models.Model) -> None:
        """What forms and serializers show of a secret: nothing."""

    def value_to_string(self, obj: models.Model) -> str:
        return ""

    def formfield(self, **kwargs: Any) -> Any:
        kwargs["widget"] = forms.PasswordInput(
            render_value=False, attrs={"autocomplete": "new-password"}
        )
        return super().formfield(**kwargs)


class EncryptedTextField(EncryptedField):
    """A secret text."""

    description = "Encrypted text"

    def to_text(self, value: Any) -> str:
        return str(value)

    def from_text(self, text: str) -> str:
        return text


class EncryptedJSONField(EncryptedField):
    """A secret JSON value, such as the credentials of a connection."""

    description = "Encrypted JSON"
    empty_strings_allowed = False

    def to_text(self, value: Any) -> str:
        return json.dumps(value, cls=DjangoJSONEncoder, separators=(",", ":"))

    def from_text(self, text: str) -> Any:
        return json.loads(text) if text else None


def encrypted_fields(model: type[models.Model]) -> list[EncryptedField]:
    """The encrypted fields whose column is in the model's own table."""
    return [field for field in model._meta.local_fields if isinstance(field, EncryptedField)]


def _is_shared(model: type[models.Model]) -> bool:
    try:
        app = apps.get_app_config(model._meta.app_label).name
    except LookupError:
        return False
    entries = getattr(settings, "TENANT_APPS", ())
    return not any(entry == app or entry.startswith(f"{app}.") for entry in entries)
