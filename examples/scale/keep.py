"""A target that keeps each table's rows as JSON lines: `python -m examples.scale.keep FOLDER`."""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TextIO


def main(folder: Path) -> None:
    """Reads a tap's messages; says each state when the rows before it are kept."""
    folder.mkdir(parents=True, exist_ok=True)
    files: dict[str, TextIO] = {}
    with ExitStack() as stack:
        for line in sys.stdin:
            message = json.loads(line)
            table = message.get("stream")
            if message["type"] == "SCHEMA" and table not in files:
                file = (folder / f"{table}.jsonl").open("a", encoding="utf-8")
                files[table] = stack.enter_context(file)
            elif message["type"] == "RECORD":
                files[table].write(line)
            elif message["type"] == "STATE":
                for kept in files.values():
                    kept.flush()
                print(json.dumps(message["value"]), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
