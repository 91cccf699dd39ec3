//! From a host name to a session that is ready for messages.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use mail_send::smtp::AssertReply as _;
use mail_send::{Credentials, SmtpClient};
use secrecy::{ExposeSecret as _, SecretString};
use smtp_proto::{EXT_START_TLS, EhloResponse};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;

use super::failure::{Cause, Failure, Stage};
use super::session::{Session, Wire};
use super::trust::{self, Trust};
use crate::outbound::{OutboundPolicy, is_public};
use crate::providers::Security;

/// Bound of every single command, beside the bounds of the whole: mail-send's own default is an hour.
const COMMAND_LIMIT: Duration = Duration::from_mins(10);

/// A server and how to get in.
pub(super) struct Server {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) security: Security,
    pub(super) credentials: Option<(String, SecretString)>,
    pub(super) outbound: OutboundPolicy,
    pub(super) trust: Trust,
    pub(super) public_host: Option<String>,
}

/// A connection before it is secured.
pub(super) struct Connected {
    client: SmtpClient<TcpStream>,
    /// What the server offers in clear; unknown where TLS comes first.
    offers: Option<EhloResponse<String>>,
    /// Its address.
    pub(super) peer: SocketAddr,
    /// The name we greet with.
    us: String,
}

impl Server {
    /// Connects, secures and signs in, all within `limit`.
    pub(super) async fn open(&self, limit: Duration) -> Result<Session, Failure> {
        let mut stage = Stage::Connect;
        match timeout(limit, Box::pin(self.walk(limit, &mut stage))).await {
            Ok(Ok(session)) => Ok(session),
            Ok(Err(cause)) => Err(Failure { stage, cause }),
            Err(_) => Err(Failure { stage, cause: Cause::TimedOut(limit) }),
        }
    }

    async fn walk(&self, limit: Duration, stage: &mut Stage) -> Result<Session, Cause> {
        let connected = self.connect(limit).await?;
        let peer = connected.peer;
        *stage = Stage::Tls;
        let mut session = self.secure(connected).await?;
        *stage = Stage::SignIn;
        self.sign_in(&mut session, peer).await?;
        Ok(session)
    }

    /// Reaches the server, at the addresses that may be connected to, one after the other; in clear it is also greeted.
    pub(super) async fn connect(&self, limit: Duration) -> Result<Connected, Cause> {
        let addresses =
            self.outbound.resolve(&self.host, self.port).await.map_err(Cause::Outbound)?;
        let each = limit / u32::try_from(addresses.len()).unwrap_or(u32::MAX).max(1);
        let mut cause = Cause::TimedOut(limit);
        for address in addresses {
            match timeout(each, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => return self.greet(stream, address).await,
                Ok(Err(error)) => cause = Cause::Lost(error.to_string()),
                Err(_) => {}
            }
        }
        Err(cause)
    }

    async fn greet(&self, stream: TcpStream, peer: SocketAddr) -> Result<Connected, Cause> {
        // Commands are small and each waits for its answer: collecting them would only delay them.
        let us = stream
            .set_nodelay(true)
            .and_then(|()| stream.local_addr())
            .map_err(|error| Cause::Lost(error.to_string()))?;
        let us = self.public_host.clone().unwrap_or_else(|| literal(us.ip()));
        let mut client = SmtpClient { stream, timeout: COMMAND_LIMIT };
        let mut offers = None;
        if self.security != Security::Tls {
            client.read().await?.assert_positive_completion()?;
            offers = Some(client.ehlo(&us).await?);
        }
        Ok(Connected { client, offers, peer, us })
    }

    /// Secures the connection as the settings demand, or fails: there is no falling back.
    pub(super) async fn secure(&self, connected: Connected) -> Result<Session, Cause> {
        let Connected { client, offers, us, .. } = connected;
        match (self.security, offers) {
            (Security::None, Some(offers)) => {
                Ok(Session { client: boxed(client), offers, tls: None })
            }
            (Security::Starttls, Some(offers)) => {
                if !offers.has_capability(EXT_START_TLS) {
                    return Err(Cause::NoStartTls);
                }
                let connector = self.trust.connector().map_err(Cause::Tls)?;
                let mut client = client.start_tls(&connector, &self.host).await?;
                // What was offered in clear may have been forged: ask again.
                let offers = client.ehlo(&us).await?;
                Ok(Session { tls: Some(version(&client)), client: boxed(client), offers })
            }
            _ => {
                let connector = self.trust.connector().map_err(Cause::Tls)?;
                let mut client = client.into_tls(&connector, &self.host).await?;
                client.read().await?.assert_positive_completion()?;
                let offers = client.ehlo(&us).await?;
                Ok(Session { tls: Some(version(&client)), client: boxed(client), offers })
            }
        }
    }

    /// Signs in, where there is something to sign in with.
    pub(super) async fn sign_in(
        &self,
        session: &mut Session,
        peer: SocketAddr,
    ) -> Result<(), Cause> {
        let Some((username, password)) = &self.credentials else { return Ok(()) };
        if session.tls.is_none() && is_public(peer.ip()) {
            return Err(Cause::ClearPassword);
        }
        let credentials = Credentials::new(username.as_str(), password.expose_secret());
        session.client.authenticate(&credentials, &session.offers).await?;
        Ok(())
    }
}

fn boxed<T: Wire + 'static>(client: SmtpClient<T>) -> SmtpClient<Box<dyn Wire>> {
    SmtpClient { stream: Box::new(client.stream), timeout: client.timeout }
}

fn version(client: &SmtpClient<TlsStream<TcpStream>>) -> &'static str {
    trust::version(client.tls_connection().protocol_version())
}

/// The address as a name to greet with (RFC 5321 4.1.3).
fn literal(address: IpAddr) -> String {
    match address {
        IpAddr::V4(v4) => format!("[{v4}]"),
        IpAddr::V6(v6) => format!("[IPv6:{v6}]"),
    }
}
