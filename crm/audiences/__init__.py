"""Who a campaign is for, as data: kept by name (`Segment`) or in the campaign, turned into contacts
when they are needed.

The short forms:
    `{"all": true}`, `{"tags": […], "exclude_tags": […]}`, `{"contacts": […]}`, `{"import": id}`,
    `{"segment": id}`. `exclude_tags` may also stand beside `all`. Tags widen: a contact with any of
    `tags` is in, one with any of `exclude_tags` is out.
The general form:
    `{"join": "all" | "any", "include": [rule…], "exclude": [rule…]}`. `join` says how the rules of
    `include` go together ("all" if left out); without any, everybody is in. Whoever fits one rule
    of `exclude` is out, whatever `include` says.
A rule:
    `{"kind": "tag", "op": "any_of", "value": ["VIP"]}`. Some kinds name a field behind a colon:
    `{"kind": "attribute:cidade", "op": "is", "value": "Recife"}`.

People and programs may name tags by name or id and use public ids; what is kept has UUIDs (as
text) only. The kinds are a registry: higher apps add theirs in AppConfig.ready().
"""

from crm.audiences.reading import Audience, validate
from crm.audiences.registry import (
    Context,
    Operator,
    Predicate,
    Rule,
    Unresolvable,
    opposite,
    predicate_of,
    predicates,
    register,
)
from crm.audiences.selection import batches, condition_of, count, next_ids, select
from crm.audiences.words import Sentence, describe

__all__ = [
    "Audience",
    "Context",
    "Operator",
    "Predicate",
    "Rule",
    "Sentence",
    "Unresolvable",
    "batches",
    "condition_of",
    "count",
    "describe",
    "next_ids",
    "opposite",
    "predicate_of",
    "predicates",
    "register",
    "select",
    "validate",
]
