import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.phones import AREA_CODES, REASONS, BadPhone, Phone, canonical, parse, parse_wa_id

MOBILE = Phone(number="+5511987654321", alias="+551187654321", kind="mobile")


@pytest.mark.parametrize(
    "text",
    [
        "(11) 98765-4321",
        "11987654321",
        "11 98765 4321",
        "011987654321",
        "0 15 11 98765-4321",
        "0xx11 98765-4321",
        "+55 11 98765-4321",
        "+55 (011) 98765-4321",
        "5511987654321",
        "55 11 98765.4321",
        "0055 11 98765-4321",
        "+0055 11 98765-4321",
        "1187654321",
        "(11) 8765-4321",
        "551187654321",
        "+551187654321",
        "'+5511987654321",
        '="5511987654321"',
        "tel:+5511987654321",
        "whatsapp:+5511987654321",
        "+55 11 98765\u20114321",
        "\u202a+55 11 98765-4321\u202c",
        "\uff11\uff1198765\uff14321",
        "5.511987654321E+12",
        "5511987654321.0",
    ],
)
def test_every_spelling_of_a_mobile_is_the_same_number(text: str) -> None:
    assert parse(text) == MOBILE


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(11) 3265-4321", Phone("+551132654321", "", "landline")),
        ("5132221111", Phone("+555132221111", "", "landline")),
        ("55 98765-4321", Phone("+5555987654321", "+555587654321", "mobile")),
        ("55 3221-1111", Phone("+555532211111", "", "landline")),
        ("11 93265-4321", Phone("+5511932654321", "", "mobile")),
        ("+1 415 555 2671", Phone("+14155552671", "", "unknown")),
        ("+351 912 345 678", Phone("+351912345678", "", "mobile")),
        ("00351 912 345 678", Phone("+351912345678", "", "mobile")),
        ("+52 1 55 1234 5678", Phone("+525512345678", "+5215512345678", "unknown")),
        ("+54 9 11 2345-6789", Phone("+5491123456789", "", "mobile")),
    ],
)
def test_landlines_and_foreign_numbers_keep_their_digits(text: str, expected: Phone) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "phone_missing"),
        ("   ", "phone_missing"),
        ("none", "phone_not_a_number"),
        ("-", "phone_not_a_number"),
        ("ana@example.com", "phone_not_a_number"),
        ("11 98765-4321 ramal 3", "phone_not_a_number"),
        ("11 98765-4321 / 11 3333-4444", "phone_several"),
        ("11987654321;11333334444", "phone_several"),
        ("5.51199E+12", "phone_shortened"),
        ("98765-4321", "phone_no_area_code"),
        ("3265-4321", "phone_no_area_code"),
        ("20 98765-4321", "phone_bad_area_code"),
        ("12345", "phone_too_short"),
        ("11 98765-43", "phone_too_short"),
        ("119876543210", "phone_too_long"),
        ("11 78765-4321", "phone_bad_number"),
        ("11 1265-4321", "phone_bad_number"),
        ("0800 123 4567", "phone_service_number"),
        ("+999 123456", "phone_bad_country"),
        ("+1 415", "phone_too_short"),
        ("=cmd|' /C calc'!A0", "phone_not_a_number"),
    ],
)
def test_what_is_no_number_is_refused_with_its_reason(text: str, code: str) -> None:
    with pytest.raises(BadPhone) as caught:
        parse(text)
    assert caught.value.code == code
    assert caught.value.error.code == code


def test_brazil_has_67_area_codes() -> None:
    assert len(AREA_CODES) == 67


@given(
    area=st.sampled_from(sorted(AREA_CODES)),
    local=st.from_regex(r"[6-9][0-9]{7}", fullmatch=True),
)
def test_with_and_without_the_ninth_digit_is_one_number(area: str, local: str) -> None:
    short, long = parse(f"55{area}{local}"), parse(f"+55{area}9{local}")
    assert short == long == parse_wa_id(f"55{area}{local}")
    assert parse(long.number) == long
    assert parse(long.alias) == long


@given(st.text(max_size=40))
def test_any_text_is_either_a_number_or_refused_with_a_known_reason(text: str) -> None:
    try:
        phone = parse(text)
    except BadPhone as error:
        code, phone = error.code, None
    else:
        code = ""
    assert (code in REASONS) if phone is None else (parse(phone.number) == phone)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("551187654321", "+5511987654321"),
        ("+5511987654321", "+5511987654321"),
        ("14155552671", "+14155552671"),
        ("BR.1502576394655843", "BR.1502576394655843"),
    ],
)
def test_addresses_compare_by_their_canonical_spelling(text: str, expected: str) -> None:
    assert canonical(text) == expected
