"""Connections: which systems the hub talks to, and how much each may see (CON-02)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal


@dataclass(frozen=True)
class Stream:
    """One object that is read from a source.

    ``look_back_seconds`` is re-read before every window because vendors index late; ``modified`` names the
    property that carries the modification time. ``also_modified`` names those of parent
    records that are read along. ``filter`` narrows what is read, in the vendor's own language
    (SOQL for Salesforce); ``deleted`` reads the ids of records that are gone, instead of the records.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    object: str
    modified: str
    look_back_seconds: int = 120
    also_modified: tuple[str, ...] = ()
    filter: str = ""
    deleted: bool = False


@dataclass(frozen=True)
class Connection:
    """A system, its side of the house, and its ceiling.

    ``max_class`` is the highest data class (0 public … 5 safety narrative) that may be written to it; ``baa`` says
    that a business associate agreement covers it (HIPAA 45 CFR 164.504(e)); without one, nothing above class 2.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    name: str
    system: str
    side: Literal["marketing", "sales"]
    max_class: int = 2
    baa: bool = False
    streams: Mapping[str, Stream] = field(default_factory=dict)
    api_version: str = ""
    calls_per_10_seconds: int | None = None
    """The vendor account's allowance; None leaves pacing to the vendor's answers."""
    search_per_second: float | None = None

    @property
    def ceiling(self) -> int:
        """The class that may really pass: never above 2 without an agreement."""
        return self.max_class if self.baa else min(self.max_class, 2)
