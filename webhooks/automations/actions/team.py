"""Steps that bring in the team: assign, note, tell, resolve, reopen; and the end of a run."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from conversations.enums import ConversationStatus
from conversations.services import assignment, notes, status
from core.ids import PublicId, uuid_of, uuids_of
from crm.audiences.values import Rows, Text
from team.models import Member, Team
from team.selectors import active_members
from team.services.notifications import notify
from tenants.links import company_path
from webhooks.automations import placeholders
from webhooks.automations.enums import Outcome
from webhooks.automations.notices import TOLD
from webhooks.automations.registry import Action, Doing, Done, Params, add_action, refused
from webhooks.automations.scene import Scene
from webhooks.automations.values import Field, Line, Row, Saying

MEMBER, TEAM = PublicId("mem"), PublicId("tea")
NOTE_LIMIT, TOLD_LIMIT = 4096, 300


def _members() -> QuerySet[Member]:
    return active_members()


_MEMBER = Row(_members, MEMBER)
_TEAM = Row(Team.objects.all, TEAM)
_MEMBERS = Rows(_members, MEMBER)


def register_all() -> None:
    """Announce these actions."""
    _register_work()
    _register_words()
    _register_ends()


def _register_work() -> None:
    add_action(
        Action(
            "assign",
            _("Assign the conversation"),
            "user-check",
            "team",
            _assign_sentence,
            _assign,
            _foresee_assign,
            (
                Field("member", _("Member"), _MEMBER, is_required=False),
                Field("team", _("Team"), _TEAM, is_required=False),
            ),
            check=lambda params: (
                {} if params.get("member") or params.get("team") else {"member": _NOBODY}
            ),
            order=30,
        )
    )
    add_action(
        Action(
            "add_note",
            _("Add a note"),
            "sticky-note",
            "team",
            lambda params: gettext("Note: “%(text)s”") % {"text": params.get("text", "…")},
            _note,
            lambda scene, params: _written(scene, params, needs_conversation=True),
            (Field("text", _("Note"), Saying(NOTE_LIMIT)),),
            help=_("Only the team sees it."),
            order=31,
        )
    )


def _register_words() -> None:
    add_action(
        Action(
            "notify",
            _("Notify people"),
            "bell",
            "team",
            lambda params: (
                gettext("Notify %(who)s: “%(text)s”")
                % {
                    "who": _MEMBERS.words(params["members"]) if params.get("members") else "…",
                    "text": params.get("text", "…"),
                }
            ),
            _notify,
            lambda scene, params: _written(scene, params, needs_conversation=False),
            (
                Field("members", _("Who"), _MEMBERS),
                Field("text", _("Text"), Line(TOLD_LIMIT)),
            ),
            needs_contact=False,
            order=32,
        )
    )


def _moving(kind: str, label: Text, icon: str, status: ConversationStatus, order: int) -> Action:
    """An action that gives the conversation a state."""
    return Action(
        kind,
        label,
        icon,
        "team",
        lambda params: str(label),
        lambda scene, params, doing: _move(scene, doing, status),
        lambda scene, params: _moved(scene, status),
        order=order,
    )


def _register_ends() -> None:
    add_action(
        _moving(
            "resolve", _("Resolve the conversation"), "check-check", ConversationStatus.RESOLVED, 33
        )
    )
    add_action(
        _moving("reopen", _("Reopen the conversation"), "inbox", ConversationStatus.OPEN, 34)
    )
    add_action(
        Action(
            "stop",
            _("Stop here"),
            "octagon-x",
            "flow",
            lambda params: gettext("Stop here"),
            lambda scene, params, doing: Done(Outcome.STOPPED),
            lambda scene, params: Done(Outcome.STOPPED),
            ends=True,
            needs_contact=False,
            order=90,
        )
    )


_NOBODY = _("Choose a member or a team.")


def _assign_sentence(params: Params) -> str:
    names = [
        _MEMBER.words(params["member"]) if params.get("member") else "",
        _TEAM.words(params["team"]) if params.get("team") else "",
    ]
    return gettext("Assign to %(who)s") % {"who": ", ".join(filter(None, names)) or "…"}


def _whom(params: Params) -> tuple[Member | None, Team | None] | Done:
    member = _found(_members(), params.get("member"))
    team = _found(Team.objects.all(), params.get("team"))
    if (params.get("member") and member is None) or (params.get("team") and team is None):
        return refused("member_gone")
    return member, team


def _found(rows: QuerySet[Any], text: Any) -> Any:
    pk = uuid_of(text)
    return rows.filter(pk=pk).first() if pk else None


def _assign(scene: Scene, params: Params, doing: Doing) -> Done:
    whom = _whom(params)
    if isinstance(whom, Done):
        return whom
    if scene.conversation is None:
        return refused("no_conversation")
    member, team = whom
    changed = (
        assignment.transfer(
            conversation_id=scene.conversation.pk, member=member, team=team, actor=doing.actor
        )
        if team is not None
        else assignment.assign(
            conversation_id=scene.conversation.pk, member=member, actor=doing.actor
        )
    )
    return Done(Outcome.DONE if changed else Outcome.NOTHING, "", _who(member, team))


def _foresee_assign(scene: Scene, params: Params) -> Done:
    whom = _whom(params)
    if isinstance(whom, Done):
        return whom
    if scene.conversation is None:
        return refused("no_conversation")
    return Done(Outcome.DONE, "", _who(*whom))


def _who(member: Member | None, team: Team | None) -> dict[str, str]:
    return {"who": ", ".join(str(one) for one in (member, team) if one is not None)}


def _written(scene: Scene, params: Params, *, needs_conversation: bool) -> Done:
    """The text with its values, or why it cannot be written."""
    text, missing = placeholders.fill(str(params["text"]), scene.value_of)
    if missing:
        return refused("value_missing", names=missing)
    if needs_conversation and scene.conversation is None:
        return refused("no_conversation")
    return Done(Outcome.DONE, "", {"text": text})


def _note(scene: Scene, params: Params, doing: Doing) -> Done:
    done = _written(scene, params, needs_conversation=True)
    if done.outcome == Outcome.DONE and scene.conversation is not None:
        message = notes.write(
            conversation=scene.conversation, text=str(done.said["text"]), author=None
        )
        return Done(Outcome.DONE, "", {"note": str(message.pk), **done.said})
    return done


def _notify(scene: Scene, params: Params, doing: Doing) -> Done:
    done = _written(scene, params, needs_conversation=False)
    if done.outcome != Outcome.DONE:
        return done
    members = list(_members().filter(pk__in=uuids_of(params["members"])))
    if not members:
        return refused("member_gone")
    url = _place(scene)
    notify(code=TOLD, members=members, data={"text": str(done.said["text"])[:TOLD_LIMIT]}, url=url)
    return Done(Outcome.DONE, "", {**done.said, "who": ", ".join(map(str, members))})


def _place(scene: Scene) -> str:
    """Where whoever is told looks next."""
    if scene.conversation is not None:
        return company_path(scene.company, "conversation", scene.conversation.pk)
    if scene.contact_id is not None:
        return company_path(scene.company, "contact", scene.contact_id)
    return ""


def _move(scene: Scene, doing: Doing, to: ConversationStatus) -> Done:
    done = _moved(scene, to)
    if done.outcome != Outcome.DONE or scene.conversation is None:
        return done
    verb = status.resolve if to == ConversationStatus.RESOLVED else status.reopen
    verb(conversation_id=scene.conversation.pk, actor=doing.actor)
    scene.__dict__.pop("conversation", None)
    return done


def _moved(scene: Scene, to: ConversationStatus) -> Done:
    if scene.conversation is None:
        return refused("no_conversation")
    is_there = scene.conversation.status == to
    return Done(Outcome.NOTHING if is_there else Outcome.DONE)
