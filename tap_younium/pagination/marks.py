"""A small number for each of millions of hashes, in about nine bytes each."""

from __future__ import annotations

from array import array
from bisect import bisect_left

_HASH = 0xFFFF_FFFF_FFFF_FFFC
"""The bits of a hash that are compared; the last two bits hold its number."""
_SHARD_SHIFT = 64 - 11
"""Each of 2,048 sorted arrays stays short enough to insert into; nothing is sorted as a whole."""


class Marks:
    """Maps hashes of 62 bits to the numbers 1 to 3; any other hash has the number 0."""

    def __init__(self) -> None:
        self._shards: dict[int, array[int]] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, hashed: int) -> int:
        hashed &= _HASH
        shard = self._shards.get(hashed >> _SHARD_SHIFT, array("Q"))
        return _number_at(shard, bisect_left(shard, hashed), hashed)

    def set(self, hashed: int, number: int) -> int:
        """Set the number of a hash; return the one that it had."""
        hashed &= _HASH
        shard = self._shards.get(hashed >> _SHARD_SHIFT)
        if shard is None:
            shard = self._shards[hashed >> _SHARD_SHIFT] = array("Q")
        position = bisect_left(shard, hashed)
        before = _number_at(shard, position, hashed)
        if before:
            shard[position] = hashed | number
        else:
            shard.insert(position, hashed | number)
            self._count += 1
        return before


def _number_at(shard: array[int], position: int, hashed: int) -> int:
    """Return the number of a hash whose place in a shard is `position`."""
    found = shard[position] if position < len(shard) else 0
    return found - hashed if found & _HASH == hashed else 0
