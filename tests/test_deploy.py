"""What deploy/ offers fits the console: units, containers, alerts, pools, and Redis's rights."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from django.conf import settings
from django.db import connection

from console.environment import BASE_DIR
from console.measurements import Everything
from tests import builders
from tests.deploying import (
    DEPLOY,
    compose,
    documented_settings,
    is_a_program_of_ours,
    unit,
)

UNITS: Final = sorted((DEPLOY / "systemd").glob("*.service"))
LONGEST_BATCH: Final = 3 * settings.SALESFORCE_PATIENCE.total_seconds()
"""Read, write, read back, each as slow as may be."""


# --- systemd -------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_runs_one_of_our_programs_and_again_whenever_it_ends(path: Path) -> None:
    found = unit(path)

    (start,) = found["Service", "ExecStart"]
    assert is_a_program_of_ours(start.split())
    assert found["Service", "Restart"] == ["always"]
    assert found["Unit", "StartLimitIntervalSec"] == ["0"], "or it gives up in a long outage"
    assert found["Service", "KillMode"] == ["mixed"], "the worker itself ends its job in good order"
    assert found["Unit", "PartOf"] == found["Install", "WantedBy"] == ["opportunity-sync.target"]


@pytest.mark.parametrize("name", ["opportunity-sync-worker@", "opportunity-sync-sweeper"])
def test_a_unit_waits_for_the_batch_in_hand(name: str) -> None:
    (patience,) = unit(DEPLOY / f"systemd/{name}.service")["Service", "TimeoutStopSec"]

    assert int(patience) > LONGEST_BATCH


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not here")
def test_systemd_understands_the_units(tmp_path: Path) -> None:
    for path in [*UNITS, DEPLOY / "systemd/opportunity-sync.target"]:
        text = path.read_text().replace("/opt/opportunity-sync/.venv", sys.prefix)
        (tmp_path / path.name.replace("@", "@1")).write_text(text)

    done = subprocess.run(
        ["systemd-analyze", "verify", *tmp_path.iterdir()],
        capture_output=True,
        text=True,
        check=False,
        env={"SYSTEMD_UNIT_PATH": f"{tmp_path}:/usr/lib/systemd/system"},
    )

    complaints = [line for line in done.stderr.splitlines() if "opportunity-sync" in line]
    assert complaints == []


def test_the_example_of_an_environment_names_settings_that_there_are() -> None:
    lines = (DEPLOY / "env.example").read_text().splitlines()
    names = {line.partition("=")[0] for line in lines if "=" in line and not line.startswith("#")}

    assert {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "FIELD_KEYS"} <= names
    assert names <= documented_settings()


# --- Containers ----------------------------------------------------------------------------------


def test_the_services_that_run_the_console_are_its_processes() -> None:
    services = compose()["services"]
    ours = {name: each for name, each in services.items() if each["image"] == "opportunity-sync"}

    assert ours.keys() == {"migrate", "web", "worker", "sweeper"}
    for name, each in ours.items():
        assert name == "web" or is_a_program_of_ours(each["command"]), name
        assert each["environment"].keys() <= documented_settings()
        assert each["read_only"]
        assert each["cap_drop"] == ["ALL"]
    assert services["worker"]["deploy"]["replicas"] == 2


def test_services_depend_on_services_and_mount_what_is_there() -> None:
    file = compose()
    for each in file["services"].values():
        assert each.get("depends_on", {}).keys() <= file["services"].keys()
        for volume in each.get("volumes", []):
            source = volume.partition(":")[0]
            known = source in file["volumes"] or (DEPLOY / source).is_file()
            assert known, source


def test_the_stores_keep_what_they_must() -> None:
    services = compose()["services"]

    assert all(services[name]["volumes"] for name in ("postgres", "valkey"))
    assert services["migrate"]["depends_on"]["postgres"] == {"condition": "service_healthy"}
    for name in ("web", "worker", "sweeper"):
        migrated = services[name]["depends_on"]["migrate"]
        assert migrated == {"condition": "service_completed_successfully"}


@pytest.mark.parametrize("name", ["worker", "sweeper"])
def test_a_container_is_given_the_time_for_its_batch(name: str) -> None:
    assert compose()["services"][name]["stop_grace_period"] == "6m"
    assert LONGEST_BATCH < 360


def test_no_secret_has_a_default() -> None:
    asked = re.findall(r"\$\{(\w+)([^}]*)\}", (DEPLOY / "compose.yml").read_text())

    assert asked
    assert {rest for _, rest in asked} == {":?"}


def test_images_are_named_without_a_registry() -> None:
    dockerfile = (DEPLOY / "Dockerfile").read_text()
    images = [each["image"] for each in compose()["services"].values()]
    images += re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE)

    assert [each for each in images if "." in each.partition("/")[0].partition(":")[0]] == []


def test_the_image_is_made_of_the_lock_and_of_what_is_here() -> None:
    dockerfile = (DEPLOY / "Dockerfile").read_text()
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile, re.MULTILINE)
    let_through = (DEPLOY / "Dockerfile.dockerignore").read_text()

    assert "--require-hashes -r /requirements.lock" in dockerfile
    for name in " ".join(copied).split():
        assert (BASE_DIR / name).exists(), name
        assert f"!{name}\n" in let_through


# --- Alerts --------------------------------------------------------------------------------------


def _rules() -> list[dict[str, Any]]:
    file = yaml.safe_load((DEPLOY / "prometheus-rules.yml").read_text())
    return [rule for group in file["groups"] for rule in group["rules"]]


def _sample_names() -> set[str]:
    """Of every metric, whether it has a value at the moment or not."""
    ends = {
        "counter": ("_total",),
        "gauge": ("",),
        "histogram": ("_bucket", "_sum", "_count"),
        "info": ("_info",),
    }
    families = list(Everything().collect())
    return {f"{each.name}{end}" for each in families for end in ends[each.type]}


@pytest.mark.django_db
@pytest.mark.usefixtures("redis")
def test_alerts_ask_for_metrics_that_there_are() -> None:
    builders.make_connection()
    named = {name for rule in _rules() for name in re.findall(r"\bconsole_[a-z_]+\b", rule["expr"])}

    assert len(named) > 10
    assert named - _sample_names() == set()


def test_an_alert_says_what_is_wrong_and_where_the_remedy_stands() -> None:
    page = (BASE_DIR / "docs/operations.md").read_text().lower()
    for rule in _rules():
        assert rule.keys() <= {"alert", "expr", "for", "labels", "annotations"}, rule["alert"]
        assert rule["labels"]["severity"] in ("critical", "warning")
        assert rule["annotations"]["summary"]
        remedy = rule["annotations"]["what_to_do"].removeprefix("docs/operations.md: ")
        assert f"| {remedy.lower()} |" in page, remedy


# --- The pool ------------------------------------------------------------------------------------


def test_the_pool_is_one_of_transactions_and_the_console_fits_it() -> None:
    file = configparser.ConfigParser()
    file.read(DEPLOY / "pgbouncer.ini")

    assert file["pgbouncer"]["pool_mode"] == "transaction"
    options = connection.settings_dict["OPTIONS"]
    assert connection.settings_dict["DISABLE_SERVER_SIDE_CURSORS"] is True
    assert "options" not in options, "a startup parameter that PgBouncer refuses"
    assert connection.get_connection_params()["prepare_threshold"] is None
