"""Forms of a company's settings."""

from functools import lru_cache
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from team.enums import TeamColor
from team.models import Team
from team.notifications import Kind
from team.selectors import active_members
from team.services.teams import LONGEST_ALERT
from tenants.enums import Role
from tenants.models import Company
from tenants.permissions import PERMISSIONS


@lru_cache(maxsize=1)
def _zones() -> list[tuple[str, str]]:
    """IANA zones of places (`America/Sao_Paulo`), without the aliases that have no region."""
    places = (zone for zone in available_timezones() if "/" in zone)
    kept = sorted(zone for zone in places if not zone.startswith(("Etc/", "SystemV/", "US/")))
    return [("UTC", "UTC"), *((zone, zone.replace("_", " ")) for zone in kept)]


class CompanySettingsForm(forms.Form):
    """What a company is called, where it lives, and how it reads the clock."""

    name = forms.CharField(label=_("Company name"), max_length=120)
    slug = forms.SlugField(
        label=_("Address"),
        max_length=50,
        help_text=_("Part of the address of every page. Links with the old one keep working."),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=settings.LANGUAGES,
        help_text=_("For starting texts, e-mails and reports. Everyone can choose their own."),
    )
    timezone = forms.ChoiceField(
        label=_("Time zone"),
        choices=_zones,
        help_text=_("Times are shown and schedules run in this zone."),
    )

    @staticmethod
    def values_of(company: Company) -> dict[str, Any]:
        return {
            "name": company.name,
            "slug": company.slug,
            "language": company.language,
            "timezone": company.timezone,
        }


class ProfileForm(forms.Form):
    """What people see of a person, and in which language they are answered."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)


class InviteForm(forms.Form):
    """Who to invite and as what; only owners are offered to invite owners."""

    email = forms.EmailField(
        label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    role = forms.ChoiceField(label=_("Role"), initial=Role.AGENT)

    def __init__(self, *args: Any, inviter_role: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = roles_offered(inviter_role)  # type: ignore[attr-defined]


class MinutesField(forms.IntegerField):
    """Minutes, a week of them at most; empty: none."""

    def __init__(self, **options: Any) -> None:
        how = _("Write whole minutes from 1 to 10,080 (seven days), or leave it empty.")
        wrong = dict.fromkeys(("invalid", "min_value", "max_value"), how)
        super().__init__(
            min_value=1,
            max_value=LONGEST_ALERT,
            required=False,
            error_messages=wrong,
            **options,
        )


class TeamForm(forms.Form):
    """A team's name, its members, and how it takes new conversations."""

    name = forms.CharField(
        label=_("Name"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    color = forms.ChoiceField(label=_("Colour"), choices=TeamColor.choices, initial=TeamColor.BLUE)
    members = forms.TypedMultipleChoiceField(
        label=_("Members"), coerce=UUID, required=False, widget=forms.CheckboxSelectMultiple
    )
    assigns_automatically = forms.BooleanField(
        label=_("Assign new conversations automatically"),
        required=False,
        help_text=_("Each goes to the member who is online, available and has the fewest open."),
    )
    alert_after_minutes = MinutesField(
        label=_("Tell the team when a customer waits longer than"),
        help_text=_("In minutes. Empty: nobody is told."),
    )
    first_reply_minutes = MinutesField(
        label=_("First reply within"),
        help_text=_("In minutes. Empty: as the company promises (settings, Inbox)."),
    )
    next_reply_minutes = MinutesField(
        label=_("Next reply within"),
        help_text=_("In minutes. Empty: as the company promises (settings, Inbox)."),
    )
    is_default = forms.BooleanField(
        label=_("Default team"),
        required=False,
        help_text=_("Takes the conversations that belong to no other team."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["members"].choices = [  # type: ignore[attr-defined]
            (str(member.pk), member.name or member.email) for member in active_members()
        ]

    @staticmethod
    def values_of(team: Team) -> dict[str, Any]:
        return {
            "name": team.name,
            "color": team.color,
            "members": [str(member.pk) for member in team.members.all()],
            "assigns_automatically": team.assigns_automatically,
            "alert_after_minutes": team.alert_after_minutes,
            "first_reply_minutes": team.first_reply_minutes,
            "next_reply_minutes": team.next_reply_minutes,
            "is_default": team.is_default,
        }


class NotificationsForm(forms.Form):
    """What a member wants to be told: a switch for each kind, area by area."""

    def __init__(self, *args: Any, kinds: list[Kind], wanted: set[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._codes = {kind.code.replace(".", "-"): kind.code for kind in kinds}
        self._areas: dict[str, list[str]] = {}
        for name, kind in zip(self._codes, kinds, strict=True):
            self.fields[name] = forms.BooleanField(
                label=str(kind.label), required=False, initial=kind.code in wanted
            )
            self._areas.setdefault(str(kind.area), []).append(name)

    def areas(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The switches under their headings, both in the order of the sidebar's apps."""
        return [(area, [self[name] for name in names]) for area, names in self._areas.items()]

    @property
    def codes(self) -> set[str]:
        """The kinds whose switch is on; after is_valid()."""
        return {code for name, code in self._codes.items() if self.cleaned_data[name]}


class ApiKeyForm(forms.Form):
    """A key's name and what it may do."""

    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("What will use it, for example “Online shop”.")
    )
    scopes = forms.MultipleChoiceField(
        label=_("Scopes"),
        choices=[(name, name) for name in PERMISSIONS],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Give it only what it needs; a key cannot be changed later."),
    )


def roles_offered(role: str) -> list[tuple[str, str]]:
    """The roles that somebody of this role may give to others."""
    return [
        (value, str(label))
        for value, label in Role.choices
        if value != Role.OWNER or role == Role.OWNER
    ]
