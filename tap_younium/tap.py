"""The tap: its settings, its tables, and how a run begins and ends."""

from __future__ import annotations

import json
import os
import signal
from contextlib import contextmanager, nullcontext, suppress
from copy import copy
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from pathlib import Path, PurePath
from threading import Timer
from typing import IO, TYPE_CHECKING, Any, ClassVar, Self, cast

import click
from singer_sdk import Tap
from singer_sdk.exceptions import ConfigValidationError, MapperNotInitialized
from singer_sdk.helpers.capabilities import PluginCapabilities, TapCapabilities
from singer_sdk.singerlib import StateMessage
from singer_sdk.singerlib.catalog import REPLICATION_INCREMENTAL
from singer_sdk.tap_base import CliTestOptionValue
from singer_sdk.typing import DEFAULT_JSONSCHEMA_VALIDATOR

from tap_younium import inputs, settings
from tap_younium.errors import (
    ConfigurationError,
    ForbiddenError,
    GaveUpError,
    RunError,
    YouniumError,
    told_in_one_line,
)
from tap_younium.outcome import Outcome
from tap_younium.state import sound
from tap_younium.times import ZONES, from_moment
from tap_younium.writer import LineWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from types import FrameType

    from singer_sdk.mapper import PluginMapper
    from singer_sdk.streams import Stream

    from tap_younium.api import Client
    from tap_younium.auth import Token
    from tap_younium.client import YouniumStream
    from tap_younium.http import Session
    from tap_younium.listing import Listing, Page
    from tap_younium.models.schema import CustomTypes
    from tap_younium.pages import Pages
    from tap_younium.progress import Progress
    from tap_younium.workers import Workers


PAGES_PER_STATE = 10
"""After so many pages of a table a STATE tells how far it is."""


class TapYounium(Tap):
    """Singer tap for Younium, the subscription billing system."""

    name = "tap-younium"
    package_name = "tap-younium"
    config_jsonschema: ClassVar[dict[str, Any]] = settings.SCHEMA
    message_writer_class = LineWriter
    capabilities: ClassVar[list[Any]] = [
        TapCapabilities.CATALOG,
        TapCapabilities.STATE,
        TapCapabilities.DISCOVER,
        PluginCapabilities.ACTIVATE_VERSION,
        PluginCapabilities.ABOUT,
        PluginCapabilities.STREAM_MAPS,
        PluginCapabilities.FLATTENING,
        PluginCapabilities.STRUCTURED_LOGGING,
    ]
    """All of the SDK's but BATCH, which writes past selection and conformance."""

    _ending = False
    """Whether a signal has come."""
    _reading = False
    """Whether records are read, so that what concerns one stream may not end it all."""
    _stamp: str | None = None

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
            catalog = json.load(inputs.json_object("catalog", read))
        self._given = inputs.catalog(catalog)
        options["setup_mapper"] = False  # it is made when it is first needed
        found = self._given.catalog if self._given else None
        super().__init__(config=copy(config), catalog=found, state=state, **options)
        if self._given and not self._errors:
            self._given.check_legal_entities(self.legal_entities)

    def _setup_signal_handlers(self) -> None:
        """Let signals end the process only where it is the tap's own: on the command line.

        Private in the SDK, which has no other way to leave a host's handlers alone.
        """
        context = click.get_current_context(silent=True)
        if context and context.obj is TapYounium:
            super()._setup_signal_handlers()

    # Settings

    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        """Check the settings.

        Private in the SDK, whose own check prints the values that it refuses, secrets too, and lets
        wrong times, unknown settings and empty texts pass.
        """
        self.append_builtin_config(self.config_jsonschema)
        known = self.config_jsonschema["properties"]
        self._config = dict(self._config)  # the caller's stays as it is
        settings.normalize(self._config)
        for name in [name for name, value in self._config.items() if value is None]:
            del self._config[name]  # null is not set, which the SDK does not see everywhere
        for name, schema in known.items():
            if "default" in schema:
                self._config.setdefault(name, schema["default"])
        for warning in settings.unknown(self._config, known):
            self.logger.warning(warning)
        of_the_sdk = {name: known[name] for name in known if name not in settings.NAMES}
        self._offline = not (raise_errors or settings.has_credentials(self._config))
        errors = [
            *settings.problems(self._config, offline=self._offline),
            *(
                f"{'.'.join(map(str, error.path))}: {error.message}."
                for error in DEFAULT_JSONSCHEMA_VALIDATOR({"properties": of_the_sdk}).iter_errors(
                    self._config
                )
            ),
        ]
        if errors and raise_errors:
            raise ConfigValidationError("The settings are wrong.", errors=errors)
        self._errors, self._offline = errors, self._offline or bool(errors)
        return errors

    @cached_property
    def legal_entities(self) -> list[str]:
        """The ids or names of the legal entities to read; empty where the tenant has one."""
        return settings.legal_entities(self.config)

    def schema_given(self, table: str) -> dict[str, Any] | None:
        """Return a table's schema in the catalog that the tap was given, if any."""
        return self._given.schemas.get(table) if self._given else None

    def may_want(self, table: str) -> bool:
        """Say whether a table may be selected: with a catalog, only one that is there is."""
        return self._given is None or table in self._given.catalog

    def lacks(self, stream: str) -> bool:
        """Say whether a catalog was given that has no entry for a stream, not a deselected one."""
        return self._given is not None and stream not in self._given.names

    @property
    def wanted(self) -> set[str]:
        """The streams that the catalog selects, if one was given."""
        return self._given.selected if self._given else set()

    def load_state(self, state: dict[str, Any]) -> None:
        """Take the state of an earlier run, as far as it can be relied on."""
        super().load_state(sound(inputs.state(state), self.logger.warning))

    # Tables

    def discover_streams(self) -> list[YouniumStream]:
        """Return all tables, the tenant's own too where Younium can be asked for them."""
        from tap_younium import sampled  # noqa: PLC0415 - `--version` needs no models
        from tap_younium.streams import STREAMS  # noqa: PLC0415

        self.unavailable: list[tuple[str, str | None, YouniumError]] = []
        with self.progress.shown():
            streams: list[YouniumStream] = [
                stream(self) for stream in STREAMS if self.may_want(stream.name)
            ]
            return streams if self._offline else [*streams, *sampled.discover(self)]

    @property
    def streams(self) -> dict[str, Stream]:
        """The tables, as the catalog wants them."""
        with self._suits():
            return super().streams

    @property  # type: ignore[misc]  # nobody sets it
    def mapper(self) -> PluginMapper:
        """The stream maps, made when first needed: the first requests are under way by then."""
        with suppress(MapperNotInitialized):
            return super().mapper
        with self._suits():
            self.setup_mapper()
        return super().mapper

    def _suits(self) -> AbstractContextManager[None]:
        return inputs.suits() if self._given else nullcontext()

    @property
    def _selected(self) -> list[YouniumStream]:
        streams = cast("list[YouniumStream]", list(self.streams.values()))
        return [stream for stream in streams if stream.selected]

    def run_discovery(self) -> str:
        """Print the catalog, and let go of what was read for it.

        The SDK's own leaves a part in Python's buffer where the reader closes the pipe.

        Raises:
            ConfigValidationError: If settings are wrong. The credentials may be missing.
        """
        if self._errors:
            raise ConfigValidationError("The settings are wrong.", errors=self._errors)
        catalog = self.catalog_json_text
        if "pages" in vars(self):
            self.pages.close()
        lines = LineWriter()
        lines.write_lines([f"{catalog}\n".encode()])
        lines.flush()
        for name, _, error in self.unavailable:
            self.logger.error("The catalog lacks %s. %s", name, error)
        return catalog

    # A run

    @cached_property
    def started(self) -> datetime:
        """When the run began."""
        return datetime.fromtimestamp(self.initialized_at / 1000, UTC)

    def stamp(self, page: Page) -> str:
        """Return the `_read_at` of all rows of a run: when its first page was read.

        The second is that of Younium's clock, so that the clocks of two machines cannot put a later
        run before an earlier one; its fraction, which `Date` lacks, is that of this machine's.

        Args:
            page: A page that was just read.
        """
        if self._stamp is None:
            last = page.asked + timedelta(microseconds=999_999)
            self._stamp = from_moment(min(max(datetime.now(UTC), page.asked), last))
        return self._stamp

    @cached_property
    def progress(self) -> Progress:
        """How far the run is."""
        from tap_younium.progress import Progress  # noqa: PLC0415

        return Progress()

    @cached_property
    def session(self) -> Session:
        """The run's one session."""
        from tap_younium.http import Session  # noqa: PLC0415 - the same

        return Session(
            settings.host(self.config),
            connections=self.config["max_parallel_requests"],
            user_agent=self.config.get("user_agent") or f"{self.name}/{self.plugin_version}",
            timeout=self.config["request_timeout"],
            retry_timeout=self.config["retry_timeout"],
        )

    @cached_property
    def token(self) -> Token:
        """The run's one token."""
        from tap_younium.auth import Token  # noqa: PLC0415

        return Token(
            self.session,
            settings.host(self.config),
            client_id=self.config["client_id"],
            client_secret=self.config["client_secret"],
            version=self.config["auth_version"],
        )

    @cached_property
    def client(self) -> Client:
        """Who asks Younium."""
        from tap_younium.api import Client  # noqa: PLC0415
        from tap_younium.auth import YouniumAuthenticator  # noqa: PLC0415
        from tap_younium.workers import Throttle  # noqa: PLC0415

        return Client(
            settings.host(self.config),
            self.session,
            partial(YouniumAuthenticator, self.token),
            Throttle(self.config["max_parallel_requests"]),
            self.config["page_size"],
            self.progress.costs,
        )

    @cached_property
    def pages(self) -> Pages:
        """The pages that the tables read."""
        from tap_younium.pages import Pages  # noqa: PLC0415

        return Pages(self._workers, self.client.ask)

    @cached_property
    def _workers(self) -> Workers:
        from tap_younium.workers import Workers  # noqa: PLC0415

        return Workers(self.config["max_parallel_requests"])

    @cached_property
    def custom_fields(self) -> CustomTypes:
        """The types of the tenant's custom fields; none without settings to ask Younium with.

        Raises:
            YouniumError: If a catalog is to be made and they can't be read: columns without types
                would stay for as long as the catalog. A run without a catalog goes on without them,
                and fails at its end with the stream of the configurations.
        """
        if self._offline:
            return {}
        from tap_younium import custom_fields  # noqa: PLC0415

        def failed(error: YouniumError) -> None:
            if isinstance(error, RunError) or not (
                self._reading or isinstance(error, ForbiddenError)
            ):
                raise error
            self.logger.warning("Custom fields stay untyped. %s", error)

        self._find_younium()
        return custom_fields.read(self.pages, self.legal_entities or [None], failed)

    def _find_younium(self) -> None:
        """Log in; for a catalog, do not try for long where nobody answers."""
        try:
            self.token.get(tries=None if self._reading else 2)
        except GaveUpError as error:
            if self._reading or not error.reached:
                raise
            self.token.get()

    @cached_property
    def _plan(self) -> list[Listing]:
        return [
            listing
            for stream in self._selected
            for context in stream.contexts
            for listing in stream.listings(context)
        ]

    @cached_property
    def outcome(self) -> Outcome:
        """What could not be read."""
        return Outcome(skip_forbidden=self.config["skip_forbidden_streams"])

    def forbid(
        self, stream: str, legal_entity: str | None, permission: str | None, error: ForbiddenError
    ) -> None:
        """Note that a stream is forbidden, or that its whole legal entity is.

        Raises:
            ConfigurationError: If all legal entities are: a run that reads nothing ends at once.
        """
        if legal_entity in self.outcome.forbidden_entities:
            return
        plan = [listing for listing in self._plan if listing.legal_entity == legal_entity]
        readable = legal_entity in self.outcome.readable
        if readable or not plan or not all(map(self.pages.is_forbidden, plan)):
            self.outcome.readable.add(legal_entity)
            self.outcome.forbid(stream, legal_entity, permission, error)
            return
        self.outcome.forbid_entity(legal_entity)
        if self.outcome.forbidden_entities.issuperset(self.legal_entities or [None]):
            entities = ", ".join(map(repr, self.legal_entities)) or "none"
            raise ConfigurationError(
                f"Younium forbids all selected streams: {error} A wrong or missing legal entity "
                f"forbids everything: check legal_entities ({entities} set)."
            ) from error

    def sync_all(self) -> None:  # type: ignore[misc]
        """Read all selected tables.

        Final in the SDK, which gives no place at a run's end to say what could not be read.

        Raises:
            YouniumError: If streams failed, after the others were read.
        """
        with self._run():
            super().sync_all()

    def run_connection_test(self) -> bool:  # type: ignore[misc]
        """Read one record of each selected table.

        Final in the SDK, which would select the tables too that are left out for good reason.

        Raises:
            YouniumError: If streams failed.
        """
        from tap_younium.progress import amount  # noqa: PLC0415

        with self._run():
            streams = self._selected
            self.run_sync_dry_run(dry_run_record_limit=1, streams=streams)
        if streams:
            self.logger.info("OK: tested %s.", amount(len(streams), "stream"))
        return True

    def check(self) -> None:
        """Print which tables can be read, and what a first load will cost.

        They are those that the catalog selects, or without one, all.

        Raises:
            YouniumError: If none can be read.
        """
        from tap_younium.check import Check  # noqa: PLC0415

        try:
            with self.progress.shown():
                self._reading = True
                self.token.get()
                every = cast("list[YouniumStream]", list(self.streams.values()))
                found = Check(self, self._selected if self.input_catalog else every)
        finally:
            self._let_go()
        lines = LineWriter()
        lines.write_lines([f"{line}\n".encode() for line in found.report()])
        lines.flush()
        if not found.readable:
            if found.forbidden:
                raise ConfigurationError("No stream can be read: Younium forbids all of them.")
            raise YouniumError("No stream can be read: the lines above say why.")

    def page_done(self, page: Page) -> None:
        """Write what waits once a page's rows are there, and now and then how far the run is."""
        self._flush()
        if page.number % PAGES_PER_STATE == 0:
            self.state_writer.write_state(self.state)

    @contextmanager
    def _run(self) -> Iterator[None]:
        try:
            with self.progress.shown():
                self._reading = True
                self._stamp = None
                self._begin()
                yield
        except RunError as error:
            if failed := self.outcome.failed:
                error.args = (f"{error} Before that failed: {', '.join(failed)}.",)
            raise
        finally:
            self._end_with_state()
            self._let_go()
            self.progress.end()
        self.outcome.end()

    def _begin(self) -> None:
        """Make the tables, and log in meanwhile; have their first pages asked for."""
        login = self._workers.submit(self.token.get) if self.input_catalog else None
        missing = self.wanted - self.streams.keys()
        self._check_lookback()
        if login:
            login.result()
        if not (self._selected or missing):
            self.logger.warning(
                "No stream is selected, so nothing is read. Select streams in the catalog "
                "(Meltano: meltano select tap-younium STREAM '*')."
            )
        self.pages.expect(self._plan)
        for name, entity, error in self.unavailable:
            missing.discard(name)
            if isinstance(error, ForbiddenError):
                self.forbid(name, entity, None, error)
            else:
                self.outcome.fail(name, entity, error)
        for name in missing:
            error = YouniumError(
                "The catalog selects this stream, but the tap does not have it: its setting or "
                "report is gone. Make a new catalog with --discover."
            )
            self.outcome.fail(name, None, error)

    def _check_lookback(self) -> None:
        hours = self.config["lookback_hours"]
        methods = {stream.replication_method for stream in self._selected}
        if timedelta(hours=hours) < ZONES and REPLICATION_INCREMENTAL in methods:
            self.logger.warning(
                "lookback_hours is %s, less than 14. Younium's times have no zone, so changes can "
                "be missed: set it to 14 or more.",
                hours,
            )

    def _end_with_state(self) -> None:
        """Have the last line be a STATE, new or not: a row makes some targets forget theirs."""
        if self.state:
            self.state_writer.write_state(self.state)
            if getattr(self.message_writer, "stateless", False):
                self.message_writer.write_message(StateMessage(value=self.state))
        self._flush()

    def _flush(self) -> None:
        """Write all lines that wait; a host's own writer has none."""
        if isinstance(self.message_writer, LineWriter):
            self.message_writer.flush()

    def _let_go(self) -> None:
        """End the threads, and close the temporary files and the connections."""
        self.pages.close()
        self.session.close()

    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """End at a signal: whole lines, a last STATE, exit code 128 + the signal's number.

        Private in the SDK, whose own leaves a cut line and exits 0. Threads that wait for an answer
        are not waited for. A second signal ends at once where a write waits for the reader.
        Elsewhere it can be the first one, sent twice: the end under way gets one second more.
        """
        writer = cast("LineWriter", self.message_writer)
        if self._ending:
            Timer(0 if writer.writing else 1, os._exit, [128 + signum]).start()
            return
        self._ending = True

        def end() -> None:
            try:
                self._end_with_state()
                # The log comes last: it fails where the signal came in the middle of another line,
                # and hangs where nobody reads it.
                Timer(1, os._exit, [128 + signum]).start()
                self.logger.warning("Stopped by %s.", signal.Signals(signum).name)
            finally:
                os._exit(128 + signum)

        writer.when_whole(end)

    # Command line: what goes wrong is told in one line.

    @classmethod
    def get_singer_command(cls) -> click.Command:
        """Return the SDK's command line with the tap's own option."""
        command = super().get_singer_command()
        words = "Say which tables can be read, and what a first load will cost."
        command.params.append(click.Option(["--check"], is_flag=True, help=words))
        command.context_settings["obj"] = TapYounium
        for option in command.params:
            if option.name in {"catalog", "state"}:
                option.callback, option.is_eager = cls.cb_file, True  # read before `--test` runs
        return command

    @classmethod
    def _from(cls, config: Any, catalog: IO[str] | None, state: IO[str] | None) -> Self:
        """Return the tap that a command line describes."""
        return cls(
            config=config.config,
            parse_env_config=config.parse_env,
            catalog=catalog and json.load(catalog),
            state=state and json.load(state),
        )

    @classmethod
    def invoke(cls, *, check: bool = False, **options: Any) -> None:
        """Run the tap."""
        with told_in_one_line(cls.logger):
            if check and not options["about"]:
                cls._from(options["config"], options["catalog"], None).check()
            else:
                super().invoke(**options)

    @classmethod
    def cb_config(cls, ctx: click.Context, param: click.Option, value: tuple[str, ...]) -> Any:
        """Read the settings' files."""
        with told_in_one_line(cls.logger):
            for name in value:
                if name != "ENV":
                    inputs.json_object("config", partial(Path(name).read_text, encoding="utf-8"))
            return super().cb_config(ctx, param, value)

    @classmethod
    def cb_file(cls, _: click.Context, param: click.Parameter, value: IO[str] | None) -> Any:
        """Read the catalog's or the state's file."""
        if value is None:
            return None
        with told_in_one_line(cls.logger), value:
            return inputs.json_object(str(param.name), value.read)

    @classmethod
    def cb_discover(cls, ctx: click.Context, param: click.Option, value: bool) -> None:  # noqa: ARG003, FBT001
        """Print the catalog; the SDK's own hides what kind of error ends it."""
        if not value:
            return
        config = ctx.params["config"]
        with told_in_one_line(cls.logger):
            cls(
                config=config.config, parse_env_config=config.parse_env, validate_config=False
            ).run_discovery()
            ctx.exit()

    @classmethod
    def cb_test(cls, ctx: click.Context, param: click.Option, value: str) -> None:  # noqa: ARG003
        """Read one record of each selected stream; the SDK's own knows no catalog."""
        if value == CliTestOptionValue.Disabled.value:
            return
        given = (ctx.params[name] for name in ("config", "catalog", "state"))
        tests: dict[str, Callable[[Any], object]] = {
            CliTestOptionValue.All.value: cls.run_connection_test,
            CliTestOptionValue.Schema.value: cls.write_schemas,
        }
        with told_in_one_line(cls.logger):
            if value not in tests:
                raise ConfigurationError(f"--test={value} is unknown. Use --test or --test=schema.")
            tests[value](cls._from(*given))
            ctx.exit()
