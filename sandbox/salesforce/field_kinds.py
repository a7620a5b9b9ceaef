"""Fields that many objects have, and short ways to say what a field is."""

from collections.abc import Iterable
from typing import Any

from sandbox.salesforce.fields import Field


def text(name: str, label: str, length: int, **extra: Any) -> Field:
    return Field(name, label, "string", length, **extra)


def area(name: str, label: str, length: int) -> Field:
    return Field(name, label, "textarea", length)


def pick(name: str, label: str, values: tuple[str, ...], length: int = 255, **extra: Any) -> Field:
    return Field(name, label, "picklist", length, values=values, **extra)


def flag(name: str, label: str, default: bool = False, **extra: Any) -> Field:
    return Field(name, label, "boolean", nillable=False, defaulted=True, default=default, **extra)


def lookup(name: str, label: str, *targets: str, **extra: Any) -> Field:
    return Field(name, label, "reference", 18, refs=targets, relationship=name.removesuffix("Id"), **extra)


def system(name: str, label: str, kind: str, **extra: Any) -> Field:
    return Field(name, label, kind, createable=False, updateable=False, **extra)


def fixed_lookup(field: str, label: str, *targets: str) -> Field:
    return lookup(field, label, *targets, createable=False, updateable=False)


def owner(queue: bool = False, label: str = "Owner ID") -> Field:
    """A user; with `queue` also a queue, in the order in which describes name them [REC]."""
    return lookup("OwnerId", label, *(("Group", "User") if queue else ("User",)), nillable=False, defaulted=True)


def audit(deletable: bool = True) -> Iterable[Field]:
    """The fields that every object ends with."""
    if deletable:
        yield system("IsDeleted", "Deleted", "boolean", nillable=False, defaulted=True, default=False)
    for name, label in (("CreatedDate", "Created Date"), ("LastModifiedDate", "Last Modified Date")):
        yield system(name, label, "datetime", nillable=False, defaulted=True)
    yield system("SystemModstamp", "System Modstamp", "datetime", nillable=False, defaulted=True)
    for name, label in (("CreatedById", "Created By ID"), ("LastModifiedById", "Last Modified By ID")):
        yield Field(name, label, "reference", 18, nillable=False, createable=False, updateable=False, defaulted=True,
                    refs=("User",), relationship=name.removesuffix("Id"))  # fmt: skip


def address(prefix: str = "") -> Iterable[Field]:
    space = f"{prefix} " if prefix else ""
    yield Field(f"{prefix}Street", f"{space}Street", "textarea", 255)
    yield text(f"{prefix}City", f"{space}City", 40)
    yield text(f"{prefix}State", f"{space}State/Province", 80)
    yield text(f"{prefix}PostalCode", f"{space}Zip/Postal Code", 20)
    yield text(f"{prefix}Country", f"{space}Country", 80)


def person_name() -> Iterable[Field]:
    part = {"compound": "Name", "extra_type": "personname"}
    yield text("LastName", "Last Name", 80, nillable=False, **part)
    yield text("FirstName", "First Name", 40, **part)
    yield pick("Salutation", "Salutation", ("Mr.", "Ms.", "Mrs.", "Dr.", "Prof."), 40, **part)
    yield system("Name", "Full Name", "string", length=121, nillable=False, extra_type="personname")


def phones(*more: tuple[str, str], kind: str = "") -> Iterable[Field]:
    """`kind` stands before the labels of the first two: Business Phone."""
    for name, label in (("Phone", f"{kind} Phone".strip()), ("Fax", f"{kind} Fax".strip()), *more):
        yield Field(name, label, "phone", 40)
