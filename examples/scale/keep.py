"""A target that stores each stream as JSON lines: `python -m examples.scale.keep FOLDER`."""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TextIO


def main(folder: Path) -> None:
    """Read a tap's messages. Print each state after the rows before it are stored."""
    folder.mkdir(parents=True, exist_ok=True)
    files: dict[str, TextIO] = {}
    with ExitStack() as stack:
        for line in sys.stdin:
            message = json.loads(line)
            stream = message.get("stream")
            if message["type"] == "SCHEMA" and stream not in files:
                file = (folder / f"{stream}.jsonl").open("a", encoding="utf-8")
                files[stream] = stack.enter_context(file)
            elif message["type"] == "RECORD":
                files[stream].write(line)
            elif message["type"] == "STATE":
                for written in files.values():
                    written.flush()
                print(json.dumps(message["value"]), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
