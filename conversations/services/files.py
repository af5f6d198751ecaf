"""Which message has which file: written with it, for whoever asks who may open the file."""

from conversations.models import MessageFile
from messaging.models import Message


def note(*, message: Message) -> None:
    """Remember the file of a message, if it has one."""
    if message.media_id is not None:
        MessageFile.objects.get_or_create(message=message, defaults={"media_id": message.media_id})
