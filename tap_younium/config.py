"""The settings: their schema, and checks that run before any request."""

from __future__ import annotations

import re
from decimal import Decimal
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from singer_sdk import typing as th
from singer_sdk.typing import DEFAULT_JSONSCHEMA_VALIDATOR

from tap_younium.timestamps import parse_timestamp, to_utc

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ENVIRONMENTS = {
    "production": "https://api.younium.com",
    "sandbox": "https://api.sandbox.younium.com",
    "us_production": "https://api.us.younium.com",
    "us_sandbox": "https://api.us.sandbox.younium.com",
}
"""Younium's guides spell the host of the US sandbox in two ways: `api_url` accepts the other."""

MAX_PAGE_SIZE = 100
BATCH_FORMAT, BATCH_COMPRESSION = "jsonl", "gzip"
BATCH_SIZE = 10_000
"""The number of rows in a batch file by default."""
_DAY = 24 * 3600

SCHEMA: dict[str, Any] = th.PropertiesList(
    th.Property(
        "client_id",
        th.StringType,
        required=True,
        secret=True,
        title="Client ID",
        description="Client ID of a personal token. "
        "In Younium: user menu, Privacy & Security, Personal Tokens.",
    ),
    th.Property(
        "client_secret",
        th.StringType,
        required=True,
        secret=True,
        title="Client secret",
        description="Secret Key of the personal token.",
    ),
    th.Property(
        "environment",
        th.StringType,
        allowed_values=list(ENVIRONMENTS),
        default="production",
        title="Environment",
        description="Younium environment to read from.",
    ),
    th.Property(
        "api_url",
        th.StringType,
        title="API URL",
        description="URL of the API, instead of the environment's. "
        "http is allowed only for this machine.",
    ),
    th.Property(
        "auth_version",
        th.StringType,
        allowed_values=["v1", "v2"],
        default="v1",
        title="Authentication version",
        description="Version of the token endpoint: v1 is /auth/token, v2 is /auth/v2/token.",
    ),
    th.Property(
        "legal_entities",
        th.ArrayType(th.StringType),
        title="Legal entities",
        description="Ids or names of the legal entities to read. "
        "Required if the tenant has more than one.",
    ),
    th.Property(
        "start_date",
        th.DateTimeType,
        title="Start date",
        description="Sync records modified on or after this date. Default: all records.",
    ),
    th.Property(
        "lookback_hours",
        th.NumberType(minimum=0, maximum=24 * 366),
        default=24,
        title="Lookback hours",
        description="Read records again that changed up to this many hours before the bookmark, "
        "because Younium's timestamps have no time zone and changes can be saved late.",
    ),
    th.Property(
        "page_size",
        th.IntegerType(minimum=1, maximum=MAX_PAGE_SIZE),
        default=MAX_PAGE_SIZE,
        title="Page size",
        description="Number of records per page.",
    ),
    th.Property(
        "max_parallel_requests",
        th.IntegerType(minimum=1, maximum=32),
        default=4,
        title="Maximum parallel requests",
        description="Maximum number of concurrent requests, across all streams.",
    ),
    th.Property(
        "request_timeout",
        th.NumberType(minimum=0.1, maximum=_DAY),  # type: ignore[arg-type]  # it takes any number
        default=300,
        title="Request timeout",
        description="Seconds to wait for a response before a request is retried.",
    ),
    th.Property(
        "retry_timeout",
        th.NumberType(minimum=0, maximum=_DAY),
        default=300,
        title="Retry timeout",
        description="Seconds to retry requests while Younium is unavailable (429, 503 or no "
        "response). Also the longest Retry-After to wait for.",
    ),
    th.Property(
        "skip_forbidden_streams",
        th.BooleanType,
        default=False,
        title="Skip forbidden streams",
        description="Skip streams that return 403 instead of failing the run.",
    ),
    th.Property(
        "superseded_versions",
        th.BooleanType,
        default=True,
        title="Superseded versions",
        description="Update the rows of superseded versions of changed subscriptions and sales "
        "orders. Costs one request per changed order.",
    ),
    th.Property(
        "reports",
        th.ArrayType(th.StringType),
        title="Reports",
        description="Ids or names of saved reports to read as streams; * for all.",
    ),
    th.Property(
        "data_export",
        th.ArrayType(th.StringType),
        title="Data export",
        description="Entities of the data export API (v3) to read as streams, "
        "such as Subscription-product-charges. Experimental.",
    ),
    th.Property(
        "insights",
        th.ArrayType(th.StringType),
        title="Insights",
        description="Entities of the Insights API to read as streams, such as allmetrics. "
        "Experimental.",
    ),
    th.Property(
        "primary_keys",
        th.ObjectType(additional_properties=th.ArrayType(th.StringType)),
        title="Primary keys",
        description="Primary keys of streams from reports, data_export and insights, as lists of "
        "columns by stream. By default, these streams have no primary key.",
    ),
    th.Property(
        "user_agent",
        th.StringType,
        title="User agent",
        description="User-Agent header of requests. Default: tap-younium/<version>.",
    ),
    th.Property(
        "emit_activate_version_messages",
        th.BooleanType,
        default=False,
        title="Emit ACTIVATE_VERSION messages",
        description="Write ACTIVATE_VERSION after each FULL_TABLE stream, "
        "so that the target can delete rows that no longer exist in Younium.",
    ),
    th.Property(
        "batch_config",
        th.ObjectType(
            th.Property(
                "encoding",
                th.ObjectType(
                    th.Property("format", th.StringType, allowed_values=[BATCH_FORMAT]),
                    th.Property("compression", th.StringType, allowed_values=[BATCH_COMPRESSION]),
                ),
            ),
            th.Property(
                "storage",
                th.ObjectType(
                    th.Property("root", th.StringType, required=True),
                    th.Property("prefix", th.StringType),
                ),
                required=True,
            ),
            th.Property("batch_size", th.IntegerType(minimum=1), default=BATCH_SIZE),
        ),
        title="Batch configuration",
        description="Write the rows to gzip-compressed JSON Lines files in storage.root, and BATCH "
        "instead of RECORD messages, for targets that read files.",
    ),
).to_dict()

NAMES = tuple(SCHEMA["properties"])
"""The settings of the tap; the SDK adds its own to the schema."""

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}


def host(config: Mapping[str, Any]) -> str:
    """Return the API's URL, without a trailing slash."""
    return (config.get("api_url") or ENVIRONMENTS[config["environment"]]).rstrip("/")


def legal_entities(config: Mapping[str, Any]) -> list[str]:
    """Return the legal entities to read, each once."""
    return list(dict.fromkeys(config.get("legal_entities") or []))


def normalize(config: dict[str, Any]) -> None:
    """Convert values to the types that the SDK expects; `problems` reports those that remain.

    Numbers are text in the environment, and decimals in a file. The SDK accepts some values of
    `start_date` that it cannot compare with a bookmark in the next run.
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
    """Yield the wrong integers in the environment: the SDK's error names no setting."""
    for name in NAMES:
        value = environment.get(f"TAP_YOUNIUM_{name.upper()}")
        if value is not None and "integer" in SCHEMA["properties"][name]["type"]:
            try:
                int(value)
            except ValueError:
                yield f"{name} must be an integer, but TAP_YOUNIUM_{name.upper()} is {value!r}."


def has_credentials(config: Mapping[str, Any]) -> bool:
    """Return whether any credential is set; an empty environment variable is not."""
    return any(config.get(name) for name in SCHEMA["required"])


def problems(config: Mapping[str, Any], *, offline: bool = False) -> Iterator[str]:
    """Yield what is wrong with the settings: one line each, with the name and no secret.

    Args:
        config: The settings.
        offline: Whether no request will be sent, so that credentials are optional.
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
        elif "minimum" in schema and not schema["minimum"] <= value <= schema["maximum"]:
            least, most = schema["minimum"], schema["maximum"]
            yield f"{name} is {value}, but must be from {least} to {most}."
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
            yield f"{name} contains {columns!r} for {stream!r}. Enter a list of column names."
        elif not stream.startswith(("report_", "export_", "insights_")):
            yield (
                f"{name} contains {stream!r}. Only streams from reports, data_export and insights "
                "can have one; their names start with report_, export_ or insights_."
            )


def _batch_config(name: str, value: dict[str, Any]) -> Iterator[str]:
    errors = DEFAULT_JSONSCHEMA_VALIDATOR(SCHEMA["properties"][name]).iter_errors(value)
    for error in errors:
        yield f"{'.'.join([name, *map(str, error.path)])}: {error.message}."


def _user_agent(name: str, value: str) -> Iterator[str]:
    if not value.strip() or not value.isascii() or not _is_header(value):
        yield f"{name} must be ASCII text on one line, and not empty."


def _is_header(value: str) -> bool:
    """Return whether a text can be a header: one line, and valid UTF-8."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return not any(ord(letter) < 32 or ord(letter) == 127 for letter in value)  # noqa: PLR2004


def _start_date(name: str, value: str) -> Iterator[str]:
    if not parse_timestamp(value):
        yield f"{name} is {value!r}, but must be a time such as 2024-01-31T00:00:00Z."


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
    "batch_config": _batch_config,
}
