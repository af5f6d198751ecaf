"""What a code on a message means, in a sentence, and what to do about it.

Codes of ours (the gate's, the sender's) stand here; the codes of a provider are explained by the
provider itself.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from connections import registry
from connections.providers.base import FailureClass

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a message was skipped, waits, failed or is unclear; `klass` where a provider said so."""

    code: str
    sentence: Text
    advice: Text = ""
    klass: FailureClass | None = None


_TABLE: dict[str, tuple[Text, Text]] = {
    # --- the gate
    "no_consent": (
        _("There is no recorded permission to send marketing to this contact."),
        _("Record the opt-in on the contact, or import it with its source."),
    ),
    "contact_erased": (
        _("The contact was erased before this message could leave."),
        _("Nothing to do: they may write to you themselves."),
    ),
    "opted_out": (
        _("The contact asked not to receive these messages."),
        _("Respect it. They can opt in again by themselves."),
    ),
    "suppressed": (
        _("The number is on your suppression list: your team or an imported list put it there."),
        _("Respect it, or take the number off the list and say why."),
    ),
    "address_missing": (
        _("The contact has no number that can be written to."),
        _("Add a phone number with country and area code to the contact."),
    ),
    "address_invalid": (
        _("The contact's number cannot exist."),
        _("Correct the phone number of the contact."),
    ),
    "contact_deleted": (_("The contact was deleted."), _("Restore the contact to write to it.")),
    "window_closed": (
        _("The contact has not written to you in the last 24 hours."),
        _("Send an approved template; when they answer, you can write freely again."),
    ),
    "template_missing": (
        _("The template is gone."),
        _("Choose another template."),
    ),
    "template_not_approved": (
        _("The template is not approved."),
        _("Wait for the approval, or choose an approved template."),
    ),
    "template_paused": (
        _("The template is paused by the provider because of its quality."),
        _("Wait until it is released, or choose another template."),
    ),
    "template_other_account": (
        _("The template belongs to another account than the number."),
        _("Choose a template of the number's own account."),
    ),
    "variable_missing": (
        _("A value of the template is empty for this contact."),
        _("Fill the field on the contact, or set a fallback."),
    ),
    "kind_unsupported": (
        _("This number cannot send this kind of message."),
        _("Send it as another kind, or through another number."),
    ),
    "quiet_hours": (
        _("It is outside the hours at which these messages go out."),
        _("It leaves by itself when the hours begin. The hours stand under Sending rules."),
    ),
    "window_never": (
        _("Its time would end before the hours at which it may go out."),
        _("Give it more time, or allow more hours."),
    ),
    "frequency_cap": (
        _("The contact already got as many marketing messages as you allow."),
        _("Write to them again in some days, or change the limit under Sending rules."),
    ),
    "sms_cap": (
        _("The contact already got as many SMS today as you allow."),
        _("Write to them again tomorrow, or change the limit under Sending rules."),
    ),
    "not_a_mobile": (
        _("The number is a landline, which receives no SMS."),
        _("Add a mobile number to the contact, or write on another channel."),
    ),
    "sms_duplicate": (
        _("The same SMS went to this number a short time ago."),
        _("Wait, change the text, or change the hours under Sending rules."),
    ),
    "text_too_long": (
        _("The text is too long for this number."),
        _("Shorten it, or send it as two messages."),
    ),
    "budget_reached": (
        _("The budget is used up."),
        _("Raise the budget and let the campaign go on."),
    ),
    "tier_limit": (
        _("The number may write to no more new people within 24 hours."),
        _("It leaves by itself when there is room again. WhatsApp raises the limit with good use."),
    ),
    "media_not_ready": (_("The file is not ready."), _("Attach it again.")),
    "connection_paused": (_("The number is paused."), _("It goes on when the pause ends.")),
    "connection_stopped": (
        _("The number needs attention: the provider refuses it."),
        _("Open the number under Connections; it says what to do."),
    ),
    "connection_released": (
        _("The number no longer belongs to this company."),
        _("Choose another number."),
    ),
    "company_suspended": (
        _("The company is suspended, so nothing is sent."),
        _("Contact support."),
    ),
    "stream_closed": (_("The run has ended."), ""),
    "cancelled": (_("Cancelled before it was sent."), ""),
    "duplicate": (_("The same person is already in this run."), ""),
    "holdout": (
        _("Kept back by chance, to see what the campaign changes."),
        _("Nothing to do: the report compares these people with the others."),
    ),
    "template_refused": (
        _("The provider refused the template."),
        _("Open the template, see what the provider says, then resume."),
    ),
    "too_many_failures": (
        _("More than one in five of the last messages failed."),
        _("Look at the causes below before you resume; one message goes first then."),
    ),
    "expired": (
        _("Its time was over before it could leave."),
        _("Send it again if it still matters."),
    ),
    "pair_rate": (
        _("This person was written to many times in a short while."),
        _("It leaves by itself in a few seconds."),
    ),
    # --- the sender
    "throttled": (_("The provider asked us to slow down."), _("We go on by ourselves.")),
    "not_connected": (_("The provider could not be reached."), _("We try again by ourselves.")),
    "attempts_exhausted": (
        _("It could not be sent after several tries."),
        _("Check the number's connection and send it again."),
    ),
    "auth": (
        _("The provider refused the number's credentials."),
        _("Open the number under Connections and renew them."),
    ),
    "no_answer": (
        _("The request left, but the answer was lost. It may have been sent."),
        _("We do not send twice; a receipt from the provider settles it."),
    ),
    "bad_answer": (
        _("The provider's answer could not be read. It may have been sent."),
        _("We do not send twice; a receipt from the provider settles it."),
    ),
    "server_error": (
        _("The provider failed while answering. It may have been sent."),
        _("We do not send twice; a receipt from the provider settles it."),
    ),
    "interrupted": (
        _("The sending was interrupted. It may have been sent."),
        _("We do not send twice; a receipt from the provider settles it."),
    ),
    "quarantined": (
        _("Sending it failed again and again before it left, so it was taken out of the queue."),
        _("Send it again; if it fails again, contact support with this message."),
    ),
    "unconfirmed": (
        _("Nobody confirmed that it was sent."),
        _("Ask the contact, or send it again yourself."),
    ),
    "unsupported": (
        _("The number cannot send this kind of message."),
        _("Send it as another kind."),
    ),
    "media_gone": (_("The file is no longer there."), _("Attach it again.")),
    "media_too_large": (_("The file is too large."), _("Send a smaller file or a link.")),
    "build_failed": (
        _("The message could not be put together."),
        _("Check the template's variables."),
    ),
}


def explain(code: str, *, provider: str = "") -> Reason:
    """The sentence and advice for a code of ours or of that provider.

    An unknown code is shown as it is, with a sentence that says where it comes from.
    """
    if code in _TABLE:
        return Reason(code, *_TABLE[code])
    if provider:
        explanation = registry.provider(provider).explain(code)
        if explanation is not None:
            return Reason(code, explanation.sentence, explanation.advice, explanation.klass)
    return Reason(
        code,
        _("The provider refused it (code %(code)s).") % {"code": code},
        _("Try again later; if it stays, contact support with this code."),
    )
