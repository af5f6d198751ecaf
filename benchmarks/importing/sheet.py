"""A spreadsheet as it really comes: accents, ragged rows, and one bad row in a hundred."""

from collections.abc import Iterator

BAD_EVERY = 100
FIRST = 10_000_000  # of the eight digits behind the nine
HEADER = "Nome;Telefone;E-mail;Etiquetas;Cidade"
NAMES = ("João", "Ângela", "Conceição", "Érico", "Íris", "Antônio")
CITIES = ("São Paulo", "Brasília", "Maceió", "Goiânia")
# Each kind of bad row by its reason, as crm.imports names it.
BAD = {
    "phone_too_short": "{name};119;;;{city}",
    "phone_missing": "{name};;;;{city}",
    "email_invalid": "{name};{phone};{name}@;;{city}",
    "duplicate_in_file": "{name};{first};;;{city}",
}


def lines(rows: int) -> Iterator[str]:
    """The header, then so many rows; every hundredth is bad, each tenth lacks cells or has more."""
    yield HEADER
    for at in range(rows):
        name, city = NAMES[at % len(NAMES)], CITIES[at % len(CITIES)]
        phone = f"(11) 9{FIRST + at}"
        if at % BAD_EVERY == BAD_EVERY - 1:
            shape = list(BAD.values())[at // BAD_EVERY % len(BAD)]
            yield shape.format(name=name, phone=phone, first=f"119{FIRST}", city=city)
        elif at % 10 == 3:
            yield f"{name};{phone}"
        elif at % 10 == 7:
            yield f"{name};{phone};;;{city};;;sobra"
        else:
            yield f"{name} {at};{phone};p{at}@exemplo.com.br;VIP, {city};{city}"


def content(rows: int, encoding: str) -> bytes:
    """The file as Windows writes it, in this encoding."""
    return "\r\n".join([*lines(rows), ""]).encode(encoding)


def bad_rows(rows: int) -> dict[str, int]:
    """How many rows of each reason it has."""
    codes = [list(BAD)[at % len(BAD)] for at in range(rows // BAD_EVERY)]
    return {code: codes.count(code) for code in BAD if code in codes}
