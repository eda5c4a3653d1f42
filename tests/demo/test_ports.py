"""A port that the demo cannot have is said in one line."""

import socket

import pytest

from demo.errors import DemoError
from demo.partner_file import digest_of, partner_file_at
from demo.ports import DEFAULTS, require_free_ports
from demo.provider.companies import read_partners


@pytest.fixture
def free_ports(monkeypatch):
    """Three ports that are free, in the variables that name them."""
    monkeypatch.delenv("BIND", raising=False)
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in DEFAULTS]
    ports = [probe.getsockname()[1] for probe in probes]
    for name, probe, port in zip(DEFAULTS, probes, ports, strict=True):
        probe.close()
        monkeypatch.setenv(name, str(port))
    return dict(zip(DEFAULTS, ports, strict=True))


def test_free_ports_are_taken(free_ports):
    require_free_ports()


@pytest.mark.parametrize("name", DEFAULTS)
def test_a_busy_port_is_named_with_its_variable(free_ports, name):
    with (
        socket.create_server(("127.0.0.1", free_ports[name])),
        pytest.raises(DemoError) as refusal,
    ):
        require_free_ports()

    said = str(refusal.value)
    assert f"Port {free_ports[name]} is in use" in said
    assert f"{name}=" in said
    assert "\n" not in said


def test_one_port_for_two_is_found_out(free_ports, monkeypatch):
    monkeypatch.setenv("DEMO_COGNITO_PORT", str(free_ports["PORT"]))

    with pytest.raises(DemoError, match="DEMO_COGNITO_PORT"):
        require_free_ports()


def test_the_partner_files_issuers_are_at_the_providers_port(tmp_path):
    file = partner_file_at(9101, directory=tmp_path / "file")

    records = read_partners(file)

    assert all(
        record["connection"]["issuer"].startswith("http://127.0.0.1:9101/") for record in records
    )
    assert all((file.parent / record["logo"]).is_file() for record in records if "logo" in record)


def test_the_digest_is_the_files_and_its_logos(tmp_path):
    file = partner_file_at(9101, directory=tmp_path / "file")
    before = digest_of(file)

    assert digest_of(partner_file_at(9101, directory=tmp_path / "file")) == before
    assert digest_of(partner_file_at(9102, directory=tmp_path / "file")) != before

    partner_file_at(9101, directory=tmp_path / "file")
    next((tmp_path / "file" / "logos").iterdir()).write_bytes(b"another")
    assert digest_of(file) != before
