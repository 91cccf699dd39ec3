//! Who may send for a domain (SPF, RFC 7208), as far as a set-up needs to know: whether a service or an address is among those
//! the record lets send.

use std::net::IpAddr;

use super::dns::{Dns, Found, Miss};

/// Questions an SPF record may lead to before receivers give up (RFC 7208, 4.6.4).
const MOST_LOOKUPS: usize = 10;

/// The SPF records among a domain's texts. There may be one.
pub(super) async fn records(dns: &Dns, domain: &str) -> Found<String> {
    let texts = dns.texts(domain).await?;
    let is_spf = |text: &String| {
        let word = text.split_whitespace().next().unwrap_or_default();
        word.eq_ignore_ascii_case("v=spf1")
    };
    let found: Vec<String> = texts.into_iter().filter(is_spf).collect();
    if found.is_empty() { Err(Miss::NoRecord) } else { Ok(found) }
}

/// Whom a record is asked about.
#[derive(Debug, Clone)]
pub(super) enum Sender<'a> {
    /// A service, by the name its customers include.
    Service(&'a str),
    /// A server, by its addresses.
    Addresses(&'a [IpAddr]),
}

/// What following a record came to.
#[derive(Debug, Default)]
pub(super) struct Walk {
    /// Whether the sender is among those who may send.
    pub(super) allowed: bool,
    /// Questions it took; more than [`MOST_LOOKUPS`] break it for receivers.
    lookups: usize,
    /// Whether some question got no answer.
    pub(super) failed: bool,
}

impl Walk {
    /// Whether receivers give up on the record.
    pub(super) const fn is_too_long(&self) -> bool {
        self.lookups > MOST_LOOKUPS
    }
}

/// Follows a record, and those it includes.
pub(super) async fn walk(dns: &Dns, domain: &str, record: &str, sender: Sender<'_>) -> Walk {
    let mut walk = Walk::default();
    let mut waiting = vec![(domain.to_owned(), record.to_owned())];
    while let Some((domain, record)) = waiting.pop() {
        for term in record.split_whitespace().skip(1) {
            let lower = term.to_ascii_lowercase();
            let qualifier = lower.starts_with(['-', '~', '?']);
            let plain = lower.trim_start_matches(['+', '-', '~', '?']);
            let follow = plain.strip_prefix("include:").or_else(|| plain.strip_prefix("redirect="));
            if let Some(other) = follow {
                walk.lookups += 1;
                if matches!(&sender, Sender::Service(name) if *name == other) {
                    walk.allowed |= !qualifier;
                }
                if walk.is_too_long() {
                    return walk;
                }
                match records(dns, other).await {
                    Ok(found) => {
                        waiting.extend(found.first().map(|text| (other.to_owned(), text.clone())));
                    }
                    Err(Miss::Failed(_)) => walk.failed = true,
                    Err(Miss::NoName | Miss::NoRecord) => {}
                }
                continue;
            }
            let found = term_holds(dns, &domain, plain, &sender, &mut walk).await;
            walk.allowed |= found && !qualifier;
        }
    }
    walk
}

/// Whether a term that names addresses names one of the sender's.
async fn term_holds(
    dns: &Dns,
    domain: &str,
    term: &str,
    sender: &Sender<'_>,
    walk: &mut Walk,
) -> bool {
    let Sender::Addresses(addresses) = sender else {
        if term == "a" || term == "mx" || term.starts_with("a:") || term.starts_with("mx:") {
            walk.lookups += 1;
        }
        return false;
    };
    if let Some(range) = term.strip_prefix("ip4:").or_else(|| term.strip_prefix("ip6:")) {
        return addresses.iter().any(|address| is_in(*address, range));
    }
    let (kind, of) = term.split_once(':').unwrap_or((term, domain));
    let hosts = match kind {
        "a" => vec![of.to_owned()],
        "mx" => match dns.mail_servers(of).await {
            Ok(hosts) => hosts,
            Err(miss) => {
                walk.failed |= matches!(miss, Miss::Failed(_));
                Vec::new()
            }
        },
        _ => return false,
    };
    walk.lookups += 1;
    for host in hosts.iter().take(MOST_LOOKUPS) {
        match dns.addresses(host).await {
            Ok(found) if found.iter().any(|address| addresses.contains(address)) => return true,
            Ok(_) => {}
            Err(miss) => walk.failed |= matches!(miss, Miss::Failed(_)),
        }
    }
    false
}

/// Whether an address lies in a range like `192.0.2.0/24`.
fn is_in(address: IpAddr, range: &str) -> bool {
    if let Ok(one) = range.parse::<IpAddr>() {
        return one == address;
    }
    range.parse::<ipnet::IpNet>().is_ok_and(|net| net.contains(&address))
}
