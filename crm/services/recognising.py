"""Who are these? Many at once, as far as they are known already.

What `identities.resolve` answers for one, where nothing has to be written: whoever is new, or is
known by something new, goes there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

from core import statements
from crm.services import identities
from crm.services.identities import Known

# The owner of the first key of each person that has one. Nobody merges, erases or deletes them
# until the transaction ends; whoever only writes to them or about them does not wait.
_RECOGNISE = """
    WITH held AS MATERIALIZED (
        SELECT k.person, k.place, i.contact_id
        FROM jsonb_to_recordset(%(keys)s::jsonb)
             AS k(person int, place int, kind text, value text, scope text)
        JOIN crm_identity i ON i.kind = k.kind AND i.value = k.value AND i.scope = k.scope
             AND i.released_at IS NULL),
    owners AS MATERIALIZED (
        SELECT DISTINCT ON (person) person, contact_id FROM held ORDER BY person, place),
    alive AS MATERIALIZED (
        SELECT c.id, c.name FROM crm_contact c
        WHERE c.id IN (SELECT contact_id FROM owners) AND c.deleted_at IS NULL
        ORDER BY c.id FOR KEY SHARE OF c)
    SELECT o.person, c.id, c.name,
           (SELECT count(*) FROM held WHERE held.person = o.person)
    FROM owners o JOIN alive c ON c.id = o.contact_id
"""


@dataclass(frozen=True, slots=True)
class Recognised:
    """A contact that somebody is.

    Attributes:
        is_whole: every one of their identities is somebody's already: there is none to be added.
    """

    contact_id: UUID
    name: str
    is_whole: bool


def recognise(people: Sequence[Sequence[Known]]) -> list[Recognised | None]:
    """The contacts behind these people's identities, most authoritative first; None where nobody is
    known by any of them. To be called inside a transaction.

    Raises:
        crm.phones.BadPhone: a value of kind phone is no number.
    """
    wanted = [identities.expand(known) for known in people]
    keys = [
        {**asdict(key), "person": person, "place": place}
        for person, expanded in enumerate(wanted)
        for place, key in enumerate(expanded)
    ]
    found: list[Recognised | None] = [None] * len(people)
    if keys:
        for person, contact_id, name, count in statements.run(
            _RECOGNISE, keys=statements.rows(keys)
        ):
            found[person] = Recognised(contact_id, name, count == len(wanted[person]))
    return found
