//! What the DNS says of a domain, against what it should say.

use std::net::IpAddr;

use super::dns::{Dns, Found, Miss};
use super::spf::{self, Sender};
use super::{Check, Kind, Subject, Verdict};

/// Reading a DMARC policy: its tags by name.
fn tag<'a>(record: &'a str, name: &str) -> Option<&'a str> {
    record
        .split(';')
        .filter_map(|part| part.split_once('='))
        .find_map(|(key, value)| key.trim().eq_ignore_ascii_case(name).then(|| value.trim()))
}

/// A check that could not be made.
fn unknown(kind: Kind, name: &str, wanted: Option<String>, why: &str) -> Check {
    let words = format!(
        "Could not be checked: {why}. That says nothing about the record; try again later."
    );
    Check {
        kind,
        verdict: Verdict::Unknown,
        name: name.to_owned(),
        wanted,
        found: Vec::new(),
        words,
    }
}

/// A record that is not there.
fn missing(kind: Kind, name: &str, wanted: Option<String>, words: &str) -> Check {
    let words = words.to_owned();
    Check {
        kind,
        verdict: Verdict::Missing,
        name: name.to_owned(),
        wanted,
        found: Vec::new(),
        words,
    }
}

/// Looks at everything.
pub(super) async fn run(dns: &Dns, subject: &Subject) -> Vec<Check> {
    let mut checks = vec![spf(dns, subject).await];
    for key in &subject.keys {
        checks.push(dkim(dns, key).await);
    }
    checks.push(dmarc(dns, &subject.domain).await);
    checks.push(mx(dns, &subject.domain).await);
    for host in &subject.hosts {
        checks.push(ptr(dns, host).await);
    }
    checks
}

/// The addresses of the domain's own mail servers that mail of it comes from.
async fn own_addresses(dns: &Dns, subject: &Subject) -> Vec<IpAddr> {
    let mut all = Vec::new();
    for host in &subject.hosts {
        match host.parse::<IpAddr>() {
            Ok(address) => all.push(address),
            Err(_) => all.extend(dns.addresses(host).await.unwrap_or_default()),
        }
    }
    all.retain(|address| !is_local(*address));
    all
}

/// Whether an address is good on one network only: mail leaves under another one.
const fn is_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(four) => four.is_loopback() || four.is_private() || four.is_link_local(),
        IpAddr::V6(six) => {
            six.is_loopback() || six.is_unique_local() || six.is_unicast_link_local()
        }
    }
}

async fn spf(dns: &Dns, subject: &Subject) -> Check {
    let (kind, name) = (Kind::Spf, subject.domain.as_str());
    let addresses = own_addresses(dns, subject).await;
    let terms = subject.includes.iter().map(|include| format!("include:{include}"));
    let terms: Vec<String> = terms
        .chain(addresses.iter().map(|address| match address {
            IpAddr::V4(address) => format!("ip4:{address}"),
            IpAddr::V6(address) => format!("ip6:{address}"),
        }))
        .collect();
    let wanted = (!terms.is_empty()).then(|| format!("v=spf1 {} ~all", terms.join(" ")));
    let found = match spf::records(dns, name).await {
        Ok(found) => found,
        Err(Miss::Failed(why)) => return unknown(kind, name, wanted, &why),
        Err(Miss::NoName) => {
            let words =
                "The DNS knows no such domain. Check its spelling, and whether it is registered.";
            return missing(kind, name, wanted, words);
        }
        Err(Miss::NoRecord) => {
            let words = "There is no SPF record: nothing says who may send mail for this domain. Publish this one.";
            return missing(kind, name, wanted, words);
        }
    };
    let check = |verdict, words: String| Check {
        kind,
        verdict,
        name: name.to_owned(),
        wanted: wanted.clone(),
        found: found.clone(),
        words,
    };
    let [record] = found.as_slice() else {
        let words =
            "There are several SPF records. Receivers take that for none: put them into one.";
        return check(Verdict::Wrong, words.to_owned());
    };
    let mut lacking = Vec::new();
    let mut failed = false;
    for include in &subject.includes {
        let walk = spf::walk(dns, name, record, Sender::Service(include)).await;
        if walk.is_too_long() {
            let words = "The record leads to more than ten questions, and receivers give up on it. Leave out what you do not send through.";
            return check(Verdict::Wrong, words.to_owned());
        }
        failed |= walk.failed && !walk.allowed;
        if !walk.allowed {
            lacking.push(format!("include:{include}"));
        }
    }
    for address in &addresses {
        let walk = spf::walk(dns, name, record, Sender::Addresses(&[*address])).await;
        failed |= walk.failed && !walk.allowed;
        if !walk.allowed {
            let family = if address.is_ipv4() { "ip4" } else { "ip6" };
            lacking.push(format!("{family}:{address}"));
        }
    }
    if subject.includes.is_empty() && addresses.is_empty() {
        let words = "There is a record. Whether it lets your mail server send cannot be told from here: see that the public address it sends from is in it.";
        return check(Verdict::Warn, words.to_owned());
    }
    if lacking.is_empty() {
        return check(Verdict::Ok, "Your providers may send for this domain.".to_owned());
    }
    if failed {
        return unknown(kind, name, wanted, "a record it includes got no answer");
    }
    let lacking = lacking.join(" ");
    check(
        Verdict::Wrong,
        format!("The record does not let all your providers send. Add {lacking} before its end."),
    )
}

async fn dkim(dns: &Dns, key: &crate::providers::SigningKey) -> Check {
    let kind = Kind::Dkim;
    let name = key.record_name().unwrap_or_default();
    let wanted = Some(key.record_value());
    let found = match dns.texts(&name).await {
        Ok(found) => found,
        Err(Miss::Failed(why)) => return unknown(kind, &name, wanted, &why),
        Err(Miss::NoName | Miss::NoRecord) => {
            let words = if key.is_on {
                "The key is not published, so that receivers cannot check your signatures. Publish this record."
            } else {
                "The key is not published yet. Publish this record, then turn signing on."
            };
            return missing(kind, &name, wanted, words);
        }
    };
    let public = |text: &String| {
        tag(text, "p").map(|key| key.chars().filter(|c| !c.is_whitespace()).collect::<String>())
    };
    let same = found.iter().any(|text| public(text).as_deref() == Some(key.public_key.as_str()));
    let (verdict, words) = match (same, key.is_on) {
        (true, true) => (Verdict::Ok, "The key is published, and mail is signed with it."),
        (true, false) => (Verdict::Warn, "The key is published. Turn signing on to use it."),
        (false, _) => (
            Verdict::Wrong,
            "Another key is published here than the one mail is signed with. Replace it by this record.",
        ),
    };
    Check { kind, verdict, name, wanted, found, words: words.to_owned() }
}

/// The policy of a domain, or of the one above it that speaks for it.
async fn policies(dns: &Dns, domain: &str) -> (String, Found<String>) {
    let mut at = domain;
    loop {
        let name = format!("_dmarc.{at}");
        let is_dmarc =
            |text: &String| text.trim_start().to_ascii_lowercase().starts_with("v=dmarc1");
        let found = dns.texts(&name).await.and_then(|texts| {
            let found: Vec<String> = texts.into_iter().filter(is_dmarc).collect();
            if found.is_empty() { Err(Miss::NoRecord) } else { Ok(found) }
        });
        match (found, at.split_once('.')) {
            (Err(Miss::NoName | Miss::NoRecord), Some((_, above))) if above.contains('.') => {
                at = above;
            }
            (found, _) => return (name, found),
        }
    }
}

async fn dmarc(dns: &Dns, domain: &str) -> Check {
    let kind = Kind::Dmarc;
    let own = format!("_dmarc.{domain}");
    let wanted = Some("v=DMARC1; p=none".to_owned());
    let (name, found) = policies(dns, domain).await;
    let found = match found {
        Ok(found) => found,
        Err(Miss::Failed(why)) => return unknown(kind, &own, wanted, &why),
        Err(Miss::NoName | Miss::NoRecord) => {
            let words = "There is no DMARC policy. Google, Yahoo and Microsoft ask senders of much mail for one; this one changes nothing yet.";
            return missing(kind, &own, wanted, words);
        }
    };
    let check = |verdict, words: String| Check {
        kind,
        verdict,
        name: name.clone(),
        wanted: wanted.clone(),
        found: found.clone(),
        words,
    };
    let [record] = found.as_slice() else {
        let words = "There are several DMARC records. Receivers take that for none: keep one.";
        return check(Verdict::Wrong, words.to_owned());
    };
    let policy =
        if name == own { tag(record, "p") } else { tag(record, "sp").or(tag(record, "p")) };
    let policy = policy.map(str::to_ascii_lowercase);
    let does = match policy.as_deref() {
        Some("none") => "Mail that fails the checks is delivered all the same.",
        Some("quarantine") => "Mail that fails the checks goes to the spam folder.",
        Some("reject") => "Mail that fails the checks is refused.",
        _ => {
            let words =
                "The policy has no p= of none, quarantine or reject, and counts for nothing.";
            return check(Verdict::Wrong, words.to_owned());
        }
    };
    let strict =
        |name: &str| tag(record, name).is_some_and(|value| value.eq_ignore_ascii_case("s"));
    let aligned = if strict("adkim") || strict("aspf") {
        "It asks for the very same domain in signature or envelope: what pi-crm signs itself meets that, other providers may not."
    } else {
        "Signatures and envelopes of this domain and those below it count."
    };
    check(Verdict::Ok, format!("{does} {aligned}"))
}

async fn mx(dns: &Dns, domain: &str) -> Check {
    let kind = Kind::Mx;
    let check = |verdict, found: Vec<String>, words: &str| Check {
        kind,
        verdict,
        name: domain.to_owned(),
        wanted: None,
        found,
        words: words.to_owned(),
    };
    match dns.mail_servers(domain).await {
        Ok(found) if found.iter().all(String::is_empty) => {
            let words = "The domain says that it takes no mail: nobody can reply to you.";
            check(Verdict::Wrong, Vec::new(), words)
        }
        Ok(found) => check(Verdict::Ok, found, "Replies have somewhere to go."),
        Err(Miss::Failed(why)) => unknown(kind, domain, None, &why),
        Err(Miss::NoName | Miss::NoRecord) => {
            let words = "The domain names no server that takes its mail: replies and bounces may not arrive.";
            check(Verdict::Warn, Vec::new(), words)
        }
    }
}

/// The name of a mail server's address, there and back.
async fn ptr(dns: &Dns, host: &str) -> Check {
    let kind = Kind::Ptr;
    let addresses = match host.parse::<IpAddr>() {
        Ok(address) => Ok(vec![address]),
        Err(_) => dns.addresses(host).await,
    };
    let addresses = match addresses {
        Ok(addresses) => addresses,
        Err(Miss::Failed(why)) => return unknown(kind, host, None, &why),
        Err(Miss::NoName | Miss::NoRecord) => {
            let words = "The DNS knows no address of this mail server.";
            return missing(kind, host, None, words);
        }
    };
    if addresses.iter().all(|address| is_local(*address)) {
        let words = "This mail server is on your own network. Mail leaves under a public address that cannot be told from here: that one needs a name (PTR), and belongs into the SPF record.";
        let (name, words) = (host.to_owned(), words.to_owned());
        let verdict = Verdict::Warn;
        return Check { kind, verdict, name, wanted: None, found: Vec::new(), words };
    }
    let mut all = Vec::new();
    for address in addresses {
        let names = match dns.names(address).await {
            Ok(names) => names,
            Err(Miss::Failed(why)) => return unknown(kind, host, None, &why),
            Err(Miss::NoName | Miss::NoRecord) => {
                let words = format!(
                    "The address {address} has no name (PTR). Many receivers refuse mail from such: ask whoever gave you the address, your provider of hosting or internet, to set it to {host}."
                );
                return missing(kind, host, None, &words);
            }
        };
        let mut back = false;
        for name in &names {
            back |= dns.addresses(name).await.is_ok_and(|found| found.contains(&address));
        }
        all.extend(names.iter().map(|name| format!("{address} is {name}")));
        if !back {
            let words = format!(
                "The name of the address {address} does not lead back to it. Let the name point to the address."
            );
            let (name, verdict) = (host.to_owned(), Verdict::Wrong);
            return Check { kind, verdict, name, wanted: None, found: all, words };
        }
    }
    let words = "The address has a name that leads back to it.".to_owned();
    Check { kind, verdict: Verdict::Ok, name: host.to_owned(), wanted: None, found: all, words }
}

#[cfg(test)]
mod tests {
    use super::tag;

    #[test]
    fn tags_are_read_whatever_stands_around_them() {
        let record = "v=DMARC1;p = Reject ; sp=none;adkim=s";
        assert_eq!((tag(record, "p"), tag(record, "adkim")), (Some("Reject"), Some("s")));
        assert_eq!(tag(record, "rua"), None);
    }
}
