"""The settings: their schema, and checks that run before any request."""

from __future__ import annotations

import re
from decimal import Decimal
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from singer_sdk import typing as th

from tap_younium.timestamps import parse_timestamp, to_utc

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ENVIRONMENTS = {
    "production": "https://api.younium.com",
    "sandbox": "https://api.sandbox.younium.com",
    "us_production": "https://api.us.younium.com",
    "us_sandbox": "https://api.us.sandbox.younium.com",
}
"""Younium's guides spell the US sandbox in two ways: `api_url` takes the other one."""

PAGE_SIZE = 100
PARALLEL_REQUESTS = 32

SCHEMA: dict[str, Any] = th.PropertiesList(
    th.Property(
        "client_id",
        th.StringType,
        required=True,
        secret=True,
        title="Client ID",
        description="The Client ID of a personal token "
        "(in Younium: user menu, Privacy & Security, Personal Tokens).",
    ),
    th.Property(
        "client_secret",
        th.StringType,
        required=True,
        secret=True,
        title="Client secret",
        description="The Secret Key of that personal token.",
    ),
    th.Property(
        "environment",
        th.StringType,
        allowed_values=list(ENVIRONMENTS),
        default="production",
        title="Environment",
        description="Which of Younium's hosts to ask.",
    ),
    th.Property(
        "api_url",
        th.StringType,
        title="API URL",
        description="Replaces the environment's host. Plain http is for this machine alone.",
    ),
    th.Property(
        "auth_version",
        th.StringType,
        allowed_values=["v1", "v2"],
        default="v1",
        title="Authentication version",
        description="v1 asks /auth/token for the JWT, v2 asks /auth/v2/token.",
    ),
    th.Property(
        "legal_entities",
        th.ArrayType(th.StringType),
        title="Legal entities",
        description="Ids or names of the legal entities to read, all in one run. "
        "Needed where the tenant has several.",
    ),
    th.Property(
        "start_date",
        th.DateTimeType,
        title="Start date",
        description="The earliest change to read. Without it, a first run reads everything.",
    ),
    th.Property(
        "lookback_hours",
        th.NumberType,
        default=24,
        title="Lookback hours",
        description="How far before its bookmark a table is read again: "
        "Younium's times have no zone, and changes can be saved late.",
    ),
    th.Property(
        "page_size",
        th.IntegerType,
        default=PAGE_SIZE,
        title="Page size",
        description=f"Records a page, 1 to {PAGE_SIZE}.",
    ),
    th.Property(
        "max_parallel_requests",
        th.IntegerType,
        default=4,
        title="Parallel requests",
        description="Requests in flight at once, over all tables, "
        f"1 to {PARALLEL_REQUESTS}. 1 asks strictly one after another.",
    ),
    th.Property(
        "request_timeout",
        th.NumberType,
        default=300,
        title="Request timeout",
        description="Seconds to wait for an answer before a request is tried again.",
    ),
    th.Property(
        "retry_timeout",
        th.NumberType,
        default=300,
        title="Retry timeout",
        description="Seconds for which requests are retried while Younium is unavailable: "
        "429, 503 or no answer. The longest Retry-After that is waited for.",
    ),
    th.Property(
        "skip_forbidden_streams",
        th.BooleanType,
        default=False,
        title="Skip forbidden streams",
        description="Whether a table that the user may not read is left out with a warning, "
        "instead of failing the run at its end.",
    ),
    th.Property(
        "superseded_versions",
        th.BooleanType,
        default=True,
        title="Superseded versions",
        description="Whether the older versions of a changed subscription or sales order are read "
        "again, so that its earlier row no longer says isLastVersion: one request for each.",
    ),
    th.Property(
        "reports",
        th.ArrayType(th.StringType),
        title="Reports",
        description="Ids or names of saved reports to read as tables; * for all.",
    ),
    th.Property(
        "data_export",
        th.ArrayType(th.StringType),
        title="Data export",
        description="Entities of the data export API (v3) to read as tables, "
        "such as Subscription-product-charges. Experimental.",
    ),
    th.Property(
        "insights",
        th.ArrayType(th.StringType),
        title="Insights",
        description="Entities of the Insights API to read as tables, such as allmetrics. "
        "Experimental.",
    ),
    th.Property(
        "primary_keys",
        th.ObjectType(additional_properties=th.ArrayType(th.StringType)),
        title="Primary keys",
        description="The primary key of streams made by reports, data_export and insights: "
        "the stream's name and a list of its columns. Without it, such a stream has none.",
    ),
    th.Property(
        "user_agent",
        th.StringType,
        title="User agent",
        description="What the tap calls itself; by default tap-younium/<version>.",
    ),
    th.Property(
        "emit_activate_version_messages",
        th.BooleanType,
        default=False,
        title="Activate versions",
        description="Whether a full table ends with ACTIVATE_VERSION, "
        "so that a target can drop the rows that are gone from Younium.",
    ),
).to_dict()

NAMES = tuple(SCHEMA["properties"])
"""The tap's own settings; the SDK adds its own to the schema."""

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}


def host(config: Mapping[str, Any]) -> str:
    """Return the API's address, without a slash at its end."""
    return (config.get("api_url") or ENVIRONMENTS[config["environment"]]).rstrip("/")


def legal_entities(config: Mapping[str, Any]) -> list[str]:
    """Return the legal entities to read, each once."""
    return list(dict.fromkeys(config.get("legal_entities") or []))


def normalize(config: dict[str, Any]) -> None:
    """Bring values into the form that the SDK expects; `problems` reports those it leaves alone.

    Numbers come as text from the environment, and as decimals from a file. The SDK reads some times
    as `start_date` on the first run that it cannot compare with a bookmark on the next.
    """
    if isinstance(start := config.get("start_date"), str):
        config["start_date"] = to_utc(start) or start
    for name in ("lookback_hours", "request_timeout", "retry_timeout"):
        if isinstance(config.get(name), (str, Decimal)):
            try:
                config[name] = float(config[name])
            except ValueError:
                continue


def problems_of_environment(environment: Mapping[str, str]) -> Iterator[str]:
    """Yield which integers in the environment are not: the SDK's error names no setting."""
    for name in NAMES:
        value = environment.get(f"TAP_YOUNIUM_{name.upper()}")
        if value is not None and "integer" in SCHEMA["properties"][name]["type"]:
            try:
                int(value)
            except ValueError:
                yield f"{name} must be an integer, but TAP_YOUNIUM_{name.upper()} is {value!r}."


def has_credentials(config: Mapping[str, Any]) -> bool:
    """Return whether any of the credentials is set; a variable without a value sets none."""
    return any(config.get(name) for name in SCHEMA["required"])


def problems(config: Mapping[str, Any], *, offline: bool = False) -> Iterator[str]:
    """Yield what is wrong with the settings: each in one line, with its name, and no secret.

    Args:
        config: The settings.
        offline: Whether the credentials do not matter.
    """
    for name in NAMES:
        schema = SCHEMA["properties"][name]
        if offline and name in SCHEMA["required"]:
            continue
        value = config.get(name)
        kind = schema["type"][0] if isinstance(schema["type"], list) else schema["type"]
        if value is None:
            if name in SCHEMA["required"]:
                yield (
                    f"{name} is missing. {schema['description']} "
                    f"Set it in the config, or as TAP_YOUNIUM_{name.upper()} with --config=ENV."
                )
        elif not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean"):
            yield f"{name} must be of type {kind}, not {type(value).__name__}."
        elif "enum" in schema and value not in schema["enum"]:
            yield f"{name} is {value!r}, but must be one of {', '.join(schema['enum'])}."
        elif isinstance(value, list) and (
            others := [it for it in value if not isinstance(it, str)]
        ):
            yield f"{name} contains {others[0]!r}, which is not a string. Put it in quotes."
        else:
            yield from _CHECKS.get(name, _no_check)(name, value)


def unknown(config: Mapping[str, Any], known: Mapping[str, Any]) -> Iterator[str]:
    """Yield a warning for each setting that the tap does not have."""
    for name in config.keys() - known.keys():
        yield f"Unknown setting {name!r} ignored. Check the spelling."


def _no_check(name: str, value: object) -> Iterator[str]:  # noqa: ARG001
    yield from ()


def _secret(name: str, value: str) -> Iterator[str]:
    if not value.strip():
        yield f"{name} is empty."


def _api_url(name: str, value: str) -> Iterator[str]:
    try:
        url = urlsplit(value)
        _ = url.port, (url.hostname or "").encode("idna")  # a port or a name that can't be
    except ValueError:
        url = urlsplit("")
    if not _is_header(value) or url.scheme not in ("http", "https") or not url.hostname:
        yield f"{name} must be a URL such as https://api.younium.com."
    elif url.username or url.password or url.query or url.fragment:
        yield f"{name} must be a URL without user, password, query and fragment."
    elif url.scheme == "http" and not _is_this_machine(url.hostname):
        yield (
            f"{name} must start with https: http would send the credentials unencrypted. "
            "http is allowed only for this machine (127.0.0.1, ::1, localhost)."
        )


def _legal_entities(name: str, value: list[str]) -> Iterator[str]:
    for entity in value:
        if not entity.strip():
            yield f"{name} contains an empty entry. Enter each legal entity's id or name."
        elif not _is_header(entity):
            yield f"{name} contains {entity!r} with a line break or another control character."
        elif entity != entity.strip():
            yield f"{name} contains {entity!r} with spaces around it. Remove them."


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _names(name: str, value: list[str]) -> Iterator[str]:
    for entry in value:
        if not entry.strip() or not _is_header(entry):
            yield f"{name} contains {entry!r}, but each entry must be a name on one line."


def _entities(name: str, value: list[str]) -> Iterator[str]:
    for entry in value:
        if not re.fullmatch(r"[\w-]+", entry, re.ASCII):
            yield f"{name} contains {entry!r}, but only letters, digits, - and _ are allowed."


def _primary_keys(name: str, value: dict[str, object]) -> Iterator[str]:
    for stream, columns in value.items():
        texts = isinstance(columns, list) and all(isinstance(it, str) and it for it in columns)
        if not texts:
            yield f"{name} holds {columns!r} for {stream!r}: give a list of column names."
        elif not stream.startswith(("report_", "export_", "insights_")):
            yield (
                f"{name} names {stream!r}: only streams made by reports, data_export and insights "
                "can be given a primary key. Their names begin with report_, export_ or insights_."
            )


def _user_agent(name: str, value: str) -> Iterator[str]:
    if not value.strip() or not value.isascii() or not _is_header(value):
        yield f"{name} must be ASCII text on one line, and not empty."


def _is_header(value: str) -> bool:
    """Say whether a text can go into a header: in one line, and as UTF-8."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return not any(ord(letter) < 32 or ord(letter) == 127 for letter in value)  # noqa: PLR2004


def _start_date(name: str, value: str) -> Iterator[str]:
    if not parse_timestamp(value):
        yield f"{name} is {value!r}, but must be a time such as 2024-01-31T00:00:00Z."


def _between(least: float, most: float) -> Any:
    def check(name: str, value: float) -> Iterator[str]:
        if not least <= value <= most:
            yield f"{name} is {value}, but must be from {least} to {most}."

    return check


_CHECKS: dict[str, Any] = {
    "client_id": _secret,
    "client_secret": _secret,
    "api_url": _api_url,
    "legal_entities": _legal_entities,
    "start_date": _start_date,
    "user_agent": _user_agent,
    "reports": _names,
    "data_export": _entities,
    "insights": _entities,
    "primary_keys": _primary_keys,
    "page_size": _between(1, PAGE_SIZE),
    "max_parallel_requests": _between(1, PARALLEL_REQUESTS),
    "lookback_hours": _between(0, 24 * 366),
    "request_timeout": _between(0.1, 24 * 3600),
    "retry_timeout": _between(0, 24 * 3600),
}
