"""Messages as a phone shows them: one flat view per bubble."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

from sandbox.accounts import Account, Template
from sandbox.chats import IN, Bubble, Chat
from sandbox.meta import template_text
from sandbox.phones import digits, pretty

View = dict[str, Any]
_MEDIA = ("image", "video", "audio", "document", "sticker")
_MOST = 300  # bubbles of one chat that a page shows


def chat_view(chat: Chat, account: Account | None) -> list[View]:
    """The latest bubbles, oldest first, with reactions and quotes put where they belong."""
    views: dict[str, View] = {}
    for bubble in chat.bubbles[-_MOST:]:
        content = orjson.loads(bubble.content)
        if content.get("type") == "reaction":
            _react(views, content["reaction"])
            continue
        view = bubble_view(bubble, content, account)
        quoted = views.get((content.get("context") or {}).get(_context_key(bubble)) or "")
        if quoted:
            view["quoted"] = {
                "text": preview(quoted),
                "kind": quoted["kind"],
                "direction": quoted["direction"],
            }
        views[bubble.wamid] = view
    return list(views.values())


def bubble_view(bubble: Bubble, content: dict[str, Any], account: Account | None) -> View:
    """One message; ``content`` is its Graph body or webhook item."""
    kind = str(content.get("type", "text"))
    view: View = {
        "id": bubble.wamid,
        "direction": bubble.direction,
        "at": bubble.at,
        "status": bubble.status,
        "kind": kind,
        "text": "",
        "buttons": [],
    }
    part = content.get(kind)
    if kind == "template" and isinstance(part, dict):
        view |= _template(part, account)
    elif kind == "interactive" and isinstance(part, dict):
        view |= _interactive(part)
    elif kind in _MEDIA and isinstance(part, dict):
        view |= {"text": part.get("caption", ""), "media": _media(kind, part)}
    else:
        view |= _plain(kind, part)
    return view


def preview(view: View) -> str:
    """One line that stands for a message; empty when only its kind says what it is."""
    text = view["text"] or (view.get("media") or {}).get("filename") or ""
    return str(text).partition("\n")[0][:120]


def _context_key(bubble: Bubble) -> str:
    """Graph calls the quoted message ``message_id`` on the way out and ``id`` on the way in."""
    return "message_id" if bubble.direction == IN else "id"


def _react(views: dict[str, View], reaction: dict[str, Any]) -> None:
    view = views.get(str(reaction.get("message_id")))
    if view is not None:
        view["reaction"] = reaction.get("emoji") or ""


def _plain(kind: str, part: Any) -> View:
    if kind == "text":
        return {"text": part["body"]}
    if kind == "button":
        return {"text": part.get("text", "")}
    if kind == "location":
        return {"location": part}
    if kind == "contacts":
        return {"contacts": [_card(one) for one in part]}
    return {"text": f"[{kind}]"}


def _card(one: dict[str, Any]) -> View:
    phones = one.get("phones") or [{}]
    number = str(phones[0].get("wa_id") or phones[0].get("phone") or "")
    name = (one.get("name") or {}).get("formatted_name", "")
    return {"name": name, "number": pretty(number) if digits(number) else ""}


def _media(kind: str, part: dict[str, Any]) -> View:
    url = f"/_sandbox/phone/media/{part['id']}" if part.get("id") else part.get("link", "")
    view = {"kind": kind, "url": url, "filename": part.get("filename", "")}
    return {**view, "voice": part.get("voice") is True} if kind == "audio" else view


def _interactive(part: dict[str, Any]) -> View:
    kind = part.get("type")
    if kind in ("button_reply", "list_reply"):
        return {"text": part[kind].get("title", "")}
    header, action = part.get("header") or {}, part.get("action") or {}
    view: View = {
        "text": (part.get("body") or {}).get("text", ""),
        "footer": (part.get("footer") or {}).get("text", ""),
        "buttons": list(_action_buttons(str(kind), action)),
    }
    return view | _header(str(header.get("type", "")).upper(), header, header.get("text", ""))


def _action_buttons(kind: str, action: dict[str, Any]) -> Iterable[View]:
    for button in action.get("buttons") or ():
        reply = button.get("reply") or {}
        yield _button("button_reply", reply.get("title", ""), reply.get("id", ""))
    for section in action.get("sections") or ():
        for row in section.get("rows") or ():
            yield _button("list_reply", row.get("title", ""), row.get("id", ""))
    parameters = action.get("parameters") or {}
    if kind == "cta_url":
        yield _button("url", parameters.get("display_text", ""), parameters.get("url", ""))


def _template(part: dict[str, Any], account: Account | None) -> View:
    """The template filled in; its name alone when it has been deleted since."""
    template = _find(account, part) if account else None
    if template is None:
        return {"text": f"[{part.get('name')}]"}
    components = part.get("components") or []
    texts = {
        kind: template_text.fill(
            (template_text.component(template, kind) or {}).get("text", ""),
            template_text.given(components, kind),
        )
        for kind in ("HEADER", "BODY", "FOOTER")
    }
    given = template_text.given(components, "HEADER")
    style = (template_text.component(template, "HEADER") or {}).get("format", "TEXT")
    return {
        "text": texts["BODY"],
        "footer": texts["FOOTER"],
        "buttons": [
            _template_button(button, template_text.given_to_button(components, index))
            for index, button in enumerate(template_text.buttons(template))
        ],
        **_header(style, given[0] if given else {}, texts["HEADER"]),
    }


def _find(account: Account, part: dict[str, Any]) -> Template | None:
    language = (part.get("language") or {}).get("code")
    for template in account.templates.values():
        if template["name"] == part.get("name") and template["language"] == language:
            return template
    return None


def _header(style: str, source: dict[str, Any], text: str) -> View:
    kind = style.lower()
    if kind in _MEDIA and isinstance(source.get(kind), dict):
        return {"media": _media(kind, source[kind])}
    if kind == "location" and isinstance(source.get(kind), dict):
        return {"location": source[kind]}
    return {"header": text} if text else {}


def _template_button(button: dict[str, Any], parameters: list[dict[str, Any]] | None) -> View:
    first = parameters[0] if parameters else {}
    kind, label = button["type"], button.get("text", "")
    if kind == "QUICK_REPLY":
        return _button("quick_reply", label, first.get("payload") or label)
    if kind == "URL":
        filled = template_text.fill(button.get("url", ""), [{"text": first.get("text", "")}])
        return _button("url", label, filled)
    if kind == "PHONE_NUMBER":
        return _button("phone", label, button.get("phone_number", ""))
    return _button("copy", label, first.get("coupon_code") or first.get("text") or "")


def _button(kind: str, label: str, value: str) -> View:
    return {"kind": kind, "label": label, "value": value}
