"""Plausible values for every field that the fictional companies have no rule for."""

from __future__ import annotations

import uuid
from calendar import monthrange
from datetime import datetime, timedelta
from decimal import Context, Decimal
from functools import cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from simulator.shapes import CHOICES, SHAPES

if TYPE_CHECKING:
    from random import Random

Row = dict[str, Any]

#: Enough digits for every product and sum of amounts.
EXACT: Final = Context(prec=60)

_START: Final = datetime.fromisoformat("2022-01-01")
_DAYS: Final = 4 * 365
# How often a nullable field is absent, and how often a row was never changed.
_ABSENT: Final = 0.5
_UNCHANGED: Final = 0.4

_WORDS: Final = (
    "Fjäll & Strand",
    "Łódź Logistics",
    "日本データ",
    'Brew "Golden" House',
    "Café Øresund",
    "Smörgås 🥪 Studio",
    "O'Hara and Sons",
    "Zażółć Systems",
    "Plain Harbour",
    "Ünal Textiles",
    "Northwind",
    "Kvarnby Mekaniska",
)
_SUFFIXES: Final = ("AB", "Sp. z o.o.", "株式会社", "GmbH", "Ltd", "Inc.", "Oy", "A/S")
_SENTENCES: Final = (
    "As agreed by phone",
    "Line one\nline two",
    'Called "the big one" by sales',
    "Köp å la carte, övrigt enligt avtal",
    "配送先は別紙参照",
    "Renewal 🎉 signed",
    "Back\\slash and\ttab",
    "",
)
_TEXTS: Final[dict[str, tuple[str, ...]]] = {
    "accountsReceivable": ("1510", "1511"),
    "accountsReceivableAccount": ("1510", "1511"),
    "attachmentDetail": ("Invoice", "CreditInvoice"),
    "category": ("Core service", "Add-on", "Tjänst"),
    "chartColor": ("#81c784", "#e57373"),
    "city": ("Malmö", "Łódź", "東京", "Århus", "New York"),
    "contentType": ("application/pdf",),
    "country": ("Sweden", "Poland", "Japan", "United States of America"),
    "county": ("Skåne", "Łódzkie"),
    "culture": ("sv-SE", "en-GB", "pl-PL"),
    "deferredRevenueAccount": ("2970",),
    "recognizedRevenueAccount": ("3000",),
    "invoiceBatchGroup": ("BG-1", "BG-2"),
    "ourReference": ("Åsa Öberg", "Łukasz Żak", "田中"),
    "paymentMethodName": ("Bankgiro", "Card"),
    "paymentTerm": ("30", "14"),
    "defaultPaymentTerm": ("30", "14"),
    "revenueRecognition": ("Recognized monthly over time",),
    "revenueRecognitionRule": ("Recognized monthly over time",),
    "sendMethod": ("No send method", "Email"),
    "state": ("Skåne", "NY"),
    "street": ("Östra Förstadsgatan 1", "Piotrkowska 12", "1-2-3 Ginza"),
    "taxCategoryName": ("Standard", "Export"),
    "taxTemplate": ("Standard", "Export"),
    "unit": ("pcs", "h", "GB"),
    "unitCode": ("pcs", "h", "GB"),
    "yourReference": ("Zoë", "Bjørn", "鈴木"),
    "zip": ("211 31", "90-001", "104-0061"),
}
_SENTENCE_FIELDS: Final = frozenset(
    {"description", "notes", "remarks", "settledNotes", "paymentDescription", "postingText"}
)


class _Field(NamedTuple):
    name: str
    kind: str
    many: bool
    nullable: bool


@cache
def _fields(shape: str) -> tuple[_Field, ...]:
    fields = []
    for name, declared in SHAPES[shape].items():
        kind = declared.removesuffix("?")
        many = kind.startswith("[")
        fields.append(_Field(name, kind.strip("[]"), many, declared.endswith("?")))
    return tuple(fields)


def thin(row: Row, shape: str, draw: Random, share: float) -> None:
    """Removes a share of the nullable fields and of the lists from a row, at any depth."""
    for field in _fields(shape):
        value = row.get(field.name)
        if (field.nullable or field.many) and draw.random() < share:
            row.pop(field.name, None)
        elif field.kind in SHAPES:
            for inner in value if isinstance(value, list) else [value] if value else []:
                thin(inner, field.kind, draw, share)


def identifier(*parts: object) -> str:
    """A UUID that depends only on `parts`, so that any row can refer to any other."""
    digest = blake2b("/".join(map(str, parts)).encode(), digest_size=16).digest()
    return str(uuid.UUID(bytes=digest))


def picked(row: Row, names: str) -> Row:
    """The fields of a row listed in `names`, separated by spaces; absent ones stay absent."""
    return {name: row[name] for name in names.split() if row.get(name) is not None}


def company_name(draw: Random, number: int) -> str:
    """A company's name in one of many scripts; `number` keeps it distinct."""
    return f"{draw.choice(_WORDS)} {draw.choice(_SUFFIXES)} {number}"


def date(draw: Random, later_than: str | None = None) -> str:
    """A business date: midnight, no zone."""
    start = datetime.fromisoformat(later_than[:10]) if later_than else _START
    return (start + timedelta(days=draw.randrange(1, _DAYS))).isoformat()


def after(day: str, months: int = 0, days: int = 0) -> str:
    """A business date some months and then days later; the 31st becomes a month's last day."""
    start = datetime.fromisoformat(day)
    years, month = divmod(start.month - 1 + months, 12)
    year, month = start.year + years, month + 1
    moved = start.replace(year=year, month=month, day=min(start.day, monthrange(year, month)[1]))
    return (moved + timedelta(days=days)).isoformat()


def moment(draw: Random, later_than: str | None = None) -> str:
    """A time of Younium's clock: no zone, and 7, 6 or no digits of a second."""
    start = datetime.fromisoformat(later_than[:19]) if later_than else _START
    seconds = draw.randrange(1, (60 if later_than else _DAYS) * 86400)
    text = (start + timedelta(seconds=seconds)).isoformat()
    digits = draw.choice((7, 7, 7, 6, 0))
    return f"{text}.{draw.randrange(10**digits):0{digits}d}" if digits else text


def stamps(draw: Random) -> Row:
    """`created` and a `modified` that is never earlier."""
    created = moment(draw)
    return {
        "created": created,
        "modified": moment(draw, created) if draw.random() > _UNCHANGED else created,
    }


class CustomValues(Protocol):
    """Gives the custom fields of an object."""

    def __call__(self, shape: str, draw: Random, *, full: bool) -> Row:
        """Return custom fields for an object of `shape`."""


class Filler:
    """Completes the objects of one row: values from a rule are kept, the others are random.

    Attributes:
        draw: the row's random generator.
        full: whether every field gets a value; else many are absent.
    """

    def __init__(self, custom: CustomValues, draw: Random, *, full: bool) -> None:
        self.draw = draw
        self.full = full
        self._custom = custom

    def __call__(self, shape: str, /, **known: Any) -> Row:
        """One object of `shape`; a field that is None in `known` is absent."""
        row: Row = {}
        if "created" in SHAPES[shape]:
            known = stamps(self.draw) | known
        for field in _fields(shape):
            if field.name in known:
                if known[field.name] is not None:
                    row[field.name] = known[field.name]
            elif self.full or not field.nullable or self.draw.random() > _ABSENT:
                row[field.name] = self._value(shape, field)
        row.update((key, value) for key, value in known.items() if key.startswith("_"))
        return row

    def _value(self, shape: str, field: _Field) -> Any:
        if not field.many:
            return self._one(shape, field)
        count = max(self.draw.randrange(3), self.full)
        return [self._one(shape, field) for _ in range(count)]

    def _one(self, shape: str, field: _Field) -> Any:  # noqa: PLR0911 - one per type
        draw = self.draw
        match field.kind:
            case "text":
                return _text(field.name, draw)
            case "uuid":
                return str(uuid.UUID(int=draw.getrandbits(128)))
            case "time":
                is_date = "Date" in field.name or field.name.endswith(("From", "To"))
                return date(draw) if is_date else moment(draw)
            case "int":
                return draw.randrange(30)
            case "bool":
                return draw.choice((True, False))
            case "number":
                return Decimal(draw.randrange(1_000_000)) / 100
            case "custom":
                return self._custom(shape, draw, full=self.full)
            case kind if kind in CHOICES:
                return draw.choice(CHOICES[kind])
            case kind:
                return self(kind)


def _text(name: str, draw: Random) -> str:  # noqa: PLR0911 - one per kind of name
    if name in _TEXTS:
        return draw.choice(_TEXTS[name])
    if name in _SENTENCE_FIELDS:
        return draw.choice(_SENTENCES)
    lower = name.lower()
    number = draw.randrange(1, 10**6)
    if "currency" in lower:
        return draw.choice(("SEK", "EUR", "USD"))
    if "email" in lower:
        return f"person{number}@example.com"
    if "url" in lower or lower.endswith("link"):
        return f"https://files.example.com/{number}"
    if lower == "name":
        return company_name(draw, number)
    return f"{name[0].upper()}{name[1:]} {number}"
