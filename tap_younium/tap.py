"""The tap: its settings, its streams, and how a run begins and ends."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager, suppress
from copy import copy
from datetime import timedelta
from functools import cached_property, partial
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, ClassVar, cast

import msgspec
from singer_sdk.exceptions import ConfigValidationError, MapperNotInitialized
from singer_sdk.helpers.capabilities import PluginCapabilities, TapCapabilities
from singer_sdk.singerlib import StateMessage
from singer_sdk.singerlib.catalog import REPLICATION_INCREMENTAL
from singer_sdk.typing import DEFAULT_JSONSCHEMA_VALIDATOR

from tap_younium import config as settings
from tap_younium.catalog import read_catalog
from tap_younium.cli import CommandLineTap, read_json_object
from tap_younium.exceptions import ConfigurationError, ForbiddenError, RunError, YouniumError
from tap_younium.records.writer import LineWriter
from tap_younium.state import unwrap_state, usable_state
from tap_younium.sync import group_by_path, queries_of, sync_together
from tap_younium.timestamps import MAX_UTC_OFFSET

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from singer_sdk.mapper import PluginMapper
    from singer_sdk.streams import Stream

    from tap_younium.api.query import Query
    from tap_younium.client import YouniumStream
    from tap_younium.run import Run


class TapYounium(CommandLineTap):
    """Singer tap for Younium, the subscription billing system."""

    name = "tap-younium"
    package_name = "tap-younium"
    config_jsonschema: ClassVar[dict[str, Any]] = settings.SCHEMA
    capabilities: ClassVar[list[Any]] = [
        TapCapabilities.CATALOG,
        TapCapabilities.STATE,
        TapCapabilities.DISCOVER,
        PluginCapabilities.ACTIVATE_VERSION,
        PluginCapabilities.BATCH,
        PluginCapabilities.ABOUT,
        PluginCapabilities.STREAM_MAPS,
        PluginCapabilities.FLATTENING,
        PluginCapabilities.STRUCTURED_LOGGING,
    ]

    def __init__(
        self, *, config: Any = None, catalog: Any = None, state: Any = None, **options: Any
    ) -> None:
        if isinstance(state, (list, int, float)):
            raise ConfigurationError(
                f"The state must be a JSON object, not {type(state).__name__}."
            )
        if options.get("parse_env_config"):
            errors = list(settings.problems_of_environment(os.environ))
            if errors:
                raise ConfigValidationError("The settings are wrong.", errors=errors)
        if isinstance(catalog, (str, PurePath)):
            read = partial(Path(catalog).read_text, encoding="utf-8")
            catalog = json.load(read_json_object("catalog", read))
        self._catalog_input = read_catalog(catalog)
        options["setup_mapper"] = False  # see `mapper`
        super().__init__(
            config=copy(config), catalog=self._catalog_input.catalog, state=state, **options
        )
        if not self._errors:
            self._catalog_input.check_legal_entities(settings.legal_entities(self.config))

    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        """Check the settings.

        Private in the SDK, whose check logs the values that it refuses, including secrets, and
        accepts wrong times, unknown settings and empty texts.
        """
        self.append_builtin_config(self.config_jsonschema)
        known = self.config_jsonschema["properties"]
        self._config = dict(self._config)  # the caller's stays as it is
        settings.normalize(self._config)
        for name in [name for name, value in self._config.items() if value is None]:
            del self._config[name]  # the SDK does not treat null as unset everywhere
        for name, schema in known.items():
            if "default" in schema:
                self._config.setdefault(name, schema["default"])
        for warning in settings.unknown(self._config, known):
            self.logger.warning(warning)
        sdk_settings = {name: known[name] for name in known if name not in settings.NAMES}
        self._offline = not (raise_errors or settings.has_credentials(self._config))
        errors = [
            *settings.problems(self._config, offline=self._offline),
            *(
                f"{'.'.join(map(str, error.path))}: {error.message}."
                for error in DEFAULT_JSONSCHEMA_VALIDATOR({"properties": sdk_settings}).iter_errors(
                    self._config
                )
            ),
        ]
        if errors and raise_errors:
            raise ConfigValidationError("The settings are wrong.", errors=errors)
        self._errors, self._offline = errors, self._offline or bool(errors)
        return errors

    @property
    def message_writer_class(self) -> Callable[[], LineWriter]:  # type: ignore[override]
        """What makes the message writer: the SDK calls it when the settings are known."""
        if self._errors or not (batches := self.config.get("batch_config")):
            return LineWriter
        from tap_younium.records.batches import BatchWriter  # noqa: PLC0415 - rarely needed

        return partial(BatchWriter, batches)

    def load_state(self, state: dict[str, Any]) -> None:
        """Load the usable parts of the state of an earlier run."""
        super().load_state(usable_state(unwrap_state(state), self.logger.warning))

    @cached_property
    def run(self) -> Run:
        """What all streams of the run share."""
        from tap_younium.run import Run  # noqa: PLC0415 - `--version` needs no run

        return Run(
            self,
            self._catalog_input,
            offline=self._offline,
            list_queries=lambda: self._queries,
            sync_together=sync_together,
        )

    # Streams

    def discover_streams(self) -> list[YouniumStream]:
        """Return all streams, including dynamic ones if Younium can be asked for them."""
        from tap_younium.streams import STREAMS, dynamic  # noqa: PLC0415 - see `run`

        catalog = self.run.catalog
        self.run.unavailable.clear()
        with self.run.progress.logged():
            streams: list[YouniumStream] = [
                stream(self, self.run) for stream in STREAMS if catalog.may_select(stream.name)
            ]
            if not self._offline:
                streams += dynamic.discover(self, self.run)
        by_name = {stream.name: stream for stream in streams}
        for stream in streams:
            stream.set_streams(by_name)
        return streams

    @property
    def streams(self) -> dict[str, Stream]:
        """The streams, with the catalog applied."""
        with self._catalog_input.errors_as_invalid():
            return super().streams

    @property  # type: ignore[misc]  # nobody sets it
    def mapper(self) -> PluginMapper:
        """The stream maps, made when first needed: the first requests are under way by then."""
        with suppress(MapperNotInitialized):
            return super().mapper
        with self._catalog_input.errors_as_invalid():
            self.setup_mapper()
        return super().mapper

    @property
    def _selected(self) -> list[YouniumStream]:
        streams = cast("list[YouniumStream]", list(self.streams.values()))
        return [stream for stream in streams if stream.selected]

    @cached_property
    def _queries(self) -> list[Query]:
        groups = [stream.group for stream in self._selected if stream.group[0] is stream]
        return [query for group in groups for query in queries_of(group)]

    @property
    def catalog_json_text(self) -> str:
        """The catalog as JSON; the SDK's method takes much longer."""
        text = msgspec.json.encode(self.catalog_dict)
        return msgspec.json.format(text, indent=2).decode()

    def run_discovery(self) -> str:
        """Print the catalog, and close what was opened for it.

        The SDK's method leaves a part in Python's buffer if the reader closes the pipe.

        Raises:
            ConfigValidationError: If settings are wrong. The credentials may be missing.
        """
        if self._errors:
            raise ConfigValidationError("The settings are wrong.", errors=self._errors)
        catalog = self.catalog_json_text
        self.run.close()
        _print(catalog)
        for name, _, error in self.run.unavailable:
            self.logger.error("The catalog does not contain %s. %s", name, error)
        return catalog

    # Runs

    def sync_all(self) -> None:  # type: ignore[misc]
        """Read all selected streams.

        Final in the SDK, which has no hook at the end of a run to report what could not be read.

        Raises:
            YouniumError: If streams failed, after the others were read.
        """
        with self._running():
            super().sync_all()

    def run_connection_test(self) -> bool:  # type: ignore[misc]
        """Read one record of each selected stream.

        Final in the SDK, which would select streams that are off by default.

        Raises:
            YouniumError: If streams failed.
        """
        from tap_younium.progress import amount  # noqa: PLC0415 - see `run`

        with self._running(in_groups=False):
            streams = self._selected
            self.run_sync_dry_run(dry_run_record_limit=1, streams=streams)
        if streams:
            self.logger.info("OK: tested %s.", amount(len(streams), "stream"))
        return True

    def check(self, *, as_json: bool = False) -> None:
        """Print which streams can be read, what is wrong, and what a first load costs.

        These are the streams that the catalog selects, or all without a catalog.

        Args:
            as_json: Whether to print JSON for a program.

        Raises:
            YouniumError: If none can be read.
        """
        from tap_younium.check import Check  # noqa: PLC0415 - see `run`
        from tap_younium.check_report import Report  # noqa: PLC0415

        try:
            with self.run.progress.logged():
                self.run.begin()
                self.run.token.get()
                every = cast("list[YouniumStream]", list(self.streams.values()))
                check = Check(self.run, self._selected if self.input_catalog else every)
        finally:
            self.run.close()
        report = Report(
            check,
            self.run.legal_entities,
            self.run.unavailable,
            self.config["max_parallel_requests"],
            skip_forbidden=self.config["skip_forbidden_streams"],
        )
        _print(json.dumps(report.as_json(), indent=2) if as_json else "\n".join(report.as_text()))
        if not check.any_readable:
            raise (ConfigurationError if check.all_forbidden else YouniumError)(report.next_step)

    @contextmanager
    def _running(self, *, in_groups: bool = True) -> Iterator[None]:
        try:
            with self.run.progress.logged():
                self.run.begin()
                self._start(in_groups=in_groups)
                try:
                    yield
                finally:
                    for stream in self._selected:
                        stream.group = [stream]
        except RunError as error:
            if failed := self.run.failures.failed:
                error.args = (f"{error} Streams that failed before: {', '.join(failed)}.",)
            raise
        finally:
            self.write_last_state()
            self.run.close()
            self.run.progress.run_ended()
        self.run.failures.raise_summary()

    def _start(self, *, in_groups: bool) -> None:
        """Make the streams while logging in, and request their first pages."""
        login = self.run.pool.submit(self.run.token.get) if self.input_catalog else None
        missing = self.run.catalog.selected - self.streams.keys()
        self._warn_of_short_lookback()
        if login:
            login.result()
        if not (self._selected or missing):
            self.logger.warning(
                "No stream is selected, so nothing is read. Select streams in the catalog "
                "(Meltano: meltano select tap-younium STREAM '*')."
            )
        if in_groups:
            for group in group_by_path(self._selected):
                for stream in group:
                    stream.group = group
        self.run.reader.schedule(self._queries)
        for name, entity, error in self.run.unavailable:
            missing.discard(name)
            if isinstance(error, ForbiddenError):
                self.run.permissions.forbid(name, entity, None, error)
            else:
                self.run.failures.fail(name, entity, error)
        for name in missing:
            error = YouniumError(
                "The catalog selects this stream, but the tap does not have it: its setting or "
                "report was removed. Create a new catalog with --discover."
            )
            self.run.failures.fail(name, None, error)

    def _warn_of_short_lookback(self) -> None:
        hours = self.config["lookback_hours"]
        methods = {stream.replication_method for stream in self._selected}
        if timedelta(hours=hours) < MAX_UTC_OFFSET and REPLICATION_INCREMENTAL in methods:
            self.logger.warning(
                "lookback_hours is %s, less than 14. Younium's timestamps have no time zone, so "
                "changes can be missed. Set it to 14 or more.",
                hours,
            )

    def write_last_state(self) -> None:
        """End with a STATE even if it is unchanged: some targets lose theirs after a RECORD."""
        if self.state:
            self.state_writer.write_state(self.state)
        if getattr(self.message_writer, "needs_state", False):
            self.message_writer.write_message(StateMessage(value=self.state))
        if isinstance(self.message_writer, LineWriter):
            self.message_writer.flush()


def _print(text: str) -> None:
    writer = LineWriter()
    writer.write_lines([f"{text}\n".encode()])
    writer.flush()
