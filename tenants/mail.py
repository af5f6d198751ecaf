"""Letters of the platform that allauth does not write."""

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from tenants.models import Invitation


def send_invitation(invitation: Invitation, link: str) -> None:
    """Mail the link to the invited address, in the company's language."""
    company = invitation.company
    context = {
        "company": company,
        "inviter": invitation.invited_by,
        "invitation": invitation,
        "link": link,
    }
    with translation.override(company.language):
        letter = EmailMultiAlternatives(
            subject=_("Invitation to %(company)s") % {"company": _one_line(company.name)},
            body=render_to_string("tenants/mail/invitation.txt", context),
            to=[invitation.email],
        )
        html = render_to_string("tenants/mail/invitation.html", context)
        letter.attach_alternative(html, "text/html")
        letter.send()


def _one_line(text: str) -> str:
    """A name may hold anything; a header may not hold a line break."""
    return " ".join(text.split())
