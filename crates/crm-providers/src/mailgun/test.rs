//! Trying Mailgun out, step by step, for the person who set it up.

use std::time::{Duration, Instant};

use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{EmailProvider as _, MailgunProvider};
use crate::email::{Outcome, OutgoingEmail};
use crate::http::Cause;
use crate::providers::TestStep;

impl MailgunProvider {
    /// Connects, secures, signs in and sends `message`, all within `limit`; the steps end with the first that fails.
    pub(crate) async fn test(&self, message: &OutgoingEmail, limit: Duration) -> Vec<TestStep> {
        let deadline = Instant::now() + limit;
        let mut steps = Vec::new();
        let begin = Instant::now();
        let (stream, peer) = match timeout(limit, self.connect()).await {
            Ok(Ok(connected)) => connected,
            Ok(Err(cause)) => return end(steps, "connect", begin, cause.to_string()),
            Err(_) => return end(steps, "connect", begin, Cause::TimedOut(limit).to_string()),
        };
        let family = if peer.is_ipv4() { "IPv4" } else { "IPv6" };
        steps.push(step("connect", true, begin, format!("connected to {peer}, {family}")));
        if self.mailgun.api.address().is_secure() {
            let begin = Instant::now();
            let left = deadline.saturating_duration_since(begin);
            let host = self.mailgun.api.address().host();
            match timeout(left, self.trust.shake(host, stream)).await {
                Ok(Ok(version)) => steps.push(step("tls", true, begin, version.to_owned())),
                Ok(Err(how)) => return end(steps, "tls", begin, Cause::Tls(how).to_string()),
                Err(_) => return end(steps, "tls", begin, Cause::TimedOut(limit).to_string()),
            }
        }
        let begin = Instant::now();
        let left = deadline.saturating_duration_since(begin);
        // A key that may only send answers nothing else, so that the message itself shows whether it is let in.
        match timeout(left, self.send(message)).await {
            Ok(Outcome::Accepted { provider_id }) => {
                steps.push(step("sign_in", true, begin, "the API key was accepted".to_owned()));
                let id = provider_id.unwrap_or_default();
                steps.push(step("send", true, begin, format!("queued as {id}")));
                steps
            }
            Ok(Outcome::Blocked { kind, message }) if kind == "authentication" => {
                end(steps, "sign_in", begin, message)
            }
            Ok(
                Outcome::Transient { message, .. }
                | Outcome::Permanent { message, .. }
                | Outcome::Blocked { message, .. }
                | Outcome::Unknown { message },
            ) => end(steps, "send", begin, message),
            Err(_) => end(steps, "send", begin, Cause::TimedOut(limit).to_string()),
        }
    }

    async fn connect(&self) -> Result<(TcpStream, std::net::SocketAddr), Cause> {
        let api = &self.mailgun.api;
        let found = api.reach().resolve(api.address()).await.map_err(Cause::Outbound)?;
        let mut cause = Cause::Connect("there is no address to connect to".to_owned());
        for address in found {
            match TcpStream::connect(address).await {
                Ok(stream) => return Ok((stream, address)),
                Err(error) => cause = Cause::Connect(error.to_string()),
            }
        }
        Err(cause)
    }
}

fn step(step: &'static str, ok: bool, begin: Instant, message: String) -> TestStep {
    let millis = u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX);
    TestStep { step, ok, message, millis }
}

fn end(
    mut steps: Vec<TestStep>,
    failed: &'static str,
    begin: Instant,
    message: String,
) -> Vec<TestStep> {
    steps.push(step(failed, false, begin, message));
    steps
}
