"""What Younium forbade in a run: the other tables go on, and the end says what is missing."""

from __future__ import annotations

import logging

from tap_younium.errors import ForbiddenError, YouniumError

_log = logging.getLogger(__name__)


def lacking(permission: str | None) -> str:
    """Say what the user lacks where one table is forbidden."""
    what = f"the permission {permission!r}" if permission else "a permission for this table"
    return f"the token's user lacks {what}."


def why(legal_entity: str | None, permission: str | None) -> str:
    """Say what may be the cause where a table is forbidden."""
    entity = f"{legal_entity!r} is" if legal_entity else "none is"
    return (
        f"Either the legal entity is wrong or missing ({entity} set in legal_entities), or "
        f"{lacking(permission)}"
    )


class Access:
    """Remembers which tables could be read.

    Args:
        skip: Whether forbidden tables may be missing, as long as others were read.

    Attributes:
        refused: The tables that were forbidden, each with its legal entity.
    """

    def __init__(self, *, skip: bool) -> None:
        self._skip = skip
        self._granted = False
        self.refused: list[str] = []

    @property
    def undecided(self) -> bool:
        """Whether no table has been read or refused yet."""
        return not (self._granted or self.refused)

    def grant(self) -> None:
        """Note that a table could be read."""
        self._granted = True

    def refuse(
        self, table: str, legal_entity: str | None, permission: str | None, error: ForbiddenError
    ) -> None:
        """Note that a table was forbidden, and say why that may be."""
        _log.log(
            logging.WARNING if self._skip else logging.ERROR,
            "%s is forbidden: %s %s",
            table,
            error,
            why(legal_entity, permission),
        )
        self.refused.append(f"{table} ({legal_entity})" if legal_entity else table)

    def settle(self) -> None:
        """Say at the end of a run what is missing.

        Raises:
            YouniumError: If tables are missing that may not.
        """
        if not self.refused:
            return
        tables = ", ".join(self.refused)
        if self._skip:
            _log.warning("Left out, for Younium forbids them: %s.", tables)
            return
        raise YouniumError(
            f"The other tables were read, but Younium forbids {tables}. Give the token's user the "
            "permission, deselect the tables, or set skip_forbidden_streams."
        )
