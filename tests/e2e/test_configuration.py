"""What is wrong with files and settings is said in a line that tells where, and what to do: exit 2; 1 for a refusal."""

import pytest

from tests.home import Home
from tests.vendors import Vendors


@pytest.mark.parametrize(
    ("file", "old", "new", "key"),
    [
        ("mappings/definitions.yaml", "approval: solo", "approval: nobody", "approval"),
        ("mappings/connections.yaml", "side: marketing", "sid: marketing", "sid"),
        (
            "mappings/fields/hubspot.contacts.yaml",
            "is_existing_patient: {source: existing_patient, via: yes_no}",
            "is_existing_patient: {source: existing_patient, via: maybe}",
            "is_existing_patient",
        ),
        (
            "expectations/raw.yaml",
            "expect: expect_column_values_to_be_unique",
            "expect: expect_wonders",
            "expect",
        ),
    ],
)
@pytest.mark.parametrize("command", ["sync", "check"])
def test_a_wrong_file(home: Home, command: str, file: str, old: str, new: str, key: str) -> None:
    home.write(file, old, new)
    text = (home.folder / file).read_text()
    line = text[: text.index(new)].count("\n") + 1
    ended = home.run(command)
    assert ended.code == 2
    assert ended.out == ""
    assert f"{file}:{line}: " in ended.err and key in ended.err, ended.err
    assert "Traceback" not in ended.err


@pytest.mark.parametrize(
    "missing", ["CROSSWALK_HUBSPOT_TOKEN", "CROSSWALK_SALESFORCE_INSTANCE_URL", "CROSSWALK_SALESFORCE_CLIENT_SECRET"]
)
def test_a_missing_setting_is_named(home: Home, missing: str) -> None:
    del home.settings[missing]
    ended = home.run("sync", "--json")
    assert ended.code == 2 and missing in ended.err and ended.out == ""


def test_a_setting_that_makes_no_sense_is_named(home: Home) -> None:
    home.settings["CROSSWALK_HTTP_TIMEOUT"] = "soon"
    ended = home.run("sync")
    assert ended.code == 2
    assert "CROSSWALK_HTTP_TIMEOUT" in ended.err and "Traceback" not in ended.err


def test_a_wrong_token_is_a_refusal_in_plain_words(vendors: Vendors, home: Home) -> None:
    home.settings["CROSSWALK_HUBSPOT_TOKEN"] = "pat-na1-not-the-right-one"
    ended = home.run("sync", "--json")
    assert ended.code == 1 and ended.out == ""
    assert "CROSSWALK_HUBSPOT_TOKEN" in ended.err and "401" in ended.err
    assert "not-the-right-one" not in ended.err and "Traceback" not in ended.err


def test_a_wrong_secret_is_a_refusal_in_plain_words(vendors: Vendors, home: Home) -> None:
    vendors.create([vendors.inquiry()])
    home.settings["CROSSWALK_SALESFORCE_CLIENT_SECRET"] = "not-the-right-one"
    ended = home.run("sync", "--json")
    assert ended.code in {1, 2} and ended.out == ""
    assert "_CLIENT_SECRET" in ended.err
    assert "not-the-right-one" not in ended.err and "Traceback" not in ended.err


def test_a_source_that_is_not_configured(home: Home) -> None:
    ended = home.run("sync", "--source", "marketo")
    assert ended.code == 2
    assert "marketo" in ended.err and "hubspot" in ended.err


def test_a_connection_that_nothing_is_read_from(home: Home) -> None:
    ended = home.run("sync", "--source", "salesforce")
    assert ended.code in {1, 2} and "salesforce" in ended.err


def test_only_the_source_asked_for(vendors: Vendors, home: Home) -> None:
    vendors.create([vendors.inquiry()])
    assert home.sync("--source", "hubspot")["written"]["salesforce"]["Lead"]["created"] == 1


@pytest.mark.parametrize("arguments", [("sync", "--batch-size", "0"), ("sync", "--nonsense"), ("nonsense",)])
def test_a_mistyped_command(home: Home, arguments: tuple[str, ...]) -> None:
    assert home.run(*arguments).code == 2


def test_an_instant_that_is_none(home: Home) -> None:
    ended = home.run("sync", "--as-of", "yesterday")
    assert ended.code == 2 and "as-of" in ended.err


@pytest.mark.parametrize("arguments", [("ledger",), ("quarantine", "list"), ("quarantine", "show", "1")])
def test_before_the_first_run_there_is_nothing_to_show(home: Home, arguments: tuple[str, ...]) -> None:
    ended = home.run(*arguments)
    assert ended.code == 2 and "crosswalk setup" in ended.err
    assert not (home.folder / ".crosswalk").exists(), "looking makes nothing"


def test_a_database_that_cannot_be_reached(home: Home) -> None:
    home.settings["CROSSWALK_DATABASE_URL"] = "postgresql://hub:letmein@127.0.0.1:1/hub"
    ended = home.run("sync")
    assert ended.code == 2 and "CROSSWALK_DATABASE_URL" in ended.err
    assert "letmein" not in ended.err and "Traceback" not in ended.err


def test_doctor_finds_all_well(vendors: Vendors, home: Home) -> None:
    assert home.do("doctor")["ok"] is True


def test_init_overwrites_nothing(home: Home) -> None:
    before = home.files()
    ended = home.run("init", str(home.folder))
    assert ended.code == 2 and str(home.folder) in ended.err
    assert home.files() == before
