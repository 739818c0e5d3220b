"""Which addresses may be connected to."""

import ipaddress

import pytest

from crawler.addresses import is_public, parse_allowed, why_refused
from crawler.errors import ConfigError

PRIVATE = """192.0.0.192 168.63.129.16 4000::1 3fff::1 5f00::1
127.0.0.1 127.255.0.1 10.0.0.1 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 100.100.100.200
0.0.0.0 224.0.0.1 240.0.0.1 255.255.255.255 192.0.2.1 198.18.0.1 192.88.99.1 ::1 :: fe80::1 fc00::1
fd00:ec2::254 fec0::1 ff02::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::127.0.0.1 64:ff9b::a9fe:a9fe
64:ff9b:1::1 2002:7f00:1:: 2001:0:7f00:1::80ff:fffe 2001:db8::1 100::1"""


@pytest.mark.parametrize("address", PRIVATE.split())
def test_private_address_is_refused(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))
    assert why_refused("host", address, 80, parse_allowed([])) is not None


@pytest.mark.parametrize("address", ["9.9.9.9", "193.0.6.139", "2620:fe::fe", "::ffff:9.9.9.9", "64:ff9b::909:909"])
def test_public_address_is_open(address: str) -> None:
    assert why_refused("host", address, 80, parse_allowed([])) is None


def test_allowed_hosts_and_networks_are_open_and_nothing_else() -> None:
    allowed = parse_allowed(["intranet, 10.1.0.0/16", "::1", "192.168.0.7"])
    assert why_refused("Intranet.", "172.16.0.1", 80, allowed) is None
    assert why_refused("x", "10.1.2.3", 80, allowed) is None
    assert why_refused("x", "::1", 80, allowed) is None
    assert why_refused("x", "192.168.0.7", 80, allowed) is None
    assert why_refused("sub.intranet", "172.16.0.1", 80, allowed) is not None
    assert why_refused("x", "10.2.0.1", 80, allowed) is not None
    assert why_refused("x", "192.168.0.8", 80, allowed) is not None


@pytest.mark.parametrize(
    "value", ["10.0.0.0/99", "host:0", "host:99999", "host:x", "http://host/", "a b", "300.1.1.1", "*", "host/"]
)
def test_bad_allow_value_is_named(value: str) -> None:
    with pytest.raises(ConfigError, match="expected a host name or an address"):
        parse_allowed(["example.org", value])


def test_what_is_allowed_with_a_port_is_open_at_that_port_alone() -> None:
    allowed = parse_allowed(["intranet:8000, 10.1.2.3:8000", "[::1]:8000"])
    places = (("intranet", "172.16.0.1"), ("x", "10.1.2.3"), ("x", "::1"))
    assert [why_refused(*place, 8000, allowed) for place in places] == [None, None, None]
    assert all(why_refused(*place, 80, allowed) for place in places)


@pytest.mark.parametrize("port", [0, 22, 25, 6000, 6667])
def test_ports_of_other_protocols_are_closed_unless_one_is_named(port: int) -> None:
    assert "not one for web pages" in (why_refused("example.org", "9.9.9.9", port, parse_allowed([])) or "")
    assert why_refused("x", "10.0.0.1", port, parse_allowed(["10.0.0.0/8"])) is not None


def test_a_closed_port_that_is_named_is_open() -> None:
    assert why_refused("x", "10.0.0.1", 6000, parse_allowed(["10.0.0.1:6000"])) is None


@pytest.mark.parametrize("port", [80, 443, 8000, 8080, 8443])
def test_ports_of_the_web_are_open(port: int) -> None:
    assert why_refused("example.org", "9.9.9.9", port, parse_allowed([])) is None
