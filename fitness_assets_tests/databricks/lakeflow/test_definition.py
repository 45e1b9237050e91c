"""What is declared: a dataset for each contract, by itself, and nothing that Lakeflow does not document."""

import inspect
from collections.abc import Callable
from typing import Any

import pytest
from pyspark import pipelines

from fitness_assets.contracts.model import Column, Layer, Source, Table, UpdateStrategy
from fitness_assets.contracts.registry import all_tables, get_table, tables_updated_by
from fitness_assets.databricks.lakeflow import define_pipeline, silver
from fitness_assets.databricks.lakeflow.judging import file_judge
from fitness_assets.databricks.lakeflow.kafka_options import kafka_options
from fitness_assets.errors import SettingError
from fitness_assets.settings import KafkaSettings
from fitness_assets_tests.contracts.changed import ChangedContracts

ONLY_LAKEFLOW = {"expect_all"}
"""What Spark's own module does not know: the module's `expect_all`, and the argument of streaming tables."""


class RecordedPipelines:
    """Takes note of what is declared, if Spark's own `pyspark.pipelines` knows the arguments, and computes nothing."""

    def __init__(self) -> None:
        self.datasets: dict[str, dict[str, Any]] = {}
        self.flows: list[str] = []
        self.expected: list[dict[str, str]] = []

    def __getattr__(self, function: str) -> Callable[..., Any]:
        known = set(inspect.signature(getattr(pipelines, function)).parameters)

        def declare(*arguments: Any, **named: Any) -> Any:
            assert set(named) - ONLY_LAKEFLOW <= known, function
            if function in ("create_streaming_table", "materialized_view"):
                self.datasets[named["name"]] = {"kind": function, **named}
            else:
                self.flows.append(named.get("name", named.get("target")))
                self.datasets.get(named.get("target", ""), {}).setdefault("filled_by", []).append((function, named))
            return lambda query: query

        return declare

    def expect_all(self, expectations: dict[str, str]) -> Callable[[Any], Any]:
        self.expected.append(expectations)
        return lambda query: query


class Session:
    """A session that has nothing but its configuration."""

    def __init__(self, **configuration: str) -> None:
        self._configuration = {f"fitness.{name}": text for name, text in configuration.items()}

    @property
    def conf(self) -> "Session":
        return self

    def get(self, name: str, default: str) -> str:
        return self._configuration.get(name, default)


def defined(**configuration: str) -> RecordedPipelines:
    recorded = RecordedPipelines()
    define_pipeline(recorded, Session(landing="/Volumes/dev/bronz_db/landing_zone", **configuration))  # type: ignore[arg-type]
    return recorded


def test_every_contract_is_a_dataset_and_each_flow_has_a_name_of_its_own() -> None:
    recorded = defined()
    assert list(recorded.datasets) == list(all_tables())
    assert len(set(recorded.flows)) == len(recorded.flows)
    computed = {name for name, one in recorded.datasets.items() if one["kind"] == "materialized_view"}
    assert computed == {table.full_name for table in tables_updated_by(UpdateStrategy.INCREMENTAL)}


def test_profiles_are_upserted_by_the_order_of_their_rule_and_deletes_are_kept_in_mind() -> None:
    profiles = defined().datasets["silver_db.user_profile"]
    ((function, flow),) = profiles["filled_by"]
    assert function == "create_auto_cdc_flow"
    assert (flow["keys"], flow["apply_as_deletes"]) == (["user_id"], "update_type = 'delete'")
    assert flow["except_column_list"] == [flow["sequence_by"]] == [silver.SEQUENCE]
    assert int(profiles["table_properties"]["pipelines.cdc.tombstoneGCThresholdInSeconds"]) > 50 * 365 * 86_400
    assert profiles["expect_all"]["user_id_is_there"] == "`user_id` IS NOT NULL"


def test_a_new_contract_is_in_the_pipeline_by_itself(contracts: ChangedContracts) -> None:
    days = Table(
        layer=Layer.GOLD,
        name="gym_days",
        strategy=UpdateStrategy.INCREMENTAL,
        description="A day's visits.",
        grain="a day",
        key=("date",),
        sources=(Source("silver_db.gym_logs"),),
        columns=(Column(name="date", type="date", description="The 'day'."),),
    )
    contracts.add(days, lambda gym_logs: gym_logs)
    dataset = defined().datasets["gold_db.gym_days"]
    assert dataset["kind"] == "materialized_view"
    assert dataset["schema"] == r"`date` date COMMENT 'The \'day\'.'"


def test_a_rule_by_which_no_row_wins_as_a_whole_is_a_materialized_view(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(silver, "merge_rule_of", lambda table: lambda: "max(struct(logout))")
    recorded = defined()
    assert recorded.datasets["silver_db.gym_logs"]["kind"] == "materialized_view"


def test_the_topics_are_read_from_the_broker_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "kafka_multiplex_bz_topics" not in defined().flows
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "broker:9093")
    assert "kafka_multiplex_bz_topics" in defined().flows


def test_a_login_is_as_the_java_client_takes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "broker:9093")
    for name, text in (("SECURITY_PROTOCOL", "SASL_SSL"), ("SASL_MECHANISMS", "PLAIN"), ("SASL_USERNAME", "me")):
        monkeypatch.setenv(f"FITNESS_KAFKA_{name}", text)
    monkeypatch.setenv("FITNESS_KAFKA_SASL_PASSWORD", 'a"b')
    assert kafka_options(_kafka()) == {
        "kafka.bootstrap.servers": "broker:9093",
        "subscribe": "user_info,workout,bpm",
        "startingOffsets": "earliest",
        "kafka.security.protocol": "SASL_SSL",
        "kafka.sasl.mechanism": "PLAIN",
        "kafka.sasl.jaas.config": "kafkashaded.org.apache.kafka.common.security.plain.PlainLoginModule required "
        'username="me" password="a\\"b";',
    }
    monkeypatch.setenv("FITNESS_KAFKA_SASL_MECHANISMS", "OAUTHBEARER")
    with pytest.raises(SettingError, match="SCRAM-SHA-256, SCRAM-SHA-512, and FITNESS_KAFKA_SASL_MECHANISM is OAUTH"):
        kafka_options(_kafka())
    monkeypatch.setenv("FITNESS_KAFKA_SSL_CA_LOCATION", "/ca.pem")
    with pytest.raises(SettingError, match=r"cannot take ssl\.ca\.location of librdkafka"):
        kafka_options(_kafka())


def test_what_the_configuration_lacks_is_named() -> None:
    with pytest.raises(SettingError, match=r"Set fitness\.landing in its configuration"):
        define_pipeline(RecordedPipelines(), Session())  # type: ignore[arg-type]
    with pytest.raises(SettingError, match=r"is no day: yesterday\. Write yyyy-MM-dd"):
        defined(as_of="yesterday")


def test_a_file_is_judged_whole_by_the_rules_of_the_contract() -> None:
    judge = file_judge("bronz_db.gym_logins_bz", "/Volumes/dev/landing")
    place, names = "dbfs:/Volumes/dev/landing/gym_logins_bz", get_table("bronz_db.gym_logins_bz").column_names
    content = b"mac_address,gym,login,logout\naa:bb,5,1678521600,1678526100\naa:bb,5,1678521600,1\n"
    rows = [dict(zip(names, row, strict=True)) for row in judge(f"{place}/2026/visits.csv", content)]
    assert [(row["login"], row["reason"], row["line_number"]) for row in rows] == [
        (1678521600.0, None, 2),
        (1678521600.0, "logout_before_login", 3),
    ]
    assert {row["source_file"] for row in rows} == {"gym_logins_bz/2026/visits.csv"}
    (packed,) = judge(f"{place}/visits.csv.gz", b"no gzip")
    assert "bad_gzip" in packed
    for unfinished in ("_a.csv", "a.csv.tmp", "_half/a.csv", "notes.txt"):
        assert judge(f"{place}/{unfinished}", content) == []


def _kafka() -> KafkaSettings:
    settings = KafkaSettings.from_env()
    assert settings is not None
    return settings
