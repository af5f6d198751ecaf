from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from core import scope
from crm.enums import ConsentAction
from crm.models import Suppression, SuppressionKey
from crm.selectors import consent_state, suppressed
from crm.services.consents import apply_preference, opt_in, opt_out, record
from crm.services.contacts import delete_contact
from crm.services.suppressions import lift, suppress
from crm.suppression_key import digest
from tests.crm.factories import a_contact

pytestmark = pytest.mark.usefixtures("company")
WHATSAPP, MARKETING, SERVICE = "whatsapp", "marketing", "service"


def test_the_newest_word_counts_and_silence_is_left_out() -> None:
    ana, bia, caio = a_contact(), a_contact(), a_contact()
    yesterday = timezone.now() - timedelta(days=1)
    opt_in(contact=ana, source="shop")
    opt_out(contact=bia, source="keyword PARAR")
    record(
        contact=bia, channel=WHATSAPP, purpose=MARKETING, action=ConsentAction.OPT_IN,
        source="an older paper", at=yesterday,
    )  # fmt: skip
    state = consent_state([ana.pk, bia.pk, caio.pk], WHATSAPP, MARKETING)
    assert state == {ana.pk: True, bia.pk: False}


def test_a_word_about_one_channel_and_purpose_says_nothing_of_others() -> None:
    ana = a_contact()
    opt_out(contact=ana, source="keyword PARAR")
    assert consent_state([ana.pk], WHATSAPP, SERVICE) == {}
    assert consent_state([ana.pk], "sms", MARKETING) == {}


def test_an_opt_out_blocks_both_spellings_of_the_number() -> None:
    ana = a_contact(phone="11987654321")
    opt_out(contact=ana, source="keyword PARAR")
    spellings = {"+5511987654321", "551187654321", "5511987654321", "+5511911112222"}
    assert suppressed(spellings, WHATSAPP, MARKETING) == spellings - {"+5511911112222"}
    assert suppressed(spellings, WHATSAPP, SERVICE) == set()


def test_a_suppression_outlives_the_contact_and_its_return() -> None:
    ana = a_contact(phone="11987654321")
    opt_out(contact=ana, source="keyword PARAR")
    delete_contact(contact=ana)
    a_contact(phone="11987654321")
    assert suppressed({"+5511987654321"}, WHATSAPP, MARKETING) == {"+5511987654321"}


def test_a_suppression_without_purpose_is_for_every_purpose() -> None:
    suppress(address="+5511987654321", channel=WHATSAPP, reason="provider")
    assert suppressed({"+5511987654321"}, WHATSAPP, SERVICE) == {"+5511987654321"}
    assert suppressed({"+5511987654321"}, "sms", SERVICE) == set()


def test_opting_in_again_lifts_ones_own_opt_out_but_no_block_of_the_provider() -> None:
    ana = a_contact(phone="11987654321")
    opt_out(contact=ana, source="keyword PARAR")
    suppress(address="+5511987654321", channel=WHATSAPP, reason="provider")
    opt_in(contact=ana, source="keyword VOLTAR")
    assert list(Suppression.objects.values_list("reason", flat=True)) == ["provider"]
    assert lift(addresses=["551187654321"], channel=WHATSAPP) == 1


def test_suppressing_twice_is_once() -> None:
    suppress(address="+5511987654321", channel=WHATSAPP)
    suppress(address="551187654321", channel=WHATSAPP)
    assert Suppression.objects.count() == 1


def test_the_last_word_holds_whatever_arrives_last() -> None:
    ana = a_contact(phone="11987654321")
    number, now = {"+5511987654321"}, timezone.now()
    apply_preference(contact=ana, channel=WHATSAPP, wants=False, source="keyword PARAR", at=now)
    hour_ago = now - timedelta(hours=1)
    apply_preference(contact=ana, channel=WHATSAPP, wants=True, source="late", at=hour_ago)
    assert suppressed(number, WHATSAPP, MARKETING) == number
    apply_preference(contact=ana, channel=WHATSAPP, wants=True, source="keyword VOLTAR")
    apply_preference(contact=ana, channel=WHATSAPP, wants=False, source="late", at=hour_ago)
    assert suppressed(number, WHATSAPP, MARKETING) == set()
    assert consent_state([ana.pk], WHATSAPP, MARKETING) == {ana.pk: True}


def test_a_providers_block_ends_by_the_providers_word_alone() -> None:
    ana = a_contact(phone="11987654321")
    opt_out(contact=ana, source="keyword PARAR")
    apply_preference(contact=ana, channel=WHATSAPP, wants=False, source="x", by_provider=True)
    apply_preference(contact=ana, channel=WHATSAPP, wants=True, source="keyword VOLTAR")
    assert list(Suppression.objects.values_list("reason", flat=True)) == ["provider"]
    apply_preference(contact=ana, channel=WHATSAPP, wants=True, source="x", by_provider=True)
    assert not Suppression.objects.exists()


def test_a_line_keeps_what_was_said_and_in_which_edition() -> None:
    line = opt_in(
        contact=a_contact(), source="site form", text="I agree to …", text_version="2026-03"
    )
    line.refresh_from_db()
    assert (line.text, line.text_version) == ("I agree to …", "2026-03")


def test_no_address_rests_in_a_suppression_and_companies_cannot_be_compared(other_company) -> None:
    here = digest("+5511987654321")
    with scope.opened(other_company):
        there = digest("+5511987654321")
    assert here != there
    assert "987654321" not in here


def test_the_key_rests_encrypted() -> None:
    digest("+5511987654321")
    row = SuppressionKey.objects.get()
    assert row.secret_sealed.startswith("v1.")
    assert row.secret not in row.secret_sealed
    assert settings.SECRET_KEY not in row.secret
