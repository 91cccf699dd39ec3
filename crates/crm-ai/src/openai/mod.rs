//! [`LanguageModel`] by the chat completions API of `OpenAI`, which llama.cpp, Ollama and others have too. The requests
//! and the stream are async-openai's; what is ours is where it may connect, how long it may take, how much it may send,
//! and what its failures mean.

mod address;
mod answer;
mod wire;

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use async_openai::Client;
use async_openai::config::Config;
use async_openai::error::OpenAIError;
use async_openai::middleware::HttpRequestFactory;
use async_trait::async_trait;
use crm_core::outbound::Unreachable;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use rustls::crypto::ring;
use rustls_platform_verifier::BuilderVerifierExt;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

pub(crate) use self::address::{is_openai, openai};
use self::wire::Chunk;
use crate::language_model::{LanguageModel, ModelError, Pieces, Question};
pub use crm_core::outbound::{Address, AddressError, Reach};

/// How long a connection may take to come about.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// How long a server may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Without sending anything.
    pub silence: Duration,
    /// For the whole answer.
    pub whole: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { silence: Duration::from_secs(30), whole: Duration::from_mins(3) }
    }
}

/// A model at an address.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// Where the API is.
    pub address: Address,
    /// The key, where the server wants one.
    pub key: Option<SecretString>,
    /// What the model is called.
    pub model: String,
    /// Which addresses may be connected to.
    pub reach: Reach,
}

/// [`LanguageModel`] by chat completions.
pub struct OpenAi {
    endpoint: Endpoint,
    limits: Limits,
}

impl OpenAi {
    /// The model at `endpoint`.
    pub const fn new(endpoint: Endpoint, limits: Limits) -> Self {
        Self { endpoint, limits }
    }

    /// A client for one question, tied to the addresses that may be connected to.
    async fn client(&self) -> Result<reqwest::Client, ModelError> {
        let broken = |error: String| ModelError::Unreachable(error);
        let mut client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls().map_err(broken)?)
            // A redirect could lead where the address may not, and would take the key along.
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT_LIMIT.min(self.limits.silence))
            .pool_max_idle_per_host(0);
        if let Reach::Policy(policy) = &self.endpoint.reach {
            let address = &self.endpoint.address;
            let found = address.resolve(policy).await.map_err(|error| match error {
                Unreachable::Refused(AddressError::Blocked(host)) => ModelError::Blocked(host),
                other => ModelError::Unreachable(other.to_string()),
            })?;
            client = client.resolve_to_addrs(address.host(), &found);
        }
        client.build().map_err(|error| broken(error.to_string()))
    }
}

/// Whose certificates are believed: those the operating system does. Read when the first connection is made.
fn tls() -> Result<rustls::ClientConfig, String> {
    static CONFIG: OnceLock<Result<rustls::ClientConfig, String>> = OnceLock::new();
    let read = || {
        let config =
            rustls::ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
                .with_safe_default_protocol_versions()
                .and_then(BuilderVerifierExt::with_platform_verifier)
                .map_err(|error| {
                    format!("this machine's certificate authorities cannot be read: {error}")
                })?;
        Ok(config.with_no_client_auth())
    };
    CONFIG.get_or_init(read).clone()
}

/// What async-openai asks about an endpoint. Its own type reads the environment and panics over an odd key.
struct Account<'a>(&'a Endpoint, SecretString);

impl Config for Account<'_> {
    fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let key = self.0.key.as_ref().map(|key| format!("Bearer {}", key.expose_secret()));
        if let Some(Ok(mut value)) = key.as_deref().map(HeaderValue::from_str) {
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        headers
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.0.address.as_str())
    }

    fn query(&self) -> Vec<(&str, &str)> {
        Vec::new()
    }

    fn api_base(&self) -> &str {
        self.0.address.as_str()
    }

    fn api_key(&self) -> &SecretString {
        &self.1
    }
}

#[async_trait]
impl LanguageModel for OpenAi {
    fn name(&self) -> &str {
        &self.endpoint.model
    }

    fn body(&self, question: &Question) -> Value {
        let mut body = json!({
            "model": self.endpoint.model,
            "messages": [
                {"role": "system", "content": question.rules},
                {"role": "user", "content": question.wish},
            ],
            "response_format": {
                "type": "json_schema",
                "json_schema": {
                    "name": question.name, "strict": true, "schema": question.schema,
                },
            },
            "stream": true,
            "stream_options": {"include_usage": true},
        });
        if let Value::Object(fields) = &mut body {
            // OpenAI's newer models refuse the old name of the limit, and other servers ignore the new one.
            let limit = if is_openai(&self.endpoint.address) {
                fields.insert("store".to_owned(), json!(false));
                "max_completion_tokens"
            } else {
                "max_tokens"
            };
            fields.insert(limit.to_owned(), json!(question.max_tokens));
        }
        body
    }

    fn address(&self) -> &str {
        self.endpoint.address.as_str()
    }

    async fn ask(&self, question: &Question) -> Result<Pieces, ModelError> {
        let client = self.client().await?;
        // async-openai hands errors on as text; this is where the real one waits.
        let refused: Arc<Mutex<Option<ModelError>>> = Arc::default();
        let service = {
            let (client, refused) = (client.clone(), Arc::clone(&refused));
            tower::service_fn(move |factory: HttpRequestFactory| {
                let (client, refused) = (client.clone(), Arc::clone(&refused));
                async move {
                    let request = factory.build().await?;
                    let judged = match client.execute(request).await {
                        Ok(answer) => answer::judge(answer).await,
                        Err(error) => Err(answer::unreachable(&error)),
                    };
                    judged.map_err(|error| {
                        let text = error.to_string();
                        *refused.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                        OpenAIError::InvalidArgument(text)
                    })
                }
            })
        };
        let account = Account(&self.endpoint, SecretString::default());
        let api = Client::build(client, account).with_http_service(service);
        let chat = api.chat();
        let body = self.body(question);
        let opening = chat.create_stream_byot::<Value, Chunk>(body);
        let silence = self.limits.silence;
        let opened = tokio::time::timeout(silence, opening).await;
        let opened = opened.map_err(|_| ModelError::Stalled(silence.as_secs()))?;
        match opened {
            Ok(stream) => Ok(answer::pieces(stream, silence)),
            Err(error) => {
                let waiting = refused.lock().unwrap_or_else(PoisonError::into_inner).take();
                Err(waiting.unwrap_or_else(|| ModelError::Unreachable(error.to_string())))
            }
        }
    }
}
