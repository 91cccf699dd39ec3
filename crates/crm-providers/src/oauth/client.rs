//! The requests of OAuth 2.0 (RFC 6749, RFC 7636, RFC 7009) by the crate `oauth2`, over our own HTTP.

use std::pin::Pin;
use std::time::Duration;

use oauth2::basic::{
    BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse,
    BasicTokenType,
};
use oauth2::url::ParseError;
use oauth2::{
    AsyncHttpClient, AuthType, AuthUrl, AuthorizationCode, Client, ClientId, ClientSecret,
    CsrfToken, EndpointNotSet, EndpointSet, ExtraTokenFields, HttpRequest, HttpResponse,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError, Scope,
    StandardRevocableToken, StandardTokenResponse, TokenResponse as _, TokenUrl,
};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use super::service::{Rights, Service, Use};
use crate::http::{Api, Cause, one_line};

/// How long a token is good that says nothing about it.
const USUALLY: Duration = Duration::from_mins(30);

/// What comes beside the tokens.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Identity {
    #[serde(default)]
    id_token: Option<String>,
}

impl ExtraTokenFields for Identity {}

type Given = StandardTokenResponse<Identity, BasicTokenType>;
type Ready = Client<
    BasicErrorResponse,
    Given,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

/// Tokens as a service gave them.
#[derive(Debug, Clone)]
pub(crate) struct Tokens {
    pub(crate) access: SecretString,
    /// For the next time, where there is a new one.
    pub(crate) refresh: Option<SecretString>,
    pub(crate) expires_in: Duration,
    /// What may be done with them; empty where the service did not say.
    pub(crate) scopes: Vec<String>,
    /// Who it is.
    pub(crate) id_token: Option<String>,
}

/// Why there are no tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NoTokens {
    /// What was granted is not good any more.
    InvalidGrant(String),
    /// The service refuses us: a wrong client secret, for one.
    Refused(String),
    /// It did not answer, or not in this language.
    Trouble(String),
}

/// Our registration at a service.
#[derive(Debug, Clone)]
pub(crate) struct Registration {
    pub(crate) service: Service,
    pub(crate) client_id: String,
    pub(crate) client_secret: SecretString,
    /// What people are asked for.
    pub(crate) rights: Rights,
}

/// What a person is sent away with, and what has to be kept until they come back.
pub(crate) struct Departure {
    /// The page of consent.
    pub(crate) url: String,
    /// What they bring back.
    pub(crate) state: SecretString,
    /// What shows that it is us who ask for the tokens.
    pub(crate) verifier: SecretString,
    /// What the identity must repeat.
    pub(crate) nonce: String,
}

impl Registration {
    fn client(&self, auth: &str, token: &str) -> Result<Ready, NoTokens> {
        let wrong = |error: ParseError| NoTokens::Trouble(error.to_string());
        let secret = self.client_secret.expose_secret().to_owned();
        Ok(Client::new(ClientId::new(self.client_id.clone()))
            .set_client_secret(ClientSecret::new(secret))
            .set_auth_type(AuthType::RequestBody)
            .set_auth_uri(AuthUrl::new(auth.to_owned()).map_err(wrong)?)
            .set_token_uri(TokenUrl::new(token.to_owned()).map_err(wrong)?))
    }

    /// Sends a person to the page of consent at `auth`, to come back to `redirect`.
    pub(crate) fn depart(&self, auth: &str, redirect: &str) -> Result<Departure, NoTokens> {
        let wrong = |error: ParseError| NoTokens::Trouble(error.to_string());
        let redirect = RedirectUrl::new(redirect.to_owned()).map_err(wrong)?;
        let client = self.client(auth, auth)?.set_redirect_uri(redirect);
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let nonce = CsrfToken::new_random().into_secret();
        let mut asking = client
            .authorize_url(CsrfToken::new_random)
            .set_pkce_challenge(challenge)
            .add_extra_param("nonce", nonce.clone());
        for scope in self.service.scopes(self.rights) {
            asking = asking.add_scope(Scope::new(scope.to_owned()));
        }
        for (name, value) in self.service.extras() {
            asking = asking.add_extra_param(*name, *value);
        }
        let (url, state) = asking.url();
        Ok(Departure {
            url: url.into(),
            state: state.into_secret().into(),
            verifier: verifier.into_secret().into(),
            nonce,
        })
    }

    /// Tokens for the code a person came back with.
    pub(crate) async fn exchange(
        &self,
        at: &Api,
        redirect: &str,
        code: &str,
        verifier: &SecretString,
    ) -> Result<Tokens, NoTokens> {
        let wrong = |error: ParseError| NoTokens::Trouble(error.to_string());
        let redirect = RedirectUrl::new(redirect.to_owned()).map_err(wrong)?;
        let token = at.address().as_str();
        let client = self.client(token, token)?.set_redirect_uri(redirect);
        let http = Via(at);
        let mut asking = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .set_pkce_verifier(PkceCodeVerifier::new(verifier.expose_secret().to_owned()));
        let scopes = self.service.token_scopes(self.rights, Use::Api);
        if !scopes.is_empty() {
            asking = asking.add_extra_param("scope", scopes.join(" "));
        }
        asking.request_async(&http).await.map(|given| tokens(&given)).map_err(why)
    }

    /// New tokens for an old one.
    pub(crate) async fn renew(
        &self,
        at: &Api,
        refresh: &SecretString,
        of: Use,
    ) -> Result<Tokens, NoTokens> {
        let token = at.address().as_str();
        let client = self.client(token, token)?;
        let http = Via(at);
        let scopes = self.service.token_scopes(self.rights, of);
        client
            .exchange_refresh_token(&RefreshToken::new(refresh.expose_secret().to_owned()))
            .add_scopes(scopes.into_iter().map(|scope| Scope::new(scope.to_owned())))
            .request_async(&http)
            .await
            .map(|given| tokens(&given))
            .map_err(why)
    }
}

fn tokens(given: &Given) -> Tokens {
    let scopes = given.scopes().into_iter().flatten();
    Tokens {
        access: given.access_token().secret().clone().into(),
        refresh: given.refresh_token().map(|token| token.secret().clone().into()),
        expires_in: given.expires_in().unwrap_or(USUALLY),
        scopes: scopes.map(|scope| scope.as_str().to_owned()).collect(),
        id_token: given.extra_fields().id_token.clone(),
    }
}

fn why(error: RequestTokenError<Cause, BasicErrorResponse>) -> NoTokens {
    match error {
        RequestTokenError::ServerResponse(said) => {
            let code = said.error().to_string();
            let words = said.error_description().map(|text| one_line(text)).unwrap_or_default();
            let words = if words.is_empty() { code.clone() } else { format!("{code}: {words}") };
            if code == "invalid_grant" {
                NoTokens::InvalidGrant(words)
            } else if code == "temporarily_unavailable" || code == "server_error" {
                NoTokens::Trouble(words)
            } else {
                NoTokens::Refused(words)
            }
        }
        RequestTokenError::Request(cause) => NoTokens::Trouble(cause.to_string()),
        RequestTokenError::Parse(..) => {
            NoTokens::Trouble("the answer was none that OAuth knows".to_owned())
        }
        RequestTokenError::Other(words) => NoTokens::Trouble(one_line(&words)),
    }
}

/// Our own HTTP, as the crate wants it.
struct Via<'a>(&'a Api);

impl<'c> AsyncHttpClient<'c> for Via<'_> {
    type Error = Cause;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Cause>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(ask(self.0, request))
    }
}

async fn ask(at: &Api, request: HttpRequest) -> Result<HttpResponse, Cause> {
    let (head, body) = request.into_parts();
    let answer = at.post("", body, |mut to| {
        for (name, value) in &head.headers {
            to = to.header(name, value);
        }
        to
    });
    let answer = answer.await.map_err(|failure| failure.cause)?;
    // What a gateway in between says is no answer of the service.
    if answer.status >= 500 || answer.status == 429 || !answer.is_whole {
        return Err(Cause::Lost(format!("the service answered {}", answer.status)));
    }
    http::Response::builder()
        .status(answer.status)
        .header(http::header::CONTENT_TYPE, "application/json")
        .body(answer.body)
        .map_err(|error| Cause::Lost(error.to_string()))
}
