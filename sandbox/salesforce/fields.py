"""Field metadata: one frozen description from which describe, validation and SOQL all follow."""

from dataclasses import dataclass
from typing import Any

_SOAP = {
    "id": "tns:ID", "reference": "tns:ID", "boolean": "xsd:boolean", "double": "xsd:double", "int": "xsd:int",
    "currency": "xsd:double", "percent": "xsd:double", "date": "xsd:date", "datetime": "xsd:dateTime",
    "complexvalue": "urn:CustomField",
}  # fmt: skip
NUMERIC = frozenset({"double", "int", "currency", "percent"})
TEXTUAL = frozenset({"string", "textarea", "picklist", "combobox", "email", "phone", "url"})


@dataclass(frozen=True, slots=True)
class Field:
    """A column of an object."""

    name: str
    label: str
    type: str = "string"  # the describe type
    length: int = 0
    nillable: bool = True
    createable: bool = True
    updateable: bool = True
    defaulted: bool = False  # defaultedOnCreate
    default: Any = None
    external_id: bool = False
    unique: bool = False
    case_sensitive: bool = False
    indexed: bool = False
    custom: bool = False
    open: bool = True  # visible without a FieldPermissions grant
    values: tuple[str, ...] = ()
    restricted: bool = False
    refs: tuple[str, ...] = ()
    relationship: str | None = None
    children: str | None = None  # the relationship's name seen from the parent
    cascade: bool = False  # deleting the parent deletes this record
    precision: int = 0
    scale: int = 0
    id_lookup: bool = False
    help_text: str | None = None
    compound: str | None = None  # the field that this one is a part of
    extra_type: str | None = None  # extraTypeInfo

    @property
    def required(self) -> bool:
        return not self.nillable and self.createable and not self.defaulted and self.type != "boolean"

    @property
    def filterable(self) -> bool:
        """Long text areas can be neither filtered, sorted nor grouped [DOC]."""
        return not (self.type == "textarea" and self.length > 255) and self.type != "complexvalue"

    @property
    def has_index(self) -> bool:
        return self.indexed or self.external_id or self.unique or self.type == "reference"

    def describe(self, createable: bool, updateable: bool) -> dict[str, Any]:
        """As sobjects/X/describe shows it [REC keys]."""
        polymorphic = len(self.refs) > 1
        return {
            "aggregatable": self.filterable and self.type != "boolean",
            "aiPredictionField": False,
            "autoNumber": False,
            "byteLength": self.length * 3 if self.type in TEXTUAL else self.length,
            "calculated": False,
            "calculatedFormula": None,
            "cascadeDelete": self.cascade and self.custom,  # only of master-detail fields [REC]
            "caseSensitive": self.case_sensitive,
            "compoundFieldName": self.compound,
            "controllerName": None,
            "createable": createable,
            "custom": self.custom,
            "defaultValue": self.default if self.type in ("boolean", "picklist") else None,
            "defaultValueFormula": None,
            "defaultedOnCreate": self.defaulted,
            "dependentPicklist": False,
            "deprecatedAndHidden": False,
            "digits": self.precision if self.type == "int" else 0,
            "displayLocationInDecimal": False,
            "encrypted": False,
            "externalId": self.external_id,
            "extraTypeInfo": "plaintextarea" if self.type == "textarea" else self.extra_type,
            "filterable": self.filterable,
            "filteredLookupInfo": None,
            "formulaTreatNullNumberAsZero": False,
            "groupable": self.filterable and self.type not in ("double", "currency", "percent", "datetime"),
            "highScaleNumber": False,
            "htmlFormatted": False,
            "idLookup": self.id_lookup or self.external_id or self.type == "id",
            "inlineHelpText": self.help_text,
            "label": self.label,
            "length": self.length,
            "mask": None,
            "maskType": None,
            "name": self.name,
            "nameField": self.name == "Name" or self.type == "combobox",
            "namePointing": polymorphic,
            "nillable": self.nillable,
            "permissionable": self.custom or (self.nillable and self.createable),
            "picklistValues": [
                {"active": True, "defaultValue": v == self.default, "label": v, "validFor": None, "value": v}
                for v in self.values
            ],
            "polymorphicForeignKey": polymorphic,
            "precision": 0 if self.type == "int" else self.precision,
            "queryByDistance": False,
            "referenceTargetField": None,
            "referenceTo": list(self.refs),
            "relationshipName": self.relationship,
            "relationshipOrder": None,
            "restrictedDelete": False,
            "restrictedPicklist": self.restricted,
            "scale": self.scale,
            "searchPrefilterable": self.type == "reference" and self.createable and self.name != "OwnerId",
            "soapType": _SOAP.get(self.type, "xsd:string"),
            "sortable": self.filterable,
            "type": self.type,
            "unique": self.unique,
            "updateable": updateable,
            "writeRequiresMasterRead": False,
        }
