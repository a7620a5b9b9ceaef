"""HubSpot's own client, unchanged, against the sandbox; its models say whether the bodies are right."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hubspot import HubSpot
from hubspot.crm import companies, deals, tickets
from hubspot.crm.associations import v4
from hubspot.crm.contacts import (
    BatchInputSimplePublicObjectBatchInputForCreate,
    BatchInputSimplePublicObjectBatchInputUpsert,
    BatchReadInputSimplePublicObjectId,
    Filter,
    FilterGroup,
    PublicGdprDeleteInput,
    PublicMergeInput,
    PublicObjectSearchRequest,
    SimplePublicObjectBatchInputForCreate,
    SimplePublicObjectBatchInputUpsert,
    SimplePublicObjectId,
    SimplePublicObjectInput,
    SimplePublicObjectInputForCreate,
)
from hubspot.crm.contacts.exceptions import ApiException as ContactsError
from hubspot.crm.objects import calls, emails, notes
from hubspot.crm.properties import OptionInput, PropertyCreate

if TYPE_CHECKING:
    from conftest import Sandbox


@pytest.fixture
def client(sandbox: Sandbox) -> HubSpot:
    sandbox.control("POST", "/load", scenario="lakeshore", contacts=150)
    return HubSpot(access_token=sandbox.hubspot["token"], host=sandbox.hubspot["url"])


def checked(model: Any) -> Any:
    """Build the model again with the client's own validation on: it refuses a missing required field."""
    configuration = type(model.local_vars_configuration)()  # one of its own: the client's must stay as it is
    configuration.client_side_validation = True
    values = {name: getattr(model, name) for name in model.openapi_types}
    return type(model)(**values, local_vars_configuration=configuration)


def test_list_and_read(sandbox: Sandbox, client: HubSpot) -> None:
    api = client.crm.contacts.basic_api
    page = api.get_page(limit=100, properties=["email", "city"], _request_timeout=10)
    assert len(page.results) == 100
    rest = api.get_page(limit=100, after=page.paging.next.after, properties=["email", "city"])
    total = sandbox.control("GET", "/inspect")["hubspot"]["contacts"]
    assert len(page.results) + len(rest.results) == total
    first = checked(page.results[0])
    assert isinstance(first.created_at, datetime)
    assert first.created_at < datetime(2026, 11, 17, tzinfo=UTC)
    assert api.get_by_id(first.id, properties=["email", "city"]).to_dict() == page.results[0].to_dict()
    assert len(api.get_page().results) == 10


def test_search(client: HubSpot) -> None:
    request = PublicObjectSearchRequest(
        filter_groups=[
            FilterGroup(
                filters=[
                    Filter(property_name="lastmodifieddate", operator="GTE", value="2020-01-01T00:00:00Z"),
                    Filter(property_name="hs_object_id", operator="GT", value="0"),
                ]
            )
        ],
        sorts=[{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
        properties=["email"],
        limit=20,
    )
    page = client.crm.contacts.search_api.do_search(request)
    assert page.total > 100
    assert page.paging.next.after == "20"
    ids = [int(checked(result).id) for result in page.results]
    assert ids == sorted(ids)


def test_write_singly(client: HubSpot) -> None:
    api = client.crm.contacts.basic_api
    made = checked(api.create(SimplePublicObjectInputForCreate(properties={"email": "kim@example.org"})))
    changed = api.update(made.id, SimplePublicObjectInput(properties={"city": "Gary"}))
    assert changed.properties["city"] == "Gary"
    with pytest.raises(ContactsError) as refused:
        api.create(SimplePublicObjectInputForCreate(properties={"email": "kim@example.org"}))
    assert refused.value.status == 409
    assert f"Existing ID: {made.id}" in refused.value.body
    api.archive(made.id)
    with pytest.raises(ContactsError) as gone:
        api.get_by_id(made.id)
    assert gone.value.status == 404


def test_merge_and_purge(client: HubSpot) -> None:
    api = client.crm.contacts.basic_api
    first, second = (
        api.create(SimplePublicObjectInputForCreate(properties={"email": f"{name}@example.org"})).id
        for name in ("kim", "lee")
    )
    merged = checked(api.merge(PublicMergeInput(object_id_to_merge=second, primary_object_id=first)))
    assert merged.properties["email"] == "kim@example.org"
    read = checked(api.get_by_id(second, properties_with_history=["email"]))
    assert read.id == merged.id
    assert [checked(version).value for version in read.properties_with_history["email"]] == [
        "kim@example.org",
        "lee@example.org",
        "kim@example.org",
    ]
    api.purge(PublicGdprDeleteInput(object_id="kim@example.org", id_property="email"))
    with pytest.raises(ContactsError) as gone:
        api.get_by_id(merged.id, archived=True)
    assert gone.value.status == 404


def test_batches(client: HubSpot) -> None:
    api = client.crm.contacts.batch_api
    inputs = [
        SimplePublicObjectBatchInputUpsert(id=f"{name}@example.org", id_property="email", properties={"city": "Gary"})
        for name in ("kim", "lee")
    ]
    upserted = api.upsert(BatchInputSimplePublicObjectBatchInputUpsert(inputs=inputs))
    assert type(upserted).__name__ == "BatchResponseSimplePublicUpsertObject"
    assert [checked(result).new for result in upserted.results] == [True, True]
    checked(upserted)
    read = api.read(
        BatchReadInputSimplePublicObjectId(
            id_property="email",
            properties=["email"],
            properties_with_history=[],
            inputs=[SimplePublicObjectId(id="lee@example.org")],
        )
    )
    assert read.results[0].id in {result.id for result in upserted.results}
    partly = api.create(
        BatchInputSimplePublicObjectBatchInputForCreate(
            inputs=[
                SimplePublicObjectBatchInputForCreate(
                    object_write_trace_id=email, properties={"email": email}, associations=[]
                )
                for email in ("kim@example.org", "mia@example.org")
            ]
        )
    )
    assert partly.num_errors == 1
    assert partly.errors[0].context == {"objectWriteTraceId": ["kim@example.org"]}
    assert [result.properties["email"] for result in partly.results] == ["mia@example.org"]


def test_properties_and_owners(client: HubSpot) -> None:
    api = client.crm.properties.core_api
    everything = api.get_all("contacts").results
    assert len(everything) > 100
    for definition in everything:
        checked(definition)
    made = api.create(
        "contacts",
        PropertyCreate(
            name="joint_status",
            label="Joint status",
            type="enumeration",
            field_type="select",
            group_name="contactinformation",
            options=[OptionInput(label="New", value="new", display_order=0, hidden=False)],
        ),
    )
    assert checked(made).to_dict() == api.get_by_name("contacts", "joint_status").to_dict()
    owners = client.crm.owners.owners_api.get_page(limit=500).results
    for owner in owners:
        checked(owner)
    assert client.crm.owners.owners_api.get_by_id(int(owners[0].id)).email == owners[0].email


@pytest.mark.parametrize(
    ("models", "path", "properties", "text"),
    [
        (companies, "companies", {"name": "Lakeview Imaging"}, "city"),
        (deals, "deals", {"dealname": "Knee", "dealstage": "contractsent"}, "description"),
        (tickets, "tickets", {"subject": "Scanner", "hs_pipeline_stage": "1"}, "content"),
        (calls, "objects.calls", {"hs_timestamp": "2026-11-16T14:00:00Z"}, "hs_call_body"),
        (emails, "objects.emails", {"hs_timestamp": "2026-11-16T14:00:00Z"}, "hs_email_text"),
        (notes, "objects.notes", {"hs_timestamp": "2026-11-16T14:00:00Z"}, "hs_note_body"),
    ],
)
def test_other_types(client: HubSpot, models: Any, path: str, properties: dict[str, str], text: str) -> None:
    apis = client.crm
    for part in path.split("."):
        apis = getattr(apis, part)
    api, batch = apis.basic_api, apis.batch_api
    made = checked(api.create(models.SimplePublicObjectInputForCreate(properties=properties, associations=[])))
    api.update(made.id, models.SimplePublicObjectInput(properties={text: "Gary"}))
    read = checked(api.get_by_id(made.id, properties=[text]))
    assert read.properties[text] == "Gary"
    assert read.properties["hs_lastmodifieddate"] == read.updated_at.isoformat(timespec="milliseconds").replace(
        "+00:00", "Z"
    )
    rule = models.Filter(property_name=text, operator="EQ", value="gary")
    request = models.PublicObjectSearchRequest(filter_groups=[models.FilterGroup(filters=[rule])], limit=5)
    assert [row.id for row in apis.search_api.do_search(request).results] == [made.id]
    inputs = [
        models.SimplePublicObjectBatchInputForCreate(object_write_trace_id=trace, properties=given, associations=[])
        for trace, given in (("good", properties), ("bad", {**properties, "nonsense": "1"}))
    ]
    partly = batch.create(models.BatchInputSimplePublicObjectBatchInputForCreate(inputs=inputs))
    assert type(partly).__name__.endswith("WithErrors")
    assert (len(partly.results), partly.num_errors) == (1, 1)
    assert partly.errors[0].context == {"objectWriteTraceId": ["bad"]}
    newest = models.PublicObjectSearchRequest(
        sorts=[{"propertyName": "hs_object_id", "direction": "DESCENDING"}], limit=2
    )
    assert [row.id for row in apis.search_api.do_search(newest).results] == [partly.results[0].id, made.id]
    api.archive(made.id)
    with pytest.raises(models.exceptions.ApiException) as gone:
        api.get_by_id(made.id)
    assert gone.value.status == 404


def test_associations(client: HubSpot) -> None:
    contact = client.crm.contacts.basic_api.get_page(limit=1).results[0].id
    company = client.crm.companies.basic_api.create(
        companies.SimplePublicObjectInputForCreate(
            properties={"name": "Lakeview Imaging"},
            associations=[
                companies.PublicAssociationsForObject(
                    to=companies.PublicObjectId(id=contact),
                    types=[companies.AssociationSpec(association_category="HUBSPOT_DEFINED", association_type_id=280)],
                )
            ],
        )
    )
    api, batch = client.crm.associations.v4.basic_api, client.crm.associations.v4.batch_api
    default = checked(api.create_default("contacts", contact, "companies", company.id))
    assert checked(default.results[0]).association_spec.association_type_id == 279
    primary = v4.AssociationSpec(association_category="HUBSPOT_DEFINED", association_type_id=1)
    made = checked(api.create("contacts", contact, "companies", company.id, [primary]))
    assert (made.to_object_id, made.labels) == (company.id, ["Primary"])
    page = checked(api.get_page("contacts", contact, "companies"))
    assert [kind.type_id for kind in checked(page.results[0]).association_types] == [279, 1]
    shown = client.crm.contacts.basic_api.get_by_id(contact, associations=["companies"])
    assert {row.id for row in shown.associations["companies"].results} == {company.id}

    ends = {"_from": v4.PublicObjectId(id=contact), "to": v4.PublicObjectId(id=company.id)}
    posts = v4.BatchInputPublicAssociationMultiPost(inputs=[v4.PublicAssociationMultiPost(types=[primary], **ends)])
    assert checked(batch.create("contacts", "companies", posts).results[0]).labels == ["Primary"]
    pairs = v4.BatchInputPublicDefaultAssociationMultiPost(inputs=[v4.PublicDefaultAssociationMultiPost(**ends)])
    assert len(batch.create_default("contacts", "companies", pairs).results) == 2
    asked = [v4.PublicFetchAssociationsBatchRequest(id=key) for key in (contact, "4711")]
    read = batch.get_page("contacts", "companies", v4.BatchInputPublicFetchAssociationsBatchRequest(inputs=asked))
    assert type(read).__name__.endswith("WithErrors")
    assert checked(read.results[0]).to[0].to_object_id == company.id
    assert read.errors[0].sub_category == "crm.associations.NO_ASSOCIATIONS_FOUND"
    gone = v4.PublicAssociationMultiArchive(_from=ends["_from"], to=[ends["to"]])
    batch.archive("contacts", "companies", v4.BatchInputPublicAssociationMultiArchive(inputs=[gone]))
    assert api.get_page("companies", company.id, "contacts").results == []
    api.archive("contacts", contact, "companies", company.id)
