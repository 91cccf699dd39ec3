//! From a host name to an opened folder, step by step.

use std::time::{Duration, Instant};

use async_imap::{Authenticator, Client};
use secrecy::ExposeSecret as _;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::rustls::pki_types::ServerName;

use super::wire::{Metered, Wire};
use super::{Folder, ImapAccount, ImapFailure, ImapSurroundings, Login};
use crate::outbound::is_public;
use crate::providers::{Security, TestStep};
use crate::smtp::version;

/// Most bytes a server may say before a message is asked for.
pub(super) const TALK: usize = 256 * 1024;

impl ImapAccount {
    /// Connects, secures, signs in and opens the folder; `steps` tells how far it came, and ends with what failed.
    ///
    /// # Errors
    /// [`ImapFailure`]
    pub async fn open(
        &self,
        around: &ImapSurroundings,
        steps: &mut Vec<TestStep>,
    ) -> Result<Folder, ImapFailure> {
        let mut protocol = Protocol { steps, limit: around.patience };
        let words = |(_, peer): &(TcpStream, std::net::SocketAddr)| format!("connected to {peer}");
        let connected = protocol.step("connect", self.connect(around), words).await?;
        let (stream, peer) = connected;
        let in_clear = self.place.security == Security::None;
        let client = if in_clear {
            let greeting = Box::pin(greeted(Box::new(stream)));
            protocol.step("greeting", greeting, |_| "the server answers".to_owned()).await?
        } else {
            let securing = Box::pin(self.secure(around, stream));
            let words = |(_, tls): &(Client<Metered>, &'static str)| (*tls).to_owned();
            protocol.step("tls", securing, words).await?.0
        };
        if in_clear && is_public(peer.ip()) {
            return Err(ImapFailure::ClearPassword);
        }
        let words = |_: &_| format!("signed in as {}", self.place.username);
        let session = protocol.step("sign_in", Box::pin(self.sign_in(client)), words).await?;
        let opening = Box::pin(Folder::open(session, &self.place.folder, around.patience));
        let words =
            |folder: &Folder| format!("opened {}, {} messages", self.place.folder, folder.exists);
        protocol.step("open", opening, words).await
    }

    /// Reaches the server, at the addresses that may be connected to, one after the other.
    async fn connect(
        &self,
        around: &ImapSurroundings,
    ) -> Result<(TcpStream, std::net::SocketAddr), ImapFailure> {
        let addresses = around.outbound.resolve(&self.place.host, self.place.port).await?;
        let each = around.patience / u32::try_from(addresses.len()).unwrap_or(u32::MAX).max(1);
        let mut failure = ImapFailure::TimedOut(around.patience);
        for address in addresses {
            match timeout(each, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => return Ok((stream, address)),
                Ok(Err(error)) => failure = error.into(),
                Err(_) => {}
            }
        }
        Err(failure)
    }

    /// Secures the connection as the settings demand, or fails: there is no falling back.
    async fn secure(
        &self,
        around: &ImapSurroundings,
        stream: TcpStream,
    ) -> Result<(Client<Metered>, &'static str), ImapFailure> {
        let starts_in_clear = self.place.security == Security::Starttls;
        let wire: Box<dyn Wire> = if starts_in_clear {
            let mut client = greeted(Box::new(stream)).await?;
            client.run_command_and_check_ok("STARTTLS", None).await?;
            // What the server may have said too early, in clear, is thrown away with the client.
            Box::new(client.into_inner())
        } else {
            Box::new(stream)
        };
        let connector = around.trust.connector().map_err(ImapFailure::Tls)?;
        let name = ServerName::try_from(self.place.host.clone())
            .map_err(|error| ImapFailure::Tls(error.to_string()))?;
        let tls = connector.connect(name, wire).await;
        let tls = tls.map_err(|error| ImapFailure::Tls(error.to_string()))?;
        let version = version(tls.get_ref().1.protocol_version());
        let client = if starts_in_clear {
            Client::new(Metered::new(Box::new(tls), TALK))
        } else {
            greeted(Box::new(tls)).await?
        };
        Ok((client, version))
    }

    async fn sign_in(
        &self,
        client: Client<Metered>,
    ) -> Result<async_imap::Session<Metered>, ImapFailure> {
        let user = self.place.username.as_str();
        let password = match &self.login {
            Login::Password(password) => password.expose_secret(),
            Login::Token(token) => {
                let first = format!("user={user}\x01auth=Bearer {}\x01\x01", token.expose_secret());
                let signed_in = client.authenticate("XOAUTH2", Xoauth2(Some(first))).await;
                return signed_in.map_err(|(error, _)| error.into());
            }
        };
        let signed_in = if user.is_ascii() && password.is_ascii() {
            client.login(user, password).await
        } else {
            // LOGIN has no way to say in which letters a name is written.
            let plain = Plain(format!("\0{user}\0{password}"));
            client.authenticate("PLAIN", plain).await
        };
        signed_in.map_err(|(error, _)| error.into())
    }
}

/// `AUTHENTICATE PLAIN` (RFC 4616)
struct Plain(String);

impl Authenticator for Plain {
    type Response = String;

    fn process(&mut self, _challenge: &[u8]) -> String {
        self.0.clone()
    }
}

/// `AUTHENTICATE XOAUTH2`, as Google and Microsoft describe it: the token first; a server that does not take it says why
/// and waits for an empty answer before it says no.
struct Xoauth2(Option<String>);

impl Authenticator for Xoauth2 {
    type Response = String;

    fn process(&mut self, _challenge: &[u8]) -> String {
        self.0.take().unwrap_or_default()
    }
}

async fn greeted(wire: Box<dyn Wire>) -> Result<Client<Metered>, ImapFailure> {
    let mut client = Client::new(Metered::new(wire, TALK));
    let greeting = client.read_response().await?;
    if greeting.is_none() {
        return Err(ImapFailure::Lost("the server hung up".to_owned()));
    }
    Ok(client)
}

/// What `work` comes to, if that is in time.
pub(super) async fn within<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, ImapFailure>>,
) -> Result<T, ImapFailure> {
    timeout(limit, work).await.unwrap_or(Err(ImapFailure::TimedOut(limit)))
}

/// The steps so far.
struct Protocol<'a> {
    steps: &'a mut Vec<TestStep>,
    limit: Duration,
}

impl Protocol<'_> {
    /// Does one step and notes what `words` makes of its success.
    async fn step<T>(
        &mut self,
        step: &'static str,
        work: impl Future<Output = Result<T, ImapFailure>>,
        words: impl FnOnce(&T) -> String,
    ) -> Result<T, ImapFailure> {
        let begin = Instant::now();
        let result = within(self.limit, work).await;
        let millis = u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX);
        let (ok, message) = match &result {
            Ok(done) => (true, words(done)),
            Err(failure) => (false, failure.to_string()),
        };
        self.steps.push(TestStep { step, ok, message, millis });
        result
    }
}
