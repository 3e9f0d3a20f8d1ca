"""`python -m simulator serve`: serve a made-up Younium on this machine."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

from simulator.contract import Contract
from simulator.faults import Fault, Kind
from simulator.server import Simulator

_ENTITIES = ["Nordic AB", "Läkarö & Söner"]


def main(argv: list[str]) -> int:
    """Runs a command of the simulator; returns the exit code."""
    command, *options = argv or [""]
    if command == "serve":
        return _serve(options)
    if command == "demo":
        # The demo brings a loader and a runner with it, which a server does not need.
        from simulator.demo import main as demo  # noqa: PLC0415

        return demo(options)
    print("usage: python -m simulator {serve,demo} [--help]", file=sys.stderr)
    return 2


def _serve(options: list[str]) -> int:
    """Serves until interrupted."""
    asked = _parser().parse_args(options)
    simulator = Simulator(
        rows=asked.rows,
        accounts=asked.accounts,
        seed=asked.seed,
        entities=asked.entity or _ENTITIES,
        records=asked.records,
        port=asked.port,
        token_lifetime=asked.token_lifetime,
        latency=asked.latency,
        forbidden=asked.forbid,
        faults=asked.fault,
        **dict(asked.set),
    )
    with simulator:
        _announce(simulator)
        try:
            simulator.wait()
        except KeyboardInterrupt:
            return 0
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m simulator serve",
        description="Serve a local Younium with fictional companies. Prints the tap's settings.",
    )
    parser.add_argument("--port", type=int, default=8765, help="0 for a free one (default 8765)")
    parser.add_argument("--accounts", type=_count, default=50, help="per legal entity (default 50)")
    parser.add_argument("--rows", type=_count, help="number of rows in every collection")
    parser.add_argument(
        "--seed", type=int, default=1, help="a seed of the fictional companies (default 1)"
    )
    parser.add_argument(
        "--entity",
        action="append",
        metavar="NAME",
        help="a legal entity; can be repeated",
    )
    parser.add_argument("--records", type=Path, metavar="DIR", help="serve JSONL files instead")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds per answer")
    parser.add_argument(
        "--token-lifetime", type=float, default=86400, metavar="SECONDS", help="default 86400"
    )
    parser.add_argument(
        "--forbid", action="append", default=[], metavar="PATH", help="answer 403, e.g. Users"
    )
    parser.add_argument(
        "--fault",
        type=_fault,
        action="append",
        default=[],
        metavar="KIND[,NAME=VALUE…]",
        help="e.g. throttled,path=/Invoices,page=last,times=2,retry_after=1; can be repeated",
    )
    parser.add_argument(
        "--set",
        type=_option,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help=f"an option of the contract: {', '.join(_names(Contract))}",
    )
    return parser


def _names(described: type[Contract | Fault]) -> list[str]:
    return [each.name for each in fields(described) if each.init]


def _value(text: str) -> Any:
    """A number, true, false, null or a list as in JSON; otherwise the text itself."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _fault(text: str) -> Fault:
    kind, *others = text.split(",")
    known = dict(_pair(other, Fault) for other in others)
    if kind not in get_args(Kind):
        raise argparse.ArgumentTypeError(f"unknown kind {kind}; choose from {get_args(Kind)}")
    return Fault(**{"kind": kind} | known)


def _option(text: str) -> tuple[str, Any]:
    return _pair(text, Contract)


def _pair(text: str, described: type[Contract | Fault]) -> tuple[str, Any]:
    name, _, value = text.partition("=")
    if name not in _names(described):
        raise argparse.ArgumentTypeError(f"unknown name {name}; choose from {_names(described)}")
    # A header's value is text, even if it looks like a number.
    return name, value if name == "retry_after" else _value(value)


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return count


def _announce(simulator: Simulator) -> None:
    """Prints the tap's settings as a shell and a `.env` take them."""
    entities = json.dumps([name for _, name in simulator.entities], ensure_ascii=False)
    settings = {
        "API_URL": simulator.url,
        "CLIENT_ID": simulator.client_id,
        "CLIENT_SECRET": simulator.client_secret,
        "LEGAL_ENTITIES": entities,
    }
    lines = [
        f"# Younium simulator at {simulator.url}. Press Ctrl-C to stop it.",
        *(f"# Legal entity {name}: {entity_id}" for entity_id, name in simulator.entities),
        "# Settings of the tap, for another shell or a .env file:",
        *(f"export TAP_YOUNIUM_{name}={shlex.quote(it)}" for name, it in settings.items()),
    ]
    print("\n".join(lines), flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
