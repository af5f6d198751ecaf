"""Members, invitations and the caller, as the API shows them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core import ids
from core.api.fields import AnyCaseChoiceField, PublicIdField
from team import presence
from team.enums import Presence, TeamColor
from team.models import Member, Team
from team.presence import Presences
from tenants.enums import Role


class MemberSerializer(serializers.ModelSerializer[Member]):
    """Somebody who belongs to the company."""

    id = PublicIdField("mem", read_only=True)
    presence = serializers.SerializerMethodField()

    class Meta:
        model = Member
        fields = ("id", "name", "email", "role", "presence", "is_available", "created_at")
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(choices=Presence.choices))
    def get_presence(self, member: Member) -> str:
        """Asked once for a whole list."""
        known: Presences | None = getattr(self.root, "_presences", None)
        if known is None:
            known = self.root._presences = presence.now()  # type: ignore[attr-defined]
        return str(known.of(member.pk).value)


class MemberRoleSerializer(serializers.Serializer[Any]):
    """What can be changed about a member."""

    role = serializers.ChoiceField(choices=Role.choices)


class AvailabilitySerializer(serializers.Serializer[Any]):
    """Whether new conversations are given to a member."""

    is_available = serializers.BooleanField()


class InviteSerializer(serializers.Serializer[Any]):
    """Who to invite, and as what."""

    email = serializers.EmailField()
    role = serializers.ChoiceField(choices=Role.choices, default=Role.AGENT)


class InvitationSerializer(serializers.Serializer[Any]):
    """An invitation; `link` is in this answer alone and works once, for this e-mail."""

    id = PublicIdField("inv")
    email = serializers.EmailField()
    role = serializers.CharField()
    expires_at = serializers.DateTimeField()
    link = serializers.CharField()


class TeamSerializer(serializers.Serializer[Team]):
    """Members who look after the same conversations."""

    id = PublicIdField("tea")
    name = serializers.CharField()
    color = serializers.CharField()
    assigns_automatically = serializers.BooleanField()
    alert_after_minutes = serializers.IntegerField(allow_null=True)
    first_reply_minutes = serializers.IntegerField(allow_null=True)
    next_reply_minutes = serializers.IntegerField(allow_null=True)
    is_default = serializers.BooleanField()
    members = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()

    @extend_schema_field(serializers.ListField(child=PublicIdField("mem")))
    def get_members(self, team: Team) -> list[str]:
        return [ids.encode("mem", member.pk) for member in team.members.all()]


class TeamWriteSerializer(serializers.Serializer[Any]):
    """What may be written; fields that are left out of a PATCH stay as they are."""

    name = serializers.CharField()
    color = AnyCaseChoiceField(choices=TeamColor.choices, required=False)
    assigns_automatically = serializers.BooleanField(required=False)
    alert_after_minutes = serializers.IntegerField(
        required=False,
        allow_null=True,
        help_text="How long a customer may wait until the team is told; null: never.",
    )
    first_reply_minutes = serializers.IntegerField(
        required=False,
        allow_null=True,
        help_text="Minutes of business hours until the first answer; null: as the company "
        "promises (`inbox-settings`).",
    )
    next_reply_minutes = serializers.IntegerField(
        required=False,
        allow_null=True,
        help_text="The same for every further answer.",
    )
    is_default = serializers.BooleanField(
        required=False, help_text="Only one team is: it takes this from another one."
    )
    members = serializers.ListField(
        child=PublicIdField("mem"), required=False, help_text="All of its members."
    )


class CompanySerializer(serializers.Serializer[Any]):
    """The company that the key or token belongs to."""

    name = serializers.CharField()
    slug = serializers.CharField()
    language = serializers.CharField()
    timezone = serializers.CharField()


class PersonSerializer(serializers.Serializer[Any]):
    """The person that the token belongs to."""

    name = serializers.CharField()
    email = serializers.EmailField()
    language = serializers.CharField()


class KeySerializer(serializers.Serializer[Any]):
    """The API key that was used."""

    name = serializers.CharField()
    prefix = serializers.CharField()


class MeSerializer(serializers.Serializer[Any]):
    """Who is asking: a person (with `member` and `role`) or a key, each null where it is not."""

    company = CompanySerializer()
    person = PersonSerializer(allow_null=True)
    member = PublicIdField("mem", allow_null=True)
    role = serializers.CharField(allow_null=True)
    api_key = KeySerializer(allow_null=True)
    permissions = serializers.ListField(child=serializers.CharField())
