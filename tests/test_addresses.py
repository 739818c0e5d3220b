"""Which addresses may be connected to."""

import ipaddress

import pytest

from crawler.addresses import is_public, parse_allowed, why_refused
from crawler.errors import ConfigError

PRIVATE = """127.0.0.1 127.255.0.1 10.0.0.1 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 100.100.100.200
0.0.0.0 224.0.0.1 240.0.0.1 255.255.255.255 192.0.2.1 198.18.0.1 192.88.99.1 ::1 :: fe80::1 fc00::1
fd00:ec2::254 fec0::1 ff02::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::127.0.0.1 64:ff9b::a9fe:a9fe
64:ff9b:1::1 2002:7f00:1:: 2001:0:7f00:1::80ff:fffe 2001:db8::1 100::1"""


@pytest.mark.parametrize("address", PRIVATE.split())
def test_private_address_is_refused(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))
    assert why_refused("host", address, parse_allowed([])) is not None


@pytest.mark.parametrize("address", ["9.9.9.9", "193.0.6.139", "2620:fe::fe", "::ffff:9.9.9.9", "64:ff9b::909:909"])
def test_public_address_is_open(address: str) -> None:
    assert why_refused("host", address, parse_allowed([])) is None


def test_allowed_hosts_and_networks_are_open_and_nothing_else() -> None:
    allowed = parse_allowed(["intranet, 10.1.0.0/16", "::1", "192.168.0.7"])
    assert why_refused("Intranet.", "172.16.0.1", allowed) is None
    assert why_refused("x", "10.1.2.3", allowed) is None
    assert why_refused("x", "::1", allowed) is None
    assert why_refused("x", "192.168.0.7", allowed) is None
    assert why_refused("sub.intranet", "172.16.0.1", allowed) is not None
    assert why_refused("x", "10.2.0.1", allowed) is not None
    assert why_refused("x", "192.168.0.8", allowed) is not None


@pytest.mark.parametrize("value", ["10.0.0.0/99", "host:80", "http://host/", "a b", "300.1.1.1", "*", "host/"])
def test_bad_allow_value_is_named(value: str) -> None:
    with pytest.raises(ConfigError, match="expected a host name, an address or a network"):
        parse_allowed(["example.org", value])
