"""Names in the order of the alphabet, without case and accents, as PostgreSQL computes it.

The embedded PostgreSQL has no ICU collations, and an index wants an immutable expression. Letters
beyond these sort behind z. The index on it (`Contact.Meta`) is a copy of this expression: who
changes it writes a migration.
"""

from django.db.models import CharField, Func, Value
from django.db.models.functions import Left, Lower

_ACCENTED = "ÁÀÂÃÄÅÇÉÈÊËÍÌÎÏÑÓÒÔÕÖÚÙÛÜÝáàâãäåçéèêëíìîïñóòôõöúùûüýÿ"
_PLAIN = "aaaaaaceeeeiiiinooooouuuuyaaaaaaceeeeiiiinooooouuuuyy"
_LETTERS = 60  # enough to tell names apart; an index row has an end

NAME_ORDER = Left(
    Lower(
        Func(
            "name",
            Value(_ACCENTED),
            Value(_PLAIN),
            function="translate",
            output_field=CharField(),
        )
    ),
    _LETTERS,
)
