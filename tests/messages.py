"""The tap's messages as they are in its code, with `…` for values."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = Path(__file__).parent.parent / "tap_younium"


def templates() -> set[str]:
    """Every error and warning in the code, and each reason that it gives for one."""
    return {
        text
        for file in CODE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        for said in _said(node, file.name)
        if re.search(r"[a-z]{2}|\d{3}", text := _text(said))
    }


def _said(node: ast.AST, file: str) -> Iterator[ast.expr]:
    """The text of a node: of an exception or a warning, or of a wrong setting."""
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
        if name.endswith("Error") or name in {"warning", "warn", "error"}:
            yield from node.args[:1]
        elif name == "log":
            yield from node.args[1:2]
    elif file == "config.py" and isinstance(node, ast.Yield) and node.value:
        yield node.value
    elif (
        file == "exceptions.py"
        and isinstance(node, ast.Return)
        and isinstance(node.value, ast.List)
    ):
        yield from node.value.elts


def _text(node: ast.expr) -> str:
    """A literal's text; empty for any other node."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.sub(r"%(\.\d)?[sdfr]", "…", node.value)
    if isinstance(node, ast.JoinedStr):
        parts = (part.value if isinstance(part, ast.Constant) else "…" for part in node.values)
        return "".join(map(str, parts))
    return ""
