//! Internet addresses.

use super::Validator;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Any address.
pub(super) const IP: Validator =
    Validator { name: "ip", about: "an IPv4 or IPv6 address", longest: None, check: |text, _| read(text).is_some() };

/// An address that can be a client's on the internet: not loopback, private, link-local, multicast, a network or the
/// like. Addresses set aside for documentation count as clients: examples are written with them.
pub(super) const CLIENT: Validator = Validator {
    name: "client_ip",
    about: "an address of a host on the internet, not of private or reserved ranges",
    longest: None,
    check: |text, _| is_client_ip(text),
};

/// What a key that speaks of a client leads to, unless it is this machine: `127.0.0.1`, `::1`, `0.0.0.0`, with a port or not.
pub(super) const REMOTE: Validator = Validator {
    name: "remote_ip",
    about: "not the address of the machine itself alone",
    longest: None,
    check: |text, _| !is_own(text),
};

fn is_own(text: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(text) else { return false };
    let socket = || text.parse::<SocketAddr>().ok().map(|socket| socket.ip());
    text.parse().ok().or_else(socket).is_some_and(|address: IpAddr| address.is_loopback() || address.is_unspecified())
}

/// Whether `text` is an address as [`CLIENT`] wants it.
pub(crate) fn is_client_ip(text: &[u8]) -> bool {
    match read(text) {
        Some(IpAddr::V4(address)) => client_v4(address),
        Some(IpAddr::V6(address)) => match address.to_ipv4_mapped() {
            Some(address) => client_v4(address),
            None => client_v6(address),
        },
        None => false,
    }
}

fn read(text: &[u8]) -> Option<IpAddr> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

fn client_v4(address: Ipv4Addr) -> bool {
    let [first, second, _, last] = address.octets();
    let reserved = first == 0
        || first >= 224
        || address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || (first == 100 && second & 0xC0 == 64)
        // The address of a network, and the look of many a version number.
        || last == 0;
    !reserved
}

fn client_v6(address: Ipv6Addr) -> bool {
    let reserved = address.is_loopback()
        || address.is_unspecified()
        || address.is_multicast()
        || address.is_unicast_link_local()
        || address.is_unique_local()
        // `::1:2` and the like: too short to be told from times and ratios.
        || address.segments().iter().filter(|segment| **segment != 0).count() < 3;
    !reserved
}
