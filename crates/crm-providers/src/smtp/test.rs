//! Trying a server out, step by step, for the person who set it up.

use std::time::{Duration, Instant};

use tokio::time::timeout;

use super::SmtpProvider;
use super::connect::Server;
use super::deliver::{Envelope, deliver};
use super::failure::{Cause, Stage};
use super::pool::quit;
use crate::email::OutgoingEmail;
use crate::providers::{Security, TestStep};

/// The steps so far, and the time left for the rest.
struct Protocol {
    steps: Vec<TestStep>,
    deadline: Instant,
    limit: Duration,
}

impl Protocol {
    /// Does one step within the time left, and notes what `words` makes of its success.
    async fn step<T>(
        &mut self,
        step: &'static str,
        work: impl Future<Output = Result<T, Cause>>,
        words: impl FnOnce(&T) -> String,
    ) -> Option<T> {
        let begin = Instant::now();
        let left = self.deadline.saturating_duration_since(begin);
        let result = timeout(left, work).await.unwrap_or(Err(Cause::TimedOut(self.limit)));
        let millis = u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX);
        let (ok, message) = match &result {
            Ok(done) => (true, words(done)),
            Err(cause) => (false, cause.to_string()),
        };
        self.steps.push(TestStep { step, ok, message, millis });
        result.ok()
    }
}

impl SmtpProvider {
    /// Connects, secures, signs in and sends `message`, all within `limit`; the steps end with the first that fails.
    /// The connection is its own, so that what is tested is the way from the beginning.
    pub(crate) async fn test(&self, message: &OutgoingEmail, limit: Duration) -> Vec<TestStep> {
        let deadline = Instant::now() + limit;
        let mut protocol = Protocol { steps: Vec::new(), deadline, limit };
        self.walk(message, &mut protocol).await;
        protocol.steps
    }

    async fn walk(&self, message: &OutgoingEmail, protocol: &mut Protocol) -> Option<()> {
        let server: &Server = self.server.as_ref();
        let connected = protocol
            .step("connect", Box::pin(server.connect(protocol.limit)), |connected| {
                let family = if connected.peer.is_ipv4() { "IPv4" } else { "IPv6" };
                format!("connected to {}, {family}", connected.peer)
            })
            .await?;
        let peer = connected.peer;
        let securing = Box::pin(server.secure(connected));
        let mut session = if server.security == Security::None {
            // Nothing is done on the wire here.
            securing.await.ok()?
        } else {
            protocol
                .step("tls", securing, |session| session.tls.unwrap_or("TLS").to_owned())
                .await?
        };
        if let Some((username, _)) = &server.credentials {
            let words = |(): &()| format!("signed in as {username}");
            protocol.step("sign_in", Box::pin(server.sign_in(&mut session, peer)), words).await?;
        }
        let signing =
            async { self.framed(message).map_err(|error| Cause::Lost(error.to_string())) };
        let framed = match &self.signer {
            Some(_) => protocol.step("sign", signing, |_| "signed (DKIM)".to_owned()).await?,
            None => signing.await.ok()?,
        };
        let envelope =
            Envelope { from: self.sender.email.as_str(), to: message.to.as_str(), framed: &framed };
        let mut stage = Stage::Mail;
        let delivery = Box::pin(deliver(&mut session, &envelope, &mut stage));
        protocol.step("send", delivery, Clone::clone).await?;
        tokio::spawn(quit(vec![session]));
        Some(())
    }
}
