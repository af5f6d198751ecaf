"""What contacts of one person have in common, as PostgreSQL computes it from a row: indexed, so
that the others of a person are found without comparing everybody with everybody.

The indexes are copies of these expressions: who changes one writes a migration.
"""

from django.db.models import CharField, F, Func, Index, Q, TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Lower, Replace

from crm.enums import IdentityKind

GMAIL = "@gmail.com"
CPF = "cpf"


def _func(name: str, *arguments: object) -> Func:
    return Func(*arguments, function=name, output_field=CharField())


# Gmail ignores dots and what follows a plus: all of these letters go to one mailbox.
MAILBOX = Replace(
    _func(
        "split_part", _func("split_part", F("value"), Value("@"), Value(1)), Value("+"), Value(1)
    ),
    Value("."),
    Value(""),
    output_field=CharField(),
)
IS_GMAIL = Q(kind=IdentityKind.EMAIL, value__endswith=GMAIL, released_at=None)
# An id of another system, as people retype it: "00A17" is "a17".
EXTERNAL = _func("ltrim", Lower("value"), Value("0"))
IS_EXTERNAL = Q(kind=IdentityKind.EXTERNAL, released_at=None)
# A CPF is one person's: the digits of the field of this key.
DOCUMENT = Func(
    KeyTextTransform(CPF, "attributes"), Value(r"\D"), Value(""), Value("g"),
    function="regexp_replace", output_field=TextField(),
)  # fmt: skip
HAS_DOCUMENT = Q(attributes__has_key=CPF, deleted_at=None)

OF_IDENTITIES = [
    Index(MAILBOX, condition=IS_GMAIL, name="identity_mailbox"),
    Index(EXTERNAL, condition=IS_EXTERNAL, name="identity_external"),
]
OF_CONTACTS = [Index(DOCUMENT, condition=HAS_DOCUMENT, name="contact_document")]
