//! HTTP to providers by `reqwest`: no redirects, bounded answers, connections only where they may go.
//!
//! As with SMTP one question decides what may be done after a failure: was the end of the request already handed over?
//! Before it the provider has surely not taken the message; after it, without an answer, nobody can know.

mod body;
mod failure;
mod place;
mod wait;

use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use bytes::Bytes;
use crm_core::Clock;
use crm_core::outbound::{Address, Reach};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::RETRY_AFTER;
use reqwest::{Client, RequestBuilder, Response};
use tokio::runtime::Handle;

use self::body::{Body, HandedOver};
pub(crate) use self::failure::{Cause, Failure, one_line};
pub(crate) use self::place::place;
pub(crate) use self::wait::{LONGEST_WAIT, retry_after};
use crate::smtp::{Timeouts, system_tls};

/// Most bytes of an answer. The answers of providers are small.
const MOST: usize = 1_000_000;
/// How long an unused connection is kept: less than servers keep theirs, so that none is used that they are closing.
const IDLE: Duration = Duration::from_secs(10);

/// What a provider answered.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// Its status.
    pub(crate) status: u16,
    /// When it wants to be asked again.
    pub(crate) retry_after: Option<Duration>,
    /// What it said; as much of it as came.
    pub(crate) body: Vec<u8>,
    /// Whether all of it came.
    pub(crate) is_whole: bool,
}

impl Answer {
    /// The body as JSON, where it is some.
    pub(crate) fn json(&self) -> Option<serde_json::Value> {
        self.is_whole.then(|| serde_json::from_slice(&self.body).ok()).flatten()
    }
}

/// A server with an HTTP API.
pub(crate) struct Api {
    address: Address,
    reach: Reach,
    clock: Arc<dyn Clock>,
    timeouts: Timeouts,
    runtime: Handle,
    client: RwLock<Option<Client>>,
}

impl Api {
    /// The API at `address`. Nothing is connected before the first request. Connections live in `runtime`: a web server's
    /// thread has one of its own that ends before they do.
    pub(crate) fn new(
        (address, reach): (Address, Reach),
        clock: Arc<dyn Clock>,
        timeouts: Timeouts,
        runtime: Handle,
    ) -> Self {
        Self { address, reach, clock, timeouts, runtime, client: RwLock::new(None) }
    }

    /// Where it is.
    pub(crate) const fn address(&self) -> &Address {
        &self.address
    }

    /// Which addresses may be connected to.
    pub(crate) const fn reach(&self) -> &Reach {
        &self.reach
    }

    /// Hands `content` over by POST to `path` behind the address and returns the answer.
    pub(crate) async fn post(
        &self,
        path: &str,
        content: Vec<u8>,
        dress: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Result<Answer, Failure> {
        let handed_over = HandedOver::default();
        let body = Body::new(Bytes::from(content), handed_over.clone());
        let url = format!("{}{path}", self.address.as_str());
        let asking = self.ask(|client| dress(client.post(url)).body(reqwest::Body::wrap(body)));
        asking.await.map_err(|cause| Failure { handed_over: handed_over.get(), cause })
    }

    /// Asks by GET; nothing changes by that, so that a failure is no more than one.
    pub(crate) async fn get(
        &self,
        path: &str,
        dress: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Result<Answer, Cause> {
        let url = format!("{}{path}", self.address.as_str());
        self.ask(|client| dress(client.get(url))).await
    }

    async fn ask(&self, request: impl FnOnce(&Client) -> RequestBuilder) -> Result<Answer, Cause> {
        // A host that is an address is connected to without asking the resolver of the client.
        if self.address.host().parse::<std::net::IpAddr>().is_ok() {
            self.reach.resolve(&self.address).await.map_err(Cause::Outbound)?;
        }
        let request = request(&self.client()?);
        let (clock, limit) = (Arc::clone(&self.clock), self.timeouts.connect + self.timeouts.send);
        let exchange = self.runtime.spawn(async move {
            let exchange = Box::pin(exchange(request, clock));
            tokio::time::timeout(limit, exchange).await.unwrap_or(Err(Cause::TimedOut(limit)))
        });
        // An error here is the end of the program, or a bug.
        exchange.await.unwrap_or_else(|error| Err(Cause::Lost(error.to_string())))
    }

    fn client(&self) -> Result<Client, Cause> {
        let kept = self.client.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(client) = kept {
            return Ok(client);
        }
        let guard = Guard { address: self.address.clone(), reach: self.reach.clone() };
        let client = Client::builder()
            .tls_backend_preconfigured(tls()?)
            // A redirect could lead where the address may not, and would take the key along.
            .redirect(reqwest::redirect::Policy::none())
            // What was handed over is not handed over again behind our back.
            .retry(reqwest::retry::never())
            .no_proxy()
            .dns_resolver(Arc::new(guard))
            .connect_timeout(self.timeouts.connect)
            .pool_idle_timeout(IDLE)
            .build()
            .map_err(|error| Cause::Tls(error.to_string()))?;
        *self.client.write().unwrap_or_else(PoisonError::into_inner) = Some(client.clone());
        Ok(client)
    }

    /// Ends idle connections.
    pub(crate) fn close(&self) {
        *self.client.write().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

async fn exchange(request: RequestBuilder, clock: Arc<dyn Clock>) -> Result<Answer, Cause> {
    let answer = request.send().await.map_err(|error| Cause::of(&error))?;
    let status = answer.status().as_u16();
    let wait = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    let retry_after = wait.and_then(|text| retry_after(text, clock.now()));
    let (body, is_whole) = read(answer).await;
    Ok(Answer { status, retry_after, body, is_whole })
}

/// Reads an answer, no more of it than it may be; `false` where that is not all.
async fn read(mut answer: Response) -> (Vec<u8>, bool) {
    let mut body = Vec::new();
    loop {
        match answer.chunk().await {
            Ok(Some(more)) => {
                if body.len() + more.len() > MOST {
                    return (body, false);
                }
                body.extend_from_slice(&more);
            }
            Ok(None) => return (body, true),
            Err(_) => return (body, false),
        }
    }
}

/// Whose certificates are believed: those the operating system does. Read when the first connection is made.
fn tls() -> Result<tokio_rustls::rustls::ClientConfig, Cause> {
    static CONFIG: OnceLock<Result<tokio_rustls::rustls::ClientConfig, String>> = OnceLock::new();
    CONFIG.get_or_init(system_tls).clone().map_err(Cause::Tls)
}

/// Resolves the host of one address to those of its addresses that may be connected to, each time a connection is made.
struct Guard {
    address: Address,
    reach: Reach,
}

impl Resolve for Guard {
    fn resolve(&self, _name: Name) -> Resolving {
        let (address, reach) = (self.address.clone(), self.reach.clone());
        Box::pin(async move {
            let found = reach.resolve(&address).await?;
            let found: Addrs = Box::new(found.into_iter());
            Ok(found)
        })
    }
}
