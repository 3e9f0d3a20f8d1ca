"""Chromium without a window, driven through its own protocol over two pipes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from select import select
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Iterator

    Message = dict[str, Any]

NAMES = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-pipe",
)
PATIENCE = 30
"""Seconds to wait for an answer."""


def program() -> str | None:
    """Where the browser is, if it is installed."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Browser:
    """One browser with one page, and a profile that is gone with it."""

    def __init__(self, path: str) -> None:
        self._profile = TemporaryDirectory(prefix="tap-younium-site-", ignore_cleanup_errors=True)
        ours, theirs = os.pipe(), os.pipe()
        pipes = f'exec "$@" 3<&{ours[0]} 4>&{theirs[1]}'
        options = (*OPTIONS, f"--user-data-dir={self._profile.name}", "about:blank")
        self._process = subprocess.Popen(
            ["/bin/bash", "-c", pipes, "bash", path, *options],
            pass_fds=(ours[0], theirs[1]),
            stderr=subprocess.DEVNULL,
        )
        os.close(ours[0])
        os.close(theirs[1])
        self._write, self._read = ours[1], theirs[0]
        self._rest = b""
        self._count = 0
        self._session: str | None = None
        self.events: list[Message] = []
        """What the page has told since it was opened."""

    def __enter__(self) -> Self:
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Log", "Network", "Page", "Runtime"):
            self.call(f"{domain}.enable")
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()
        os.close(self._write)
        os.close(self._read)
        self._profile.cleanup()

    def call(self, method: str, **params: Any) -> Message:
        """Ask the browser for something; return its answer."""
        self._count += 1
        message: Message = {"id": self._count, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        for answer in self._messages():
            if answer.get("id") == self._count:
                assert "error" not in answer, (method, answer["error"])
                result: Message = answer["result"]
                return result
        raise AssertionError(f"{method}: the browser is gone")

    def _messages(self) -> Iterator[Message]:
        """What the browser says; events are kept too."""
        while True:
            *lines, self._rest = self._rest.split(b"\0")
            for number, line in enumerate(lines):
                message = json.loads(line)
                if "method" in message:
                    self.events.append(message)
                self._rest = b"\0".join([*lines[number + 1 :], self._rest])
                yield message
                break
            else:
                assert select([self._read], [], [], PATIENCE)[0], "no word from the browser"
                piece = os.read(self._read, 1 << 16)
                if not piece:
                    return
                self._rest += piece

    def open(self, url: str, width: int, *, dark: bool = False) -> None:
        """Open a page in a window of a width, and wait until all of it is there."""
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
        self.call("Emulation.setDeviceMetricsOverride", **size)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        self.events.clear()
        self.call("Page.navigate", url=url)
        loaded = "Page.loadEventFired"
        if not any(event["method"] == loaded for event in self.events):
            next(it for it in self._messages() if it.get("method") == loaded)

    def value(self, expression: str) -> Any:
        """What an expression of JavaScript gives in the page; a promise is waited for."""
        options = {"returnByValue": True, "awaitPromise": True}
        found = self.call("Runtime.evaluate", expression=expression, **options)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    @property
    def complaints(self) -> list[Message]:
        """Errors on the console, exceptions, and whatever could not be loaded."""
        return [
            event
            for event in self.events
            if event["method"] in {"Runtime.exceptionThrown", "Network.loadingFailed"}
            or event["params"].get("type") == "error"
            or event["params"].get("entry", {}).get("level") == "error"
        ]

    @property
    def asked(self) -> list[str]:
        """The addresses that the page asked for."""
        sent = (it for it in self.events if it["method"] == "Network.requestWillBeSent")
        return [event["params"]["request"]["url"] for event in sent]
