//! SMTP (RFC 5321) by `mail-send`: kept-open connections, STARTTLS, TLS, sign-in.
//!
//! The protocol is driven command by command, because one question decides what may be done after a failure: was the
//! end of the message already handed over? Before it, the server has surely not taken the message; after it, without
//! an answer, nobody can know.

mod classify;
mod connect;
mod deliver;
mod failure;
mod pool;
mod session;
mod test;
mod trust;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use crm_core::{Clock, EmailAddress, RecipientId};
use secrecy::SecretString;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use crate::dkim::{Signer, Unsigned};
use crate::email::{EmailProvider, Outcome, OutgoingEmail, Sender, Settled};
use crate::mime;
use crate::outbound::OutboundPolicy;
use crate::providers::{ReturnPath, SmtpConfig};
pub use classify::is_dead;
use classify::outcome;
use connect::Server;
use deliver::{Envelope, deliver};
use failure::{Cause, Failure, Stage};
use pool::Pool;
use session::Session;
pub use trust::Trust;
pub(crate) use trust::{system_tls, version};

/// Connections open at once where the settings do not say.
pub(crate) const DEFAULT_CONNECTIONS: u32 = 4;
/// Most connections a provider may have open at once.
pub(crate) const MAX_CONNECTIONS: u32 = 20;

/// How long things may take.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// From the name look-up to the end of the sign-in.
    pub connect: Duration,
    /// From `MAIL FROM` to the server's answer to the whole message.
    pub send: Duration,
    /// How long an unused connection is kept.
    pub idle: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(15),
            send: Duration::from_mins(1),
            idle: Duration::from_secs(30),
        }
    }
}

/// What an SMTP provider is given by the program around it.
#[derive(Clone)]
pub struct Surroundings {
    /// Tells the time for `Date`.
    pub clock: Arc<dyn Clock>,
    /// Where connections may go.
    pub outbound: OutboundPolicy,
    /// Whose certificates are believed.
    pub trust: Trust,
    /// The name this installation greets servers with; its address unless given.
    pub public_host: Option<String>,
    /// How long things may take.
    pub timeouts: Timeouts,
    /// Where connections live. They outlast whoever opened them: a web server's thread has a runtime of its own that
    /// ends before the last goodbye.
    pub runtime: Handle,
}

/// An SMTP server, opened.
pub struct SmtpProvider {
    clock: Arc<dyn Clock>,
    server: Arc<Server>,
    runtime: Handle,
    sender: Sender,
    signer: Option<Signer>,
    timeouts: Timeouts,
    permits: Semaphore,
    connections: usize,
    pool: Arc<Pool>,
    return_path: ReturnPath,
}

impl SmtpProvider {
    /// A provider for the server that `config` names. Nothing is connected before the first message.
    ///
    /// # Errors
    /// [`crm_core::email::BadEmail`] where a sender's address in `config` has no valid form.
    pub fn new(
        config: &SmtpConfig,
        password: Option<SecretString>,
        around: Surroundings,
    ) -> Result<Self, crm_core::email::BadEmail> {
        let sender = Sender {
            email: EmailAddress::parse(&config.from_email)?,
            name: config.from_name.clone(),
            reply_to: config.reply_to.as_deref().map(EmailAddress::parse).transpose()?,
        };
        let connections =
            config.connections.unwrap_or(DEFAULT_CONNECTIONS).clamp(1, MAX_CONNECTIONS);
        let connections = usize::try_from(connections).unwrap_or(1);
        let Surroundings { clock, outbound, trust, public_host, timeouts, runtime } = around;
        let server = Arc::new(Server {
            host: config.host.clone(),
            port: config.port,
            security: config.security,
            credentials: config.username.clone().zip(password),
            outbound,
            trust,
            public_host,
        });
        Ok(Self {
            clock,
            server,
            sender,
            signer: None,
            timeouts,
            permits: Semaphore::new(connections),
            connections,
            pool: Arc::new(Pool::new(timeouts.idle, runtime.clone())),
            runtime,
            return_path: config.return_path,
        })
    }

    /// Who a message is from on its envelope: reports about it go there.
    fn envelope_from<'a>(&'a self, message: &'a OutgoingEmail) -> &'a str {
        let own =
            message.return_path.as_deref().filter(|_| self.return_path == ReturnPath::Mailbox);
        own.unwrap_or(self.sender.email.as_str())
    }

    /// The same, signing its messages.
    #[must_use]
    pub(crate) fn signing(self, signer: Option<Signer>) -> Self {
        Self { signer, ..self }
    }

    /// The message as it travels.
    fn framed(&self, message: &OutgoingEmail) -> Result<Vec<u8>, Unsigned> {
        let now = self.clock.now();
        let bytes = mime::build(message, &self.sender, now);
        match &self.signer {
            Some(signer) => Ok(deliver::frame(&signer.sign(&bytes, now)?)),
            None => Ok(deliver::frame(&bytes)),
        }
    }

    /// Sends over `session`. Where the server takes no further message over it, although it took this one's
    /// predecessor, [`Attempt::Stale`] says that nothing was lost by that.
    async fn attempt(&self, mut session: Session, envelope: &Envelope<'_>, kept: bool) -> Attempt {
        let mut stage = Stage::Mail;
        let delivery = deliver(&mut session, envelope, &mut stage);
        let cause = match tokio::time::timeout(self.timeouts.send, delivery).await {
            Ok(Ok(reply)) => {
                self.pool.put(session);
                return Attempt::Done(Outcome::Accepted { provider_id: Some(reply) });
            }
            Ok(Err(cause)) => cause,
            Err(_) => Cause::TimedOut(self.timeouts.send),
        };
        let gone = matches!(cause, Cause::Lost(_)) || cause.code() == Some(421);
        if kept && gone && stage == Stage::Mail {
            return Attempt::Stale;
        }
        if cause.is_answer() && !gone {
            // The server refused this message, not us: the connection is good once the refused one is forgotten.
            if stage == Stage::Answer || self.reset(&mut session).await {
                self.pool.put(session);
            }
        }
        Attempt::Done(outcome(&Failure { stage, cause }))
    }

    async fn connect(&self) -> Result<Session, Failure> {
        let (server, limit) = (Arc::clone(&self.server), self.timeouts.connect);
        let opening = self.runtime.spawn(async move { server.open(limit).await });
        // An error here is the end of the program, or a bug in the connecting.
        opening.await.unwrap_or_else(|error| {
            Err(Failure::new(Stage::Connect, Cause::Lost(error.to_string())))
        })
    }

    async fn reset(&self, session: &mut Session) -> bool {
        let reset = session.client.rset();
        matches!(tokio::time::timeout(self.timeouts.connect, reset).await, Ok(Ok(())))
    }
}

/// What came of one try over one connection.
enum Attempt {
    Done(Outcome),
    Stale,
}

#[async_trait]
impl EmailProvider for SmtpProvider {
    async fn send(&self, message: &OutgoingEmail) -> Outcome {
        if !message.to.as_str().is_ascii() {
            return Outcome::Permanent {
                kind: "address".to_owned(),
                message: "the address has letters that not every mail server can carry".to_owned(),
                suppress: false,
            };
        }
        let bytes = match self.framed(message) {
            Ok(bytes) => bytes,
            Err(error) => {
                let kind = "signature".to_owned();
                return Outcome::Blocked { kind, message: error.to_string() };
            }
        };
        let from = self.envelope_from(message);
        let envelope = Envelope { from, to: message.to.as_str(), framed: &bytes };
        // The semaphore is never closed; were it, the message would wait like any other.
        let Ok(_permit) = self.permits.acquire().await else {
            return outcome(&Failure::new(Stage::Connect, Cause::Lost("closed".to_owned())));
        };
        if let Some(session) = self.pool.take()
            && let Attempt::Done(outcome) = self.attempt(session, &envelope, true).await
        {
            return outcome;
        }
        let session = match self.connect().await {
            Ok(session) => session,
            Err(failure) => return outcome(&failure),
        };
        match self.attempt(session, &envelope, false).await {
            Attempt::Done(outcome) => outcome,
            Attempt::Stale => {
                outcome(&Failure::new(Stage::Mail, Cause::Lost("the server hung up".to_owned())))
            }
        }
    }

    async fn settle(&self, _recipient_id: RecipientId) -> Settled {
        // SMTP has no way to ask about a message.
        Settled::Unknown
    }

    fn concurrency(&self) -> usize {
        self.connections
    }

    fn sender(&self) -> &Sender {
        &self.sender
    }

    async fn close(&self) {
        self.pool.close().await;
    }
}
