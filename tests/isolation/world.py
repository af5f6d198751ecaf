"""One company with one of everything in it, each free text bearing the company's marker.

Whatever a response, a socket or a cache entry of another company shows of it is a leak that the
marker gives away. Texts inside the company's schema bear `CANARY-<NAME>`, texts in the public
schema (invitations, API keys) `CANARY-PUBLIC-<NAME>`: the superadmin may see the latter alone.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from allauth.account.models import EmailAddress
from django.utils import timezone

from campaigns.enums import CampaignState, ExportFormat
from campaigns.models import Campaign, Click, Export, Link, LinkCode
from connections import history
from connections.models import Connection
from conversations.models import (
    AwayNotice,
    BusinessHours,
    CannedReply,
    Conversation,
    ConversationLabel,
    CustomerSignal,
    InboxSettings,
    Label,
    MessageFile,
    Rating,
    ReplyTime,
    SavedView,
    ScheduledMessage,
)
from conversations.services import texts
from core import files, scope
from core.ids import uuid7
from crm.enums import (
    BulkAction,
    BulkState,
    Channel,
    ConsentAction,
    ErasureReason,
    ExportState,
    FieldKind,
    IdentityKind,
    ImportState,
    Likeness,
    Purpose,
    UndoState,
)
from crm.models import (
    Consent,
    Contact,
    ContactBulk,
    ContactColumns,
    ContactExport,
    ContactTag,
    DuplicateSearch,
    Identity,
    Import,
    ImportRow,
    ImportUndo,
    MergeSuggestion,
)
from crm.services import erasing, keywords, segments, suppressions
from crm.services.contact_views import save_view
from crm.services.contacts import create_contact
from crm.services.fields import create_field
from crm.services.lists import add_contacts, create_list
from crm.services.merging import merge_contacts
from crm.services.tags import create_tag
from events.models import Delivery, Event, Incident, Interest, LetterRun, Replay
from events.services import incidents
from integrations import registry
from integrations.enums import (
    IntegrationState,
    PushKind,
    PushState,
    SyncState,
    SyncTrigger,
    Thing,
)
from integrations.models import ExternalId, Integration, Push, SyncRun
from messaging.enums import (
    Direction,
    DispatchState,
    MediaState,
    MessageKind,
    Origin,
    Rank,
    StreamState,
    TemplateStatus,
)
from messaging.models import (
    Budget,
    Media,
    Message,
    OrphanReceipt,
    Receipt,
    SendingPolicy,
    SmsGuard,
    Stream,
    Template,
    Thread,
    TierUse,
)
from team.models import (
    Member,
    Notification,
    NotificationPreference,
    RetentionRule,
    RetentionRun,
    Team,
    TeamMember,
)
from tenants.enums import Role, RouteKind
from tenants.models import ApiKey, Company, Membership, Person, Route, RouteOwner
from tenants.permissions import PERMISSIONS
from tenants.services import invitations
from tenants.services.api_keys import create_api_key
from tenants.services.authors import Author
from tenants.services.memberships import add_member
from tests.isolation import automations_world, endpoints_world, gaps_world, sources_world
from webhooks.enums import ItemState
from webhooks.ingress.enums import EnvelopeState, ParkedReason
from webhooks.ingress.models import Envelope, ParkedItem
from webhooks.models import Item

PASSWORD = "correct-horse-battery"
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00"
    b"\x1f\x15\xc4\x89\x00\x00\x00\rIDATx\x9cc\xf8\xff\xff?\x00\x05\xfe\x02\xfe\xa75\x81\x84"
    b"\x00\x00\x00\x00IEND\xaeB`\x82"
)
PROVIDER = "whatsapp_cloud"
APP_SECRET = "the-app-secret"


@dataclass
class World:
    """A company and one of everything in it, by name."""

    company: Company
    number: int  # tells the two worlds' telephone numbers apart
    people: dict[str, Person] = field(default_factory=dict)
    things: dict[str, Any] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)

    @property
    def marker(self) -> str:
        return f"CANARY-{self.company.slug.upper()}"

    @property
    def public_marker(self) -> str:
        return f"CANARY-PUBLIC-{self.company.slug.upper()}"

    def text(self, words: str) -> str:
        return f"{words} {self.marker}"

    def member(self, role: str) -> Member:
        return Member.objects.get(person_id=self.people[role].pk)

    def member_id(self, role: str) -> Any:
        with scope.opened(self.company):
            return self.member(role).pk


def build(company: Company, number: int) -> World:
    """Fill the company; nothing of it is sent or fetched from anywhere."""
    world = World(company=company, number=number)
    with scope.public():
        _people(world)
        _public(world)
    with scope.opened(company), scope.surroundings(company):
        for part in (_crm, _connection, _messages, _team, _received, _integrations):
            part(world)
        endpoints_world.fill(world)
        gaps_world.fill(world)
        automations_world.fill(world)
        sources_world.fill(world)
    with scope.public():
        _routes(world)
    return world


def _people(world: World) -> None:
    for role in Role.values:
        world.people[role] = a_person(f"{role}@{world.company.slug}.example", world, role.title())
        add_member(company=world.company, person=world.people[role], role=role)
    world.things["membership"] = Membership.objects.get(
        company=world.company, person=world.people[Role.VIEWER]
    )
    world.people["former"] = a_person(f"former@{world.company.slug}.example", world, "Former")


def a_person(email: str, world: World, name: str) -> Person:
    """Somebody with a confirmed address; pages of members show the name."""
    person = Person.objects.create_user(email, PASSWORD, name=f"{name} {world.public_marker}")
    EmailAddress.objects.create(user=person, email=email, verified=True, primary=True)
    return person


def _public(world: World) -> None:
    owner = Membership.objects.get(company=world.company, person=world.people[Role.OWNER])
    email = f"{world.public_marker.lower()}@example.com"
    invited = invitations.invite(
        company=world.company, email=email, role=Role.AGENT, by=Author.member(owner)
    )
    world.things["invitation"] = invited.invitation
    world.secrets["invitation"] = invited.link.split("?")[0].rstrip("/").split("/")[-1]
    for name, scopes in {"api_key": list(PERMISSIONS), "revoked_key": list(PERMISSIONS)}.items():
        key, secret = create_api_key(
            company=world.company, name=f"{name} {world.public_marker}", scopes=scopes, by=None
        )
        world.things[name], world.secrets[name] = key, secret
    ApiKey.objects.filter(pk=world.things["revoked_key"].pk).update(revoked_at=timezone.now())


def _crm(world: World) -> None:
    things = world.things
    things["tag"] = create_tag(name=world.text("Etiqueta"))
    things["field"] = create_field(label=world.text("Plan"), kind=FieldKind.TEXT)
    things["contact"] = contact = create_contact(
        name=world.text("Zuleica"),
        phone=f"+55119876500{world.number:02}",
        email=f"zuleica.{world.marker.lower()}@example.com",
        attributes={"cidade": world.text("Recife")},
    )
    double = create_contact(name=world.text("Zu"), phone=f"+55119876511{world.number:02}")
    things["merge"] = merge_contacts(kept=contact, gone=double)
    alike = create_contact(name=world.text("Zul"), phone=f"+55119876533{world.number:02}")
    things["duplicate"] = MergeSuggestion.objects.create(
        first=contact, second=alike, evidence=["phone"], likeness=Likeness.CERTAIN
    )
    DuplicateSearch.objects.get_or_create(
        defaults={"restart_at": timezone.now(), "next_look_at": timezone.now()}
    )
    forgotten = create_contact(name=world.text("Zoraide"), phone=f"+55119876522{world.number:02}")
    things["erasure"] = erasing.erase(contact=forgotten, reason=ErasureReason.REQUEST)
    ContactTag.objects.get_or_create(contact=contact, tag=things["tag"])
    Identity.objects.create(
        contact=contact, kind=IdentityKind.EXTERNAL, value=world.text("external")
    )
    Consent.objects.create(
        contact=contact,
        channel=Channel.WHATSAPP,
        purpose=Purpose.MARKETING,
        action=ConsentAction.OPT_IN,
        source=world.text("form"),
        text=world.text("I agree"),
    )
    things["list"] = create_list(name=world.text("Lista"))
    add_contacts(contact_list=things["list"], contact_ids=[contact.pk])
    things["segment"] = segments.create_segment(
        name=world.text("Audience"), audience={"tags": [str(things["tag"].pk)]}
    )
    things["suppression"], _ = suppressions.add_suppression(
        address=f"+55119876599{world.number:02}",
        channel=Channel.WHATSAPP,
        note=world.text("asked"),
    )
    keeper = world.member(Role.OWNER)
    ContactColumns.objects.create(member=keeper, keys=[f"attribute:{things['field'].key}"])
    things["contact_view"] = save_view(
        member=keeper, name=world.text("View"), query=f"q={world.marker}", is_shared=True
    )
    things["contact_bulk"] = ContactBulk.objects.create(
        action=BulkAction.DELETE, state=BulkState.DONE, requested_by=keeper
    )
    keywords.update_policy(
        stop_words=[f"chega {world.number}"],
        start_words=[],
        confirms=True,
        stop_text=world.text("Done"),
        start_text="",
    )
    taken_out = files.save(world.text("nome").encode(), "export", "c.csv", company=world.company)
    things["contacts_export"] = ContactExport.objects.create(
        format="csv",
        columns=["name"],
        state="done",
        file_key=taken_out.key,
        filename=f"{world.marker}.csv",
        mime=taken_out.mime,
        size=taken_out.size,
        sha256=taken_out.sha256,
        expires_at=timezone.now() + timedelta(hours=24),
    )
    table = files.save(
        f"nome,telefone\n{world.marker},nonsense\n".encode(),
        "import",
        "contacts.csv",
        company=world.company,
    )
    things["import"] = batch = Import.objects.create(
        filename=f"{world.marker}.csv",
        file_key=table.key,
        encoding="utf-8",
        delimiter=",",
        header=["nome", "telefone"],
        mapping={"0": "name", "1": "phone"},
        tags=[things["tag"].name],
        opt_in_source=world.text("shop"),
        state=ImportState.DONE,
        total=2,
        created=1,
        rejected=1,
    )
    ImportRow.objects.create(
        batch=batch,
        number=2,
        contact=contact,
        undo="changed",
        changes={"kept": [f"attribute:{world.text('Field')}"]},
    )
    ImportUndo.objects.create(batch=batch, state=UndoState.DONE, counts={"kept": 1})
    ImportRow.objects.create(
        batch=batch, number=3, code="phone_invalid", raw=[world.text("Row"), "nonsense"]
    )
    Contact.objects.filter(pk=contact.pk).update(created_by_import=batch)


def _connection(world: World) -> None:
    things = world.things
    things["connection"] = connection = Connection.objects.create(
        provider=PROVIDER,
        name=world.text("Loja"),
        external_id=f"10654035224290{world.number}",
        account_id=f"10229012934030{world.number}",
        credentials={"token": world.marker, "app_secret": APP_SECRET, "verify_token": "verify"},
        webhook_token=f"routing-{world.company.slug}",
        display_number=f"+5511400010{world.number:02}",
        verified_name=world.text("Loja"),
    )
    history.write(connection.pk)
    things["template"] = Template.objects.create(
        connection=connection,
        account_id=connection.account_id,
        name=f"{world.marker.lower()}",
        language="pt_BR",
        category="MARKETING",
        status=TemplateStatus.APPROVED,
        parameter_format="NAMED",
        components=[{"type": "BODY", "text": world.text("Olá {{nome}},")}],
        variables=[
            {"name": "nome", "example": world.marker, "fallback": "", "where": "body"},
        ],
    )


def _messages(world: World) -> None:
    things = world.things
    contact, connection, template = things["contact"], things["connection"], things["template"]
    address = f"+55119876500{world.number:02}"
    things["thread"] = thread = Thread.objects.create(
        contact=contact,
        connection=connection,
        address=address,
        last_inbound_at=timezone.now(),
        window_until=timezone.now() + timedelta(hours=24),
    )
    stored = files.save(PNG, "image", f"{world.marker}.png", company=world.company)
    things["media"] = media = Media.objects.create(
        kind=MessageKind.IMAGE,
        state=MediaState.READY,
        key=stored.key,
        mime=stored.mime,
        size=stored.size,
        sha256=stored.sha256,
        filename=stored.filename,
    )
    things["stream"] = stream = Stream.objects.create(kind="campaign", state=StreamState.HELD)
    things["campaign"] = Campaign.objects.create(
        name=world.text("Campanha"),
        state=CampaignState.DRAFT,
        connection=connection,
        template=template,
        variables={"nome": {"value": world.text("Ana")}},
        audience={"all": True},
        stream=stream,
    )
    sheet = files.save(world.text("nome").encode(), "export", "export.csv", company=world.company)
    things["export"] = Export.objects.create(
        campaign=things["campaign"],
        format=ExportFormat.CSV,
        state=ExportState.DONE,
        file_key=sheet.key,
        filename=f"{world.marker}.csv",
        mime=sheet.mime,
        size=sheet.size,
        sha256=sheet.sha256,
        expires_at=timezone.now() + timedelta(hours=24),
    )
    shared = {"contact": contact, "connection": connection, "address": address}
    things["inbound"] = inbound = Message.objects.create(
        thread=thread,
        direction=Direction.IN,
        kind=MessageKind.TEXT,
        origin=Origin.CUSTOMER,
        content={"text": world.text("Boa tarde")},
        external_id=f"wamid.in.{world.company.slug}",
        **shared,
    )
    things["picture"] = Message.objects.create(
        thread=thread,
        direction=Direction.OUT,
        kind=MessageKind.IMAGE,
        origin=Origin.AGENT,
        media=media,
        content={"caption": world.text("Foto")},
        dispatch=DispatchState.ACCEPTED,
        rank=Rank.READ,
        external_id=f"wamid.media.{world.company.slug}",
        **shared,
    )
    things["message"] = sent = Message.objects.create(
        thread=thread,
        stream=stream,
        direction=Direction.OUT,
        kind=MessageKind.TEMPLATE,
        origin=Origin.CAMPAIGN,
        template=template,
        content={"body": world.text("Olá Ana,")},
        dispatch=DispatchState.ACCEPTED,
        rank=Rank.DELIVERED,
        detail=world.text("detail"),
        external_id=f"wamid.out.{world.company.slug}",
        **shared,
    )
    things["link"] = LinkCode.objects.create(
        code=world.number,
        link=Link.objects.create(
            campaign=things["campaign"], url=f"https://example.com/{world.marker}"
        ),
        message=sent,
    )
    Click.objects.create(code=things["link"])
    Receipt.objects.create(
        message=sent, kind="delivered", at=timezone.now(), detail=world.text("receipt")
    )
    OrphanReceipt.objects.create(
        connection=connection,
        external_id=f"wamid.orphan.{world.company.slug}",
        kind="sent",
        at=timezone.now(),
        detail=world.text("orphan"),
    )
    SendingPolicy.objects.create()
    Budget.objects.create(stream=stream, currency="BRL")
    SmsGuard.objects.create(
        address=world.marker, body_sha256="0" * 64, message=sent, expires_at=timezone.now()
    )
    TierUse.objects.create(portfolio_id="p", contact=contact, at=timezone.now(), message=sent)
    things["conversation"], _ = Conversation.objects.update_or_create(
        thread=thread,
        defaults={"contact": contact, "last_message": inbound, "unread_count": 1},
    )
    texts.note(message=inbound)
    things["scheduled"] = ScheduledMessage.objects.create(
        conversation=things["conversation"],
        text=world.text("Até amanhã"),
        due_at=timezone.now() + timedelta(days=1),
    )
    things["label"] = label = Label.objects.create(name=world.text("Dúvida"), key=world.marker)
    ConversationLabel.objects.create(conversation=things["conversation"], label=label)
    things["canned"] = CannedReply.objects.create(shortcut="oi", text=world.text("Oi!"))

    InboxSettings.objects.create()
    MessageFile.objects.create(message=things["picture"], media=things["media"])
    BusinessHours.objects.create(away_text=world.text("Closed"))
    CustomerSignal.objects.create(conversation=things["conversation"], external_id="wamid.1")
    AwayNotice.objects.create(conversation=things["conversation"], day=timezone.localdate())
    ReplyTime.objects.create(
        conversation=things["conversation"],
        kind="first",
        asked_at=timezone.now(),
        answered_at=timezone.now(),
        seconds=0,
    )
    Rating.objects.create(
        conversation=things["conversation"],
        contact=things["contact"],
        score=5,
        comment=world.text("Obrigada"),
        asked_at=timezone.now(),
        answered_at=timezone.now(),
        thanked_at=timezone.now(),
    )


def _team(world: World) -> None:
    RetentionRule.objects.create(kind="media", days=730, changed_by=world.member(Role.OWNER))
    RetentionRun.objects.create(
        kind="media", before=timezone.now(), count=7, ended_at=timezone.now()
    )
    world.things["member"] = member = world.member(Role.VIEWER)
    world.things["team"] = team = Team.objects.create(name=world.text("Vendas"))
    TeamMember.objects.create(team=team, member=member)
    world.things["saved_view"] = SavedView.objects.create(
        member=world.member(Role.OWNER), name=world.text("Vista"), query="status=open"
    )
    NotificationPreference.objects.create(member=member, code="member.joined")
    world.things["event"] = event = Event.objects.create(
        sequence=world.number * 1_000_000,  # counted by each company: the same number means nothing
        type="test.canary",
        data={"text": world.text("event")},
        actor="system",
    )
    world.things["event_id"] = SimpleNamespace(pk=event.uid)  # the API names events by it
    Delivery.objects.create(event=event, subscriber="test.nobody", error=world.text("delivery"))
    Interest.objects.create(type="test.nothing", subscriber=world.text("interest"))
    world.things["replay"] = Replay.objects.create(
        until=event.uid, query=f"q={world.marker}", requested_by=world.text("system")
    )
    LetterRun.objects.create(
        box="events", action="redrive", cause=world.marker, requested_by="system"
    )
    incidents.report(
        kind="connection.stopped",
        scope=incidents.scope_of("connection", world.things["connection"].pk),
        cause="190",
        data={"name": world.text("Loja")},
    )
    world.things["incident"] = Incident.objects.get(kind="connection.stopped")
    # The owner's, as pages of notifications show a person their own alone.
    world.things["notification"] = Notification.objects.create(
        member=world.member(Role.OWNER),
        code="member.joined",
        data={"name": world.text("Somebody")},
        url="contacts/",
    )


def _received(world: World) -> None:
    world.things["item"] = Item.objects.create(
        envelope_id=uuid7(),
        position=0,
        connection=world.things["connection"],
        provider=PROVIDER,
        kind="unknown",
        key=world.text("key"),
        data={"topic": "test", "text": world.text("item")},
        state=ItemState.IGNORED,
    )


def _integrations(world: World) -> None:
    system = Integration.objects.create(
        provider=next(iter(registry.slugs())),
        state=IntegrationState.CONNECTED,
        account_name=world.text("account"),
        credentials={"access_token": world.text("token")},
        config={"subdomain": "loja", "fields": [{"id": "1", "label": world.text("field")}]},
    )
    contact = world.things["contact"]
    ExternalId.objects.create(
        integration=system, contact=contact, thing=Thing.CONTACT, external_id=world.text("there")
    )
    world.things["integration"] = system
    world.things["push"] = Push.objects.create(
        integration=system,
        contact=contact,
        kind=PushKind.NOTE,
        data={"text": world.text("note")},
        state=PushState.FAILED,
        error=world.text("refused"),
    )
    SyncRun.objects.create(
        integration=system,
        trigger=SyncTrigger.MANUAL,
        state=SyncState.FAILED,
        error=world.text("failed"),
    )


def _routes(world: World) -> None:
    connection = world.things["connection"]
    for kind, external_id in (
        (RouteKind.NUMBER, connection.external_id),
        (RouteKind.WEBHOOK, connection.webhook_token),
    ):
        route = Route.objects.create(
            kind=kind,
            provider=PROVIDER,
            external_id=external_id,
            company=world.company,
            connection_id=connection.pk,
            secret=APP_SECRET,
            verify_token="verify",
        )
        RouteOwner.objects.create(route=route, company=world.company, state=route.state)
    world.things["route"] = route
    world.things["envelope"] = envelope = Envelope.objects.create(
        provider=PROVIDER,
        route=route,
        sha256=f"{world.number:064}",
        body=b"{}",
        state=EnvelopeState.SPLIT,
    )
    world.things["parked"] = ParkedItem.objects.create(
        envelope=envelope, provider=PROVIDER, reason=ParkedReason.UNKNOWN_NUMBER, item={}
    )
