"""The command line: options, input files, signals, and errors in one line."""

from __future__ import annotations

import json
import os
import signal
import sys
from contextlib import contextmanager
from functools import partial
from io import StringIO
from pathlib import Path
from threading import Timer
from typing import IO, TYPE_CHECKING, Any, Self, cast

import click
import msgspec
from singer_sdk import Tap
from singer_sdk.tap_base import CliTestOptionValue

from tap_younium.exceptions import ConfigurationError, describe, exit_code

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Iterator
    from types import FrameType

    from tap_younium.records.writer import LineWriter

_COMMAND = "tap-younium"
"""Marks a click context as that of the tap's own process."""


class CommandLineTap(Tap):
    """A tap with the command line of tap-younium."""

    _stopping = False
    """Whether a signal has arrived."""

    def check(self, *, as_json: bool = False) -> None:
        """Print which streams can be read, what is wrong, and what a first load costs."""
        raise NotImplementedError

    def write_last_state(self) -> None:
        """Write the last STATE of the run, and flush all lines."""
        raise NotImplementedError

    @classmethod
    def get_singer_command(cls) -> click.Command:
        """Return the SDK's command with the option `--check`."""
        command = super().get_singer_command()
        help_text = "Check which streams can be read, and estimate what a first load costs."
        command.params.append(click.Option(["--check"], is_flag=True, help=help_text))
        command.context_settings["obj"] = _COMMAND
        for option in command.params:
            if option.name == "about_format":
                option.help = "Specify output style for --about, or json for --check"
            if option.name in {"catalog", "state"}:
                option.callback, option.is_eager = cls.cb_file, True  # before `--test` runs
        return command

    @classmethod
    def _from_options(cls, config: Any, catalog: IO[str] | None, state: IO[str] | None) -> Self:
        """Return the tap for the options of a command line."""
        return cls(
            config=config.config,
            parse_env_config=config.parse_env,
            catalog=json.load(catalog) if catalog else None,
            state=json.load(state) if state else None,
        )

    @classmethod
    def invoke(cls, *, check: bool = False, **options: Any) -> None:
        """Run the tap."""
        with errors_in_one_line(cls.logger):
            if check and not options["about"]:
                tap = cls._from_options(options["config"], options["catalog"], None)
                tap.check(as_json=options["about_format"] == "json")
            else:
                super().invoke(**options)

    @classmethod
    def cb_config(cls, ctx: click.Context, param: click.Option, value: tuple[str, ...]) -> Any:
        """Read the config files."""
        with errors_in_one_line(cls.logger):
            for name in value:
                if name != "ENV":
                    read_json_object("config", partial(Path(name).read_text, encoding="utf-8"))
            return super().cb_config(ctx, param, value)

    @classmethod
    def cb_file(cls, _: click.Context, param: click.Parameter, value: IO[str] | None) -> Any:
        """Read the catalog file or the state file."""
        if value is None:
            return None
        with errors_in_one_line(cls.logger), value:
            return read_json_object(str(param.name), value.read)

    @classmethod
    def cb_discover(cls, ctx: click.Context, param: click.Option, value: bool) -> None:  # noqa: ARG003, FBT001
        """Print the catalog; the SDK's method hides the kind of an error."""
        if not value:
            return
        config = ctx.params["config"]
        with errors_in_one_line(cls.logger):
            cls(
                config=config.config, parse_env_config=config.parse_env, validate_config=False
            ).run_discovery()
            ctx.exit()

    @classmethod
    def cb_test(cls, ctx: click.Context, param: click.Option, value: str) -> None:  # noqa: ARG003
        """Read one record of each selected stream; the SDK's method ignores the catalog."""
        if value == CliTestOptionValue.Disabled.value:
            return
        options = (ctx.params[name] for name in ("config", "catalog", "state"))
        tests: dict[str, Callable[[Any], object]] = {
            CliTestOptionValue.All.value: cls.run_connection_test,
            CliTestOptionValue.Schema.value: cls.write_schemas,
        }
        with errors_in_one_line(cls.logger):
            if value not in tests:
                raise ConfigurationError(f"--test={value} is unknown. Use --test or --test=schema.")
            tests[value](cls._from_options(*options))
            ctx.exit()

    def _setup_signal_handlers(self) -> None:
        """Handle signals only on the command line.

        Private in the SDK, which has no other way to keep the handlers of a host application.
        """
        context = click.get_current_context(silent=True)
        if context and context.obj == _COMMAND:
            super()._setup_signal_handlers()

    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """Stop at a signal: complete lines, a last STATE, exit code 128 + the signal's number.

        Private in the SDK, whose method writes an incomplete line and exits with 0. Threads that
        wait for a response are not waited for. A second signal stops the process at once if a write
        waits for the reader. Otherwise it may be the first signal, sent twice: the process gets one
        more second.
        """
        writer = cast("LineWriter", self.message_writer)
        if self._stopping:
            Timer(0 if writer.writing else 1, os._exit, [128 + signum]).start()
            return
        self._stopping = True

        def stop() -> None:
            try:
                self.write_last_state()
                # Logging comes last: it fails if the signal interrupted another log line, and
                # blocks if nobody reads it.
                Timer(1, os._exit, [128 + signum]).start()
                self.logger.warning("Stopped by %s.", signal.Signals(signum).name)
            finally:
                os._exit(128 + signum)

        writer.call_between_writes(stop)


@contextmanager
def errors_in_one_line(logger: logging.Logger) -> Iterator[None]:
    """Log an error in one line and exit with its code; the stack trace is logged at DEBUG."""
    try:
        yield
    except click.exceptions.Exit:
        raise
    except Exception as error:
        for line in describe(error):
            logger.critical(line)
        logger.debug("Where it happened:", exc_info=True)
        sys.exit(exit_code(error))


def read_json_object(name: str, read: Callable[[], str]) -> IO[str]:
    """Return the text of a file, to be read again.

    Args:
        name: `config`, `catalog` or `state`.
        read: Reads the file.

    Raises:
        ConfigurationError: If it cannot be read, or is not a JSON object.
    """
    try:
        text = read()
        if name == "config":  # a lone surrogate in a setting is reported with the setting's name
            value = json.loads(text, parse_constant=int)  # NaN is not JSON, and not an integer
        else:
            value = msgspec.json.decode(text)
    except OSError as error:
        raise ConfigurationError(
            f"Cannot read the {name} file {error.filename}: {error.strerror}. Check the path."
        ) from error
    except (ValueError, RecursionError, msgspec.MsgspecError):
        value = None
    if not isinstance(value, dict):
        raise ConfigurationError(f"The {name} file is not a JSON object. Fix or regenerate it.")
    return StringIO(text)
