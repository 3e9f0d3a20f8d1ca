"""What all streams of a run share: session, token, page reader, progress, failures and so on."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from tap_younium import config as settings
from tap_younium.api.fetcher import Fetcher
from tap_younium.api.pool import RequestPool
from tap_younium.api.session import Session
from tap_younium.api.throttle import Throttle
from tap_younium.auth import AccessToken, YouniumAuthenticator
from tap_younium.custom_fields import CustomFields, read_custom_fields
from tap_younium.exceptions import (
    ForbiddenError,
    RetriesExhaustedError,
    RunError,
    YouniumError,
)
from tap_younium.failures import Failures
from tap_younium.pagination.reader import PageReader
from tap_younium.permissions import Permissions
from tap_younium.progress import Progress
from tap_younium.records.writer import LineWriter
from tap_younium.timestamps import format_timestamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from singer_sdk import Tap
    from singer_sdk.singerlib.encoding.base import GenericSingerWriter

    from tap_younium.api.page import Page
    from tap_younium.api.query import Query
    from tap_younium.catalog import InputCatalog

FAST_PATH_VARIABLE = "TAP_YOUNIUM_FAST_PATH"
PAGES_PER_STATE = 10
"""A STATE is written after this many pages of a stream."""


class Run:
    """What all streams of a run share; each part is made when it is first needed.

    Args:
        tap: The SDK's tap: settings, state and message writer.
        catalog: The input catalog.
        offline: Whether the settings do not allow any request.
        list_queries: Returns the queries of all selected streams.
        sync_together: Reads a group of streams, see `tap_younium.sync`.

    Attributes:
        syncing: Whether records are read, so that an error affects one stream only.
        unavailable: The dynamic streams that discovery could not read: name, legal entity, error.
    """

    def __init__(
        self,
        tap: Tap,
        catalog: InputCatalog,
        *,
        offline: bool,
        list_queries: Callable[[], Iterable[Query]],
        sync_together: Callable[[Run, Sequence[Any]], None],
    ) -> None:
        self.config: Mapping[str, Any] = tap.config
        self.catalog = catalog
        self.offline = offline
        self.started = datetime.fromtimestamp(tap.initialized_at / 1000, UTC)
        self.syncing = False
        self.unavailable: list[tuple[str, str | None, YouniumError]] = []
        self._tap = tap
        self._list_queries = list_queries
        self.sync_together = partial(sync_together, self)
        self._read_at: str | None = None
        self._closed = False

    def begin(self) -> None:
        """Begin to read records, without what an earlier run of the same tap remembers."""
        if self._closed:
            for name in ("reader", "failures", "permissions"):
                vars(self).pop(name, None)
        self._closed = False
        self.syncing = True
        self._read_at = None

    def close(self) -> None:
        """End the threads, and close the connections."""
        self._closed = True
        for name in ("pool", "session"):
            if name in vars(self):  # a property that was never needed is not made now
                vars(self)[name].close()

    @cached_property
    def legal_entities(self) -> list[str]:
        """The ids or names of the legal entities to read; empty if none are set."""
        return settings.legal_entities(self.config)

    @property
    def partitions(self) -> Sequence[str | None]:
        """The legal entities to read; None if none are set."""
        return self.legal_entities or [None]

    @property
    def writer(self) -> GenericSingerWriter[Any, Any]:
        """Writes the Singer messages; a host application can replace it."""
        return self._tap.message_writer

    @property
    def fast_path_enabled(self) -> bool:
        """Whether records can take the fast path: an environment variable turns it off."""
        return os.environ.get(FAST_PATH_VARIABLE, "").lower() not in {"0", "false", "no", "off"}

    @cached_property
    def progress(self) -> Progress:
        """The progress of the run."""
        return Progress()

    @cached_property
    def session(self) -> Session:
        """The HTTP session."""
        return Session(
            settings.host(self.config),
            connections=self.config["max_parallel_requests"],
            user_agent=self.config.get("user_agent")
            or f"{self._tap.name}/{self._tap.plugin_version}",
            timeout=self.config["request_timeout"],
            retry_timeout=self.config["retry_timeout"],
        )

    @cached_property
    def token(self) -> AccessToken:
        """The access token."""
        return AccessToken(
            self.session,
            settings.host(self.config),
            client_id=self.config["client_id"],
            client_secret=self.config["client_secret"],
            version=self.config["auth_version"],
        )

    @cached_property
    def fetcher(self) -> Fetcher:
        """Fetches single pages."""
        return Fetcher(
            settings.host(self.config),
            self.session,
            partial(YouniumAuthenticator, self.token),
            Throttle(self.config["max_parallel_requests"]),
            self.config["page_size"],
            self.progress.statistics,
        )

    @cached_property
    def pool(self) -> RequestPool:
        """The threads that send requests."""
        return RequestPool(self.config["max_parallel_requests"])

    @cached_property
    def reader(self) -> PageReader:
        """Reads the pages of queries."""
        return PageReader(self.pool, self.fetcher.fetch)

    @cached_property
    def failures(self) -> Failures:
        """What could not be read."""
        return Failures(skip_forbidden=self.config["skip_forbidden_streams"])

    @cached_property
    def permissions(self) -> Permissions:
        """Which legal entities can be read."""
        return Permissions(self.legal_entities, self._list_queries, self.reader, self.failures)

    @cached_property
    def custom_fields(self) -> CustomFields:
        """The tenant's custom fields; empty if no request is possible.

        Raises:
            YouniumError: If discovery cannot read them: columns without types would stay for as
                long as the catalog is used. A run without a catalog continues without them, and
                fails at its end with the stream `custom_field_configurations`.
        """
        if self.offline:
            return CustomFields()

        def on_error(error: YouniumError) -> None:
            if isinstance(error, RunError) or not (
                self.syncing or isinstance(error, ForbiddenError)
            ):
                raise error
            self._tap.logger.warning("Custom fields stay untyped. %s", error)

        self._log_in()
        return read_custom_fields(self.reader, self.partitions, on_error)

    def _log_in(self) -> None:
        """Log in. Discovery gives up after two tries if the host does not respond."""
        try:
            self.token.get(max_tries=None if self.syncing else 2)
        except RetriesExhaustedError as error:
            if self.syncing or not error.responded:
                raise
            self.token.get()

    def read_at(self, page: Page) -> str:
        """Return the `_read_at` of all rows of the run: the time of its first page.

        It has the seconds of Younium's clock, so that the clocks of two machines cannot put a later
        run before an earlier one, and the fraction of this machine's, which `Date` lacks.

        Args:
            page: A page that was just read.
        """
        if self._read_at is None:
            last = page.requested_at + timedelta(microseconds=999_999)
            self._read_at = format_timestamp(min(max(datetime.now(UTC), page.requested_at), last))
        return self._read_at

    def flush_page(self, page: Page) -> None:
        """Flush the rows of a page, and write a STATE after some pages."""
        is_early = page.is_resumable and page.number % PAGES_PER_STATE != 0
        if isinstance(self.writer, LineWriter):  # a host application's own writer has no buffer
            self.writer.flush()
            is_early |= self.writer.is_collecting
        if not is_early:
            self.write_state()

    def write_state(self) -> None:
        """Write a STATE."""
        self._tap.state_writer.write_state(self._tap.state)
