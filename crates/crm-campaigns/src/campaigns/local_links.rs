//! Links that lead to a machine nobody outside can reach.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crm_core::outbound::is_public;

/// Ends of names that only a local network knows.
const LOCAL: [&str; 8] = [
    ".local",
    ".lan",
    ".home",
    ".internal",
    ".intranet",
    ".localdomain",
    ".home.arpa",
    ".localhost",
];

/// The hosts of links and pictures in a text that are on this machine or a private network, each once.
pub(super) fn hosts(text: &str) -> BTreeSet<String> {
    let lower = text.to_ascii_lowercase();
    let rest = ["http://", "https://"].into_iter().flat_map(|scheme| lower.split(scheme).skip(1));
    rest.filter_map(host).filter(|host| is_local(host)).map(ToOwned::to_owned).collect()
}

/// The host a link begins with behind its scheme.
fn host(rest: &str) -> Option<&str> {
    let ends = |c: char| c.is_whitespace() || "/?#\"'<>()\\".contains(c);
    let authority = rest.split(ends).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    if let Some(v6) = host.strip_prefix('[') {
        return v6.split(']').next();
    }
    host.split(':').next().filter(|host| !host.is_empty())
}

fn is_local(host: &str) -> bool {
    if let Ok(address) = host.parse::<IpAddr>() {
        return !is_public(address);
    }
    // A placeholder is filled in later.
    let is_name = host.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '.');
    is_name && (!host.contains('.') || LOCAL.iter().any(|end| host.ends_with(end)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_the_local_network_knows_is_found() {
        let html = "<a href=\"http://192.168.1.5:8080/u/x\">a</a> <img src='HTTPS://Pi.local/x.png'> \
            https://shop.example/?u=1 http://localhost/ (http://[::1]:80/) https://9.9.9.9 http://nas/ \
            https://me:x@10.0.0.7/ {{ url }} https://{{ host }}/ http:// https://crm.home.arpa";
        let found: Vec<String> = hosts(html).into_iter().collect();
        assert_eq!(
            found,
            ["10.0.0.7", "192.168.1.5", "::1", "crm.home.arpa", "localhost", "nas", "pi.local"]
        );
        assert!(hosts("no link").is_empty() && hosts("").is_empty());
    }
}
