"""What members can be told: each kind of notification with its sentence and icon.

Rows keep the code and the values; the sentence is made when it is read, in the reader's language.
Apps announce their kinds in AppConfig.ready().
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise
OF_THE_COMPANY: Text = _("Company")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of notification.

    Attributes:
        code: `<noun>.<verb>`, as written into the rows.
        text: a lazy sentence with `%(name)s` places for the notification's data.
        icon: a lucide name.
        label: what happened, for the page where members choose what they are told.
        tone: info, success, warning or danger.
        permission: of tenants.permissions; who lacks it is never told, nor offered the choice.
        is_on: whether members are told who chose nothing.
        area: under which heading it stands there.
    """

    code: str
    text: Text
    icon: str
    label: Text
    tone: str = "info"
    permission: str = "company.view"
    is_on: bool = True
    area: Text = OF_THE_COMPANY

    def sentence(self, data: Mapping[str, Any]) -> str:
        """The text in the language that is active now."""
        return str(self.text) % data


KINDS: dict[str, Kind] = {}
JOINED = "member.joined"


def register(kind: Kind) -> None:
    """Announce a kind, once, at start-up.

    Raises:
        ValueError: the code is taken.
    """
    if kind.code in KINDS:
        message = f"the notification {kind.code} is registered twice"
        raise ValueError(message)
    KINDS[kind.code] = kind


def topic_of(member_id: object) -> str:
    """The live topic that a member's bell listens to."""
    return f"notifications:{member_id}"
