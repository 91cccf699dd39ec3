//! Asking the DNS, with answers told apart: there, not there, and nobody knows.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::{RData, RecordType};

/// How long one question may take, with one repetition.
const PATIENCE: Duration = Duration::from_secs(3);

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Miss {
    /// There is no such name.
    NoName,
    /// The name has no record of this kind.
    NoRecord,
    /// The question got no useful answer; in words.
    Failed(String),
}

pub(super) type Found<T> = Result<Vec<T>, Miss>;

/// A resolver for the questions of one check. Nothing is kept from one check to the next: whoever has just published a record
/// wants to see it.
pub(super) struct Dns(Result<TokioResolver, String>);

impl Dns {
    /// Asks the server at this address; that of the operating system where there is none.
    pub(super) fn new(server: Option<SocketAddr>) -> Self {
        Self(build(server).map_err(|error| error.to_string()))
    }

    async fn ask(&self, name: &str, kind: RecordType) -> Found<RData> {
        let resolver = self.0.as_ref().map_err(|error| Miss::Failed(error.clone()))?;
        // With its final dot: no search list of this machine is tried.
        let name = format!("{}.", name.trim_end_matches('.'));
        match resolver.lookup(name.as_str(), kind).await {
            Ok(found) => {
                let data = found.answers().iter().map(|record| record.data.clone());
                let data: Vec<RData> = data.filter(|data| data.record_type() == kind).collect();
                if data.is_empty() { Err(Miss::NoRecord) } else { Ok(data) }
            }
            Err(error) if error.is_nx_domain() => Err(Miss::NoName),
            Err(error) if error.is_no_records_found() => Err(Miss::NoRecord),
            Err(NetError::Timeout) => Err(Miss::Failed("it did not answer in time".to_owned())),
            Err(error) => Err(Miss::Failed(error.to_string())),
        }
    }

    /// Texts, each of them in one piece.
    pub(super) async fn texts(&self, name: &str) -> Found<String> {
        let text = |data: RData| match data {
            RData::TXT(text) => {
                Some(text.txt_data.iter().map(|part| String::from_utf8_lossy(part)).collect())
            }
            _ => None,
        };
        Ok(self.ask(name, RecordType::TXT).await?.into_iter().filter_map(text).collect())
    }

    /// Where mail for a domain goes, the first choice first; empty names of a domain that takes none.
    pub(super) async fn mail_servers(&self, name: &str) -> Found<String> {
        let mut found: Vec<(u16, String)> = Vec::new();
        for data in self.ask(name, RecordType::MX).await? {
            if let RData::MX(mx) = data {
                let host = mx.exchange.to_utf8();
                found.push((mx.preference, host.trim_end_matches('.').to_ascii_lowercase()));
            }
        }
        found.sort();
        Ok(found.into_iter().map(|(_, host)| host).collect())
    }

    /// The addresses of a host.
    pub(super) async fn addresses(&self, name: &str) -> Found<IpAddr> {
        let (four, six) =
            tokio::join!(self.ask(name, RecordType::A), self.ask(name, RecordType::AAAA));
        let address = |data: RData| match data {
            RData::A(address) => Some(IpAddr::V4(address.0)),
            RData::AAAA(address) => Some(IpAddr::V6(address.0)),
            _ => None,
        };
        match (four, six) {
            (Err(miss), Err(Miss::NoRecord | Miss::NoName)) | (Err(_), Err(miss)) => Err(miss),
            (four, six) => {
                let all = four.unwrap_or_default().into_iter().chain(six.unwrap_or_default());
                Ok(all.filter_map(address).collect())
            }
        }
    }

    /// The names an address says it has.
    pub(super) async fn names(&self, address: IpAddr) -> Found<String> {
        let found = self.ask(&reverse(address), RecordType::PTR).await?;
        let name = |data: RData| match data {
            RData::PTR(name) => Some(name.0.to_utf8().trim_end_matches('.').to_ascii_lowercase()),
            _ => None,
        };
        Ok(found.into_iter().filter_map(name).collect())
    }
}

fn build(server: Option<SocketAddr>) -> Result<TokioResolver, NetError> {
    let mut builder = match server {
        None => TokioResolver::builder_tokio()?,
        Some(server) => {
            let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()];
            let connections = connections.map(|mut connection| {
                connection.port = server.port();
                connection
            });
            let server = NameServerConfig::new(server.ip(), true, connections.to_vec());
            let config = ResolverConfig::from_name_servers(vec![server]);
            TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
        }
    };
    let options: &mut ResolverOpts = builder.options_mut();
    options.timeout = PATIENCE;
    options.attempts = 1;
    options.cache_size = 0;
    options.use_hosts_file = ResolveHosts::Never;
    builder.build()
}

/// The name under which an address is looked up.
fn reverse(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => {
            let [a, b, c, d] = address.octets();
            format!("{d}.{c}.{b}.{a}.in-addr.arpa")
        }
        IpAddr::V6(address) => {
            let digits = address.octets().into_iter().rev();
            let digits = digits.map(|byte| format!("{:x}.{:x}.", byte & 0xf, byte >> 4));
            format!("{}ip6.arpa", digits.collect::<String>())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::reverse;

    #[test]
    fn addresses_have_names_backwards() {
        assert_eq!(reverse("192.0.2.10".parse().unwrap()), "10.2.0.192.in-addr.arpa");
        let six = reverse("2001:db8::1".parse().unwrap());
        assert!(six.starts_with("1.0.0.0.") && six.ends_with("8.b.d.0.1.0.0.2.ip6.arpa"), "{six}");
    }
}
