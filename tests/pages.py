"""The code blocks of README, CONTRIBUTING, the benchmark's page and the pages in `docs`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "benchmarks/README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
_FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    page: Path
    language: str
    text: str

    def __str__(self) -> str:
        """Where it is, for the name of a test."""
        number = [it.text for it in blocks(self.language) if it.page == self.page].index(self.text)
        return f"{self.page.relative_to(ROOT)}-{number}"


def blocks(*languages: str) -> list[Block]:
    """The blocks in these languages."""
    return [
        Block(page, language, body)
        for page in PAGES
        for language, body in _FENCED.findall(page.read_text(encoding="utf-8"))
        if language in languages
    ]


def commands(*, meltano: bool) -> list[str]:
    """The commands of the pages, line by line: those that run Meltano, or the others."""
    lines = (line for block in blocks("sh", "console") for line in block.text.splitlines())
    return [line for line in lines if ("uvx --from 'meltano" in line) is meltano]
