"""Runs the tap as its users do, by its command line, and reads the Singer messages."""

from __future__ import annotations

import gc
import io
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
import warnings
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from unittest import mock

import msgspec
from singer_sdk.typing import DEFAULT_JSONSCHEMA_VALIDATOR

from simulator import Simulator
from tap_younium.api import retry, throttle
from tap_younium.child import ChildStream
from tap_younium.client import NestedStream
from tap_younium.streams import STREAMS
from tap_younium.tap import TapYounium

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

Row = dict[str, Any]

_COLLECTIONS = sorted(
    (it for it in STREAMS if not issubclass(it, NestedStream | ChildStream)),
    key=lambda stream: stream.name,
)
COLLECTIONS = {stream.name: stream.path.removeprefix("/") for stream in _COLLECTIONS}
"""The streams of collections, and the path that each is read from."""

ALL = tuple(COLLECTIONS)
NOT_BY_DEFAULT = {stream.name for stream in _COLLECTIONS if not stream.selected_by_default}
UNPAGED = {stream.name for stream in _COLLECTIONS if not stream.paged}
INCREMENTAL = {stream.name for stream in _COLLECTIONS if stream.replication_key}
OWN = {"_legal_entity", "_last_modified", "_read_at", "_extra"}
"""The tap's own columns."""
PLACE = ("_root_id", "_parent_id", "_position")
"""Those of nested and child streams, which say where a row was."""


class Digits(str):
    """A JSON number as it was written; its type distinguishes it from text."""

    __slots__ = ()


def exactly(line: str | bytes) -> Any:
    """Decode JSON and keep every number's digits."""
    return json.loads(line, parse_float=Digits, parse_int=Digits, parse_constant=_no_number)


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is not JSON")


@dataclass
class Output:
    """The result of a run."""

    exit_code: int
    stdout: str
    stderr: str
    waits: list[float] = field(default_factory=list)
    """The waits between tries, in seconds, which a process would really wait."""

    @cached_property
    def lines(self) -> list[str]:
        """The lines; each must end with a line break."""
        assert not self.stdout or self.stdout.endswith("\n"), self.stdout[-200:]
        return self.stdout.split("\n")[:-1]

    @cached_property
    def messages(self) -> list[Row]:
        """The lines, decoded."""
        return [json.loads(line) for line in self.lines]

    def of_type(self, kind: str) -> list[Row]:
        """The messages of one type."""
        return [message for message in self.messages if message["type"] == kind]

    @cached_property
    def schemas(self) -> dict[str, Row]:
        """The SCHEMA message of each stream."""
        return {message["stream"]: message for message in self.of_type("SCHEMA")}

    @cached_property
    def records(self) -> dict[str, list[Row]]:
        """The rows of each stream that has any."""
        return _by_stream(self.messages)

    @cached_property
    def exact(self) -> dict[str, list[Row]]:
        """The same with numbers as `Digits`."""
        return _by_stream([exactly(line) for line in self.lines])

    @cached_property
    def state(self) -> Row:
        """The last state."""
        states = self.of_type("STATE")
        found: Row = states[-1]["value"] if states else {}
        return found

    def bookmark(self, table: str, entity: str | None = None) -> str | None:
        """A stream's bookmark in the last state."""
        state: Row = self.state.get("bookmarks", {}).get(table, {})
        if entity is not None:
            state = next(
                part for part in state["partitions"] if part["context"] == {"_legal_entity": entity}
            )
        value: str | None = state.get("replication_key_value")
        return value

    @cached_property
    def complaints(self) -> list[str]:
        """The lines on stderr that say that the run failed."""
        return [line for line in self.stderr.splitlines() if "| CRITICAL" in line]

    @cached_property
    def complaint(self) -> str:
        """The one line that says that the run failed."""
        assert self.exit_code in (1, 2), (self.exit_code, self.stderr)
        assert "Traceback" not in self.stderr, self.stderr
        assert len(self.complaints) == 1, self.stderr
        return self.complaints[0]

    def warnings(self, word: str = "") -> list[str]:
        """The warnings that contain a word."""
        found = [line for line in self.stderr.splitlines() if "| WARNING" in line]
        return [line for line in found if word in line]

    def errors(self, word: str = "") -> list[str]:
        """The errors that did not end the run and contain a word."""
        found = [line for line in self.stderr.splitlines() if "| ERROR" in line]
        return [line for line in found if word in line]

    def well(self) -> Output:
        """The same output, of a run that must have succeeded."""
        assert self.exit_code == 0, self.stderr
        assert not self.complaints, self.stderr
        return self


def _by_stream(messages: list[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for message in messages:
        if message["type"] == "RECORD":
            found.setdefault(message["stream"], []).append(message["record"])
    return found


class Clock:
    """A clock that runs on its own, and jumps ahead where the tap would sleep.

    Args:
        share: How much of each wait passes in real time, for a server that must come back first.
    """

    def __init__(self, share: float = 0) -> None:
        self.waits: list[float] = []
        self._ahead = 0.0
        self._share = share

    def now(self) -> float:
        """Return the seconds since an arbitrary moment."""
        return time.monotonic() + self._ahead

    def sleep(self, seconds: float) -> None:
        """Record a wait."""
        until = self.now() + seconds  # several threads wait at the same time
        self.waits.append(seconds)
        threading.Event().wait(self._share * seconds)
        self._ahead = max(self._ahead, until - time.monotonic())

    @contextmanager
    def ticking(self) -> Iterator[None]:
        """Have the tap use this clock."""
        with (
            mock.patch.object(time, "sleep", self.sleep),
            mock.patch.object(retry, "monotonic", self.now),
            mock.patch.object(throttle, "monotonic", self.now),
        ):
            yield


class Younium(Simulator):
    """A simulator for one test, which does not wait for it to stop."""

    def __exit__(self, *_: object) -> None:
        threading.Thread(target=super().__exit__).start()


def config_of(simulator: Simulator, **more: Any) -> Row:
    """Settings to read a simulator, with all its legal entities if it has several."""
    settings: Row = {
        "client_id": simulator.client_id,
        "client_secret": simulator.client_secret,
        "api_url": simulator.url,
    }
    names = [name for _, name in simulator.entities]
    if len(names) > 1:
        settings["legal_entities"] = names
    return settings | more


@cache
def _discovered(entities: tuple[str, ...]) -> str:
    settings = {"legal_entities": list(entities)} if entities else {}
    return run(settings, "--discover").well().stdout


def catalog(
    select: Iterable[str] | None = None,
    entities: Sequence[str] = (),
    config: Mapping[str, Any] | None = None,
) -> Row:
    """The discovered catalog with only these streams selected; None leaves it as it is.

    It is discovered without credentials unless `config` has some.
    """
    text = run(config, "--discover").well().stdout if config else _discovered(tuple(entities))
    found: Row = msgspec.json.decode(text)
    if select is not None:
        wanted = set(select)
        assert wanted <= {stream["tap_stream_id"] for stream in found["streams"]}
        for stream in found["streams"]:
            metadata_of(stream)["selected"] = stream["tap_stream_id"] in wanted
    return found


def table_of(found: Row, table: str) -> Row:
    """A stream's entry in a catalog."""
    entry: Row = next(each for each in found["streams"] if each["tap_stream_id"] == table)
    return entry


def metadata_of(entry: Row, *breadcrumb: str) -> Row:
    """The metadata of a stream in a catalog's entry or, with a breadcrumb, of a column."""
    metadata: Row = next(
        each["metadata"] for each in entry["metadata"] if each["breadcrumb"] == list(breadcrumb)
    )
    return metadata


@contextmanager
def _files(
    config: Mapping[str, Any] | None,
    arguments: Sequence[str],
    chosen: Row | None,
    state: Row | None,
    select: Iterable[str] | None,
) -> Iterator[list[str]]:
    texts = {
        name: json.dumps(content)
        for name, content in (("config", config), ("catalog", chosen), ("state", state))
        if content is not None
    }
    if select is not None and chosen is None:
        entities = (config or {}).get("legal_entities") or ()
        texts["catalog"] = _selected(tuple(select), tuple(entities))
    with TemporaryDirectory(prefix="tap-younium-test-") as folder:
        line = list(arguments)
        for name, text in texts.items():
            file = Path(folder, f"{name}.json")
            file.write_text(text)
            line += [f"--{name}", str(file)]
        yield line


@cache
def _selected(select: tuple[str, ...], entities: tuple[str, ...]) -> str:
    chosen = catalog(select, entities)
    for stream in chosen["streams"]:
        if not metadata_of(stream)["selected"]:  # reading its columns would only take time
            stream["schema"] = {"type": "object", "properties": {}}
            stream["metadata"] = [each for each in stream["metadata"] if not each["breadcrumb"]]
    return json.dumps(chosen)


def run(
    config: Mapping[str, Any] | None,
    *arguments: str,
    catalog: Row | None = None,
    state: Row | None = None,
    select: Iterable[str] | None = None,
    clock: Clock | None = None,
) -> Output:
    """Run the tap's command line in this process; waits between tries take no time.

    Args:
        config: The content of the settings' file, if there is one.
        arguments: More of the command line, e.g. `--discover`.
        catalog: The content of the catalog's file.
        state: The content of the state's file.
        select: The streams to select in a catalog.
        clock: The clock to use.
    """
    code: object = None
    clock = clock or Clock()
    with _files(config, arguments, catalog, state, select) as line, _tidy(), _frozen():
        out, err = io.StringIO(), io.StringIO()
        with (
            redirect_stdout(out),
            redirect_stderr(err),
            clock.ticking(),
        ):
            try:
                TapYounium.cli.main(line, prog_name="tap-younium")
            except SystemExit as end:
                code = end.code
        assert isinstance(code, int), code
        if code:
            gc.collect()  # report an open connection in this test, not in another
    return Output(code, out.getvalue(), err.getvalue(), clock.waits)


@contextmanager
def _frozen() -> Iterator[None]:
    """Exclude what exists already from garbage collection, which would take most of the time."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


@contextmanager
def _tidy() -> Iterator[None]:
    """Undo what a command line sets for its whole process."""
    root, own = logging.getLogger(), logging.getLogger("tap-younium")
    before = root.handlers[:], root.level, own.level, sys.excepthook
    main = threading.current_thread() is threading.main_thread()
    signals = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with warnings.catch_warnings():
            yield
    finally:
        logging.captureWarnings(capture=False)
        root.handlers[:], root.level, own.level, sys.excepthook = before
        logging.getLogger("singer_sdk.metrics").setLevel(logging.NOTSET)
        for number, handler in signals.items() if main else ():
            signal.signal(number, handler)


COMMAND = (sys.executable, "-m", "tap_younium")


@contextmanager
def started(
    config: Mapping[str, Any] | None,
    *arguments: str,
    catalog: Row | None = None,
    state: Row | None = None,
    select: Iterable[str] | None = None,
    env: Mapping[str, str] | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """Start the tap as a process; arguments as for `run`."""
    with (
        _files(config, arguments, catalog, state, select) as line,
        subprocess.Popen(
            [*COMMAND, *line],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **(env or {})},
        ) as process,
    ):
        try:
            yield process
        finally:
            process.kill()


def run_process(config: Mapping[str, Any] | None, *arguments: str, **options: Any) -> Output:
    """Run the tap as a process; arguments as for `started`."""
    with started(config, *arguments, **options) as process:
        out, err = process.communicate(timeout=60)
        return Output(process.returncode, out.decode(), err.decode())


def validate(output: Output) -> int:
    """Validate every row against the SCHEMA message before it; return the number of rows.

    Draft 2020-12 with a format checker, which checks `date-time` and `uuid`.
    """
    validators: dict[str, Any] = {}
    count = 0
    for message in output.messages:
        if message["type"] == "SCHEMA":
            validators[message["stream"]] = DEFAULT_JSONSCHEMA_VALIDATOR(
                message["schema"], format_checker=DEFAULT_JSONSCHEMA_VALIDATOR.FORMAT_CHECKER
            )
        elif message["type"] == "RECORD":
            for error in validators[message["stream"]].iter_errors(message["record"]):
                raise AssertionError(f"{message['stream']}: {error.json_path}: {error.message}")
            count += 1
    return count


def ends(process: int) -> bool:
    """Whether a process ends in five seconds; it can stay as a zombie, without arguments."""
    for _ in range(500):
        try:
            if not Path(f"/proc/{process}/cmdline").read_bytes():
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.01)
    return False
