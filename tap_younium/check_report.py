"""What `--check` prints: the streams of each legal entity, what is wrong, and what to do first."""

from __future__ import annotations

import shutil
import sys
import textwrap
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from math import isnan
from typing import TYPE_CHECKING, Any

from tap_younium.exceptions import ForbiddenError
from tap_younium.progress import amount, duration

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tap_younium.check import Check, Finding

_HEAD = ["stream", "readable", "rows", "pages", "requests", "time"]


@dataclass
class Problem:
    """Why streams cannot be read, in all legal entities where the cause is the same.

    Attributes:
        cause: `legal_entity`, `permission` or `error`.
        response: What was requested, and what came back.
        permission: The missing permission; None if Younium does not document it.
        legal_entities: The legal entities.
        streams: The names of the streams.
        selected: Whether any of them is read by default, or selected by the catalog.
    """

    cause: str
    response: str
    permission: str | None = None
    legal_entities: list[str | None] = field(default_factory=list)
    streams: list[str] = field(default_factory=list)
    selected: bool = False


class Report:
    """The result of a check, as text or as JSON.

    Args:
        check: The check.
        legal_entities: The legal entities in the settings.
        unavailable: What discovery could not read.
        parallel_requests: The number of concurrent requests.
        skip_forbidden: Whether a run skips forbidden streams.
    """

    def __init__(
        self,
        check: Check,
        legal_entities: Sequence[str],
        unavailable: Sequence[tuple[str, str | None, Exception]],
        parallel_requests: int,
        *,
        skip_forbidden: bool,
    ) -> None:
        self._findings = check.findings
        self._known = check.known_entities
        self._legal_entities = legal_entities
        self._unavailable = unavailable
        self._parallel_requests = parallel_requests
        self._skip_forbidden = skip_forbidden

    @cached_property
    def problems(self) -> list[Problem]:
        """What is wrong: first what a run would read, then wrong legal entities, then the rest."""
        found: dict[object, Problem] = {}
        known = {*self._known, *self._known.values()}
        closed = [entity for entity, each in self._findings.items() if _is_closed(each)]
        wrong = [entity for entity in closed if entity not in known]
        for entity, findings in self._findings.items():
            for each in findings:
                if each.error and entity not in wrong:
                    problem = _problem(entity, each.error, each.permission)
                    _add(found, problem, entity, each.stream.name, selected=each.stream.selected)
        for name, entity, error in self._unavailable:
            if entity not in wrong:
                _add(found, _problem(entity, error), entity, name, selected=True)
        for entity in wrong:
            # one response shows it as well as all of them
            errors = [each.error for each in self._findings[entity]]
            error = next(it for it in errors if isinstance(it, ForbiddenError))
            problem = Problem("legal_entity", _response(entity, error), selected=True)
            problem.streams = [each.stream.name for each in self._findings[entity]]
            problem.legal_entities = [entity]
            found[entity, error] = problem
        order = ("legal_entity", "permission", "error")
        return sorted(found.values(), key=lambda it: (not it.selected, order.index(it.cause)))

    @cached_property
    def absent_entities(self) -> dict[str, str]:
        """The names of known legal entities that are not in the settings, by id."""
        if not self._legal_entities and len(self._known) < 2:  # noqa: PLR2004 - it is the one read
            return {}
        given = set(self._legal_entities)
        return {key: name for key, name in self._known.items() if given.isdisjoint({key, name})}

    @cached_property
    def _obstacles(self) -> list[Problem]:
        """The problems that make a run fail."""
        skips = self._skip_forbidden and not any(map(_is_closed, self._findings.values()))
        return [
            it for it in self.problems if it.selected and not (skips and it.cause == "permission")
        ]

    @cached_property
    def ready(self) -> bool:
        """Whether a run can read all that it would read."""
        return not self._obstacles

    @cached_property
    def next_step(self) -> str:
        """One sentence: ready, or what to do first."""
        if self.ready:
            findings = [each for found in self._findings.values() for each in found]
            selected = {each.stream.name for each in findings if each.stream.selected}
            if skipped := selected & {each.stream.name for each in findings if each.error}:
                numbers = f"{len(selected - skipped)} of {len(selected)}"
                return (
                    f"Ready: {numbers} selected streams can be read; skip_forbidden_streams skips "
                    "the others."
                )
            return f"Ready: all selected streams can be read ({len(selected)})."
        first = self._obstacles[0]
        if first.cause == "legal_entity":
            return "Not ready: first correct legal_entities in the settings."
        if first.cause == "error":
            return "Not ready: first resolve the errors above, or check again later."
        names = {it.permission for it in self._obstacles if it.permission}
        permissions = " and ".join(map(repr, sorted(names))) or "that are missing"
        noun = "permission" if len(names) == 1 else "permissions"
        return (
            f"Not ready: first ask an administrator of Younium for the {noun} {permissions}, "
            "deselect the streams, or set skip_forbidden_streams."
        )

    # As JSON

    def as_json(self) -> dict[str, Any]:
        """Return the report as JSON values. Null: Younium does not say."""
        return {
            "ready": self.ready,
            "next_step": self.next_step,
            "problems": [
                {
                    "cause": problem.cause,
                    "message": self._describe(problem),
                    "permission": problem.permission,
                    "legal_entities": problem.legal_entities,
                    "streams": problem.streams,
                }
                for problem in self.problems
            ],
            "absent_legal_entities": [
                {"id": key, "name": name} for key, name in self.absent_entities.items()
            ],
            "legal_entities": [
                {"legal_entity": entity, "streams": [_as_json(each) for each in found]}
                for entity, found in self._findings.items()
            ],
        }

    # As text

    def as_text(self) -> Iterator[str]:
        """Yield the report in lines, wrapped to the width of the terminal if there is one."""
        width = shutil.get_terminal_size(fallback=(0, 0)).columns or sys.maxsize
        for entity, found in self._findings.items():
            readable = [each for each in found if not each.error]
            heading = f"Legal entity {entity}" if entity else "No legal entity set"
            numbers = f"{len(readable)} of {amount(len(found), 'stream')}"
            yield from textwrap.wrap(f"{heading}: {numbers} can be read.", width)
            if readable:
                yield ""
                yield from _table([_HEAD, *map(_cells, found)], width)
                yield ""
                yield from textwrap.wrap(_load(readable), width)
            yield ""
        notes = [self._legend, *map(self._describe, self.problems)]
        if self.absent_entities:
            notes.append(f"Not in legal_entities: {_names(self.absent_entities)}.")
        for note in filter(None, notes):
            yield from textwrap.wrap(note, width, break_long_words=False)
            yield ""
        yield from textwrap.wrap(self.next_step, width)

    def _describe(self, problem: Problem) -> str:
        """Return what is wrong, and what to do."""
        entities = ", ".join(str(entity) for entity in problem.legal_entities if entity)
        where = f" in {entities}" if entities else ""
        streams = ", ".join(problem.streams)
        if problem.cause == "error":
            return f"Cannot be read{where}: {streams}. {problem.response}"
        if problem.cause == "permission":
            name = (
                f"the permission {problem.permission!r}" if problem.permission else "a permission"
            )
            return f"Most likely {name} is missing{where}: {streams}. {problem.response}"
        known = f" Younium lists {_names(self._known)}." if self._known else ""
        if not entities:
            text = f"Younium forbids all streams without a legal entity.{known} {problem.response}"
            return f"Set legal_entities. {text}"
        doubt = "" if self._known else ", or the token's user has no permission in it"
        return f"Legal entity {entities!r} is wrong{doubt}.{known} {problem.response}"

    @property
    def _legend(self) -> str:
        all_found = list(chain.from_iterable(self._findings.values()))
        notes = {
            "The time is estimated from these responses, with "
            f"{self._parallel_requests} concurrent requests; full pages take longer than one row. "
            "Pages that several streams share count once.": (
                not all(each.error for each in all_found)
            ),
            "*: not read by default.": not all(each.stream.selected for each in all_found),
            "~: estimated from one record.": any(each.is_estimate for each in all_found),
            "?: Younium does not say.": any(isnan(each.requests) for each in all_found),
            "unknown: the record received has no parents to request.": any(
                each.untried for each in all_found
            ),
        }
        return " ".join(text for text, applies in notes.items() if applies)


def _is_closed(findings: Sequence[Finding]) -> bool:
    """Return whether Younium forbids a legal entity: nothing can be read, and there is a 403."""
    return all(each.error for each in findings) and any(
        isinstance(each.error, ForbiddenError) for each in findings
    )


def _problem(entity: str | None, error: Exception, permission: str | None = None) -> Problem:
    cause = "permission" if isinstance(error, ForbiddenError) else "error"
    return Problem(cause, _response(entity, error), permission)


def _add(
    found: dict[object, Problem], problem: Problem, entity: str | None, name: str, *, selected: bool
) -> None:
    """Add a stream to the problem with the same cause, if there is one."""
    problem = found.setdefault((problem.cause, problem.permission or problem.response), problem)
    if entity not in problem.legal_entities:
        problem.legal_entities.append(entity)
    if name not in problem.streams:
        problem.streams.append(name)
    problem.selected |= selected


def _response(entity: str | None, error: Exception) -> str:
    """Return the request and its response, which legal entities can share."""
    return str(error).replace(f", legal entity {entity!r}", "")


def _names(entities: Mapping[str, str]) -> str:
    return ", ".join(f"{name} ({key})" for key, name in entities.items())


def _as_json(found: Finding) -> dict[str, Any]:
    unknown = None if found.untried else True
    figures = {name: getattr(found, name) for name in ("rows", "pages", "requests", "seconds")}
    if found.stream.has_parent_columns:
        figures["rows"] = None
    return {
        "stream": found.stream.name,
        "selected": found.stream.selected,
        "readable": False if found.error else unknown,
        "estimated": found.is_estimate,
        **{
            name: None if found.error or it is None or isnan(it) else it
            for name, it in figures.items()
        },
    }


def _load(readable: Sequence[Finding]) -> str:
    """Return what a first load costs."""
    costs = []
    for selected in (True, False):
        chosen = [each for each in readable if each.stream.selected is selected]
        known = [each for each in chosen if not isnan(each.requests)]
        requests = round(sum(each.requests for each in known))
        seconds = duration(sum(each.seconds for each in known))
        costs.append(f"{amount(requests, 'request')}, {seconds}" if chosen else "")
    more = f" The streams marked * take {costs[1]} more." if costs[1] else ""
    return f"A first load takes {costs[0]}.{more}" if costs[0] else more.strip()


def _table(lines: Sequence[Sequence[str]], width: int) -> Iterator[str]:
    """Yield cells as lines of a table; if it is too wide, names are on lines of their own."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    narrow = sum(widths) + 2 * len(widths) > width
    for name, readable, *figures in lines:
        row = [readable.ljust(widths[1]), *map(str.rjust, figures, widths[2:])]
        if narrow:
            yield name
        yield "  ".join(["" if narrow else name.ljust(widths[0]), *row]).rstrip()


def _number(number: float) -> str:
    return "?" if isnan(number) else f"{number:,.0f}"


def _cells(found: Finding) -> list[str]:
    """Return the line of a stream in the table."""
    name = found.stream.name if found.stream.selected else f"{found.stream.name} *"
    if found.error:
        return [name, "no", "", "", "", ""]
    requests = f"~{_number(found.requests)}" if found.is_estimate else _number(found.requests)
    return [
        name,
        "unknown" if found.untried else "yes",
        "" if found.stream.has_parent_columns else _number(found.rows),
        _number(found.pages),
        requests,
        "?" if isnan(found.seconds) else duration(found.seconds),
    ]
