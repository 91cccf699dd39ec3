//! Speaking HTTP to the application, as a script does or as a browser without JavaScript does.

use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder, redirect};
use serde_json::{Value, json};

/// One caller with a cookie jar, a CSRF token once it is signed in, or an API key instead.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    csrf: Option<String>,
    api_key: Option<String>,
    workspace: Option<String>,
}

/// What every HTTP client of the tests is made from. The product's own client is told which TLS to use each time; others
/// take what the process has, and there is none of itself.
pub fn http() -> reqwest::ClientBuilder {
    // From the second time on it is there already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// All headers.
    pub headers: HeaderMap,
    /// The body as JSON, `null` where it is none.
    pub body: Value,
    /// The body as text, invalid UTF-8 replaced.
    pub text: String,
    /// The body as it came.
    pub bytes: Vec<u8>,
}

impl Client {
    /// A caller nobody knows yet. Redirects are not followed: a test wants to see them.
    pub fn new(base: &str) -> Self {
        let http = http()
            .cookie_store(true)
            .redirect(redirect::Policy::none())
            .no_proxy()
            .build()
            .expect("a client for loopback");
        Self { http, base: base.to_owned(), csrf: None, api_key: None, workspace: None }
    }

    /// The same caller, cookies and all, finds the server elsewhere from now on.
    pub fn rebase(&mut self, base: &str) {
        base.clone_into(&mut self.base);
    }

    /// A caller that shows `key` instead of a session.
    #[must_use]
    pub fn with_api_key(&self, key: &str) -> Self {
        Self {
            api_key: Some(key.to_owned()),
            workspace: self.workspace.clone(),
            ..Self::new(&self.base)
        }
    }

    /// The same caller, naming a workspace in every call.
    #[must_use]
    pub fn in_workspace(&self, id: &str) -> Self {
        Self { workspace: Some(id.to_owned()), ..self.clone() }
    }

    /// The same caller without its CSRF token.
    #[must_use]
    pub fn without_csrf(&self) -> Self {
        Self { csrf: None, ..self.clone() }
    }

    /// The CSRF token of the session.
    pub fn csrf(&self) -> Option<&str> {
        self.csrf.as_deref()
    }

    /// Where it calls, without a slash at the end.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Signs in over the API and keeps cookie and token.
    ///
    /// # Panics
    /// When the answer is not 200.
    pub async fn login(&mut self, email: &str, password: &str) -> Answer {
        self.csrf = None;
        let answer =
            self.post("/api/auth/login", json!({"email": email, "password": password})).await;
        answer.expect(200);
        let token = answer.data()["csrf_token"].as_str().expect("login answers a csrf_token");
        self.csrf = Some(token.to_owned());
        answer
    }

    /// Registers by an invitation over the API and keeps cookie and token.
    ///
    /// # Panics
    /// When the answer is not 201.
    pub async fn register(&mut self, email: &str, password: &str, invitation: &str) -> Answer {
        self.csrf = None;
        let name = email.split('@').next().unwrap_or(email);
        let body =
            json!({"email": email, "password": password, "name": name, "invitation": invitation});
        let answer = self.post("/api/auth/register", body).await;
        answer.expect(201);
        let token = answer.data()["csrf_token"].as_str().expect("register answers a csrf_token");
        self.csrf = Some(token.to_owned());
        answer
    }

    /// `GET path`
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    /// `POST path` with a JSON body.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }

    /// `PUT path` with a JSON body.
    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PUT, path, Some(body)).await
    }

    /// `PATCH path` with a JSON body.
    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PATCH, path, Some(body)).await
    }

    /// `DELETE path`
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None).await
    }

    /// Any method, with a JSON body or none.
    pub async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let mut request = self.request(method, path);
        if let Some(body) = body {
            request = request.json(&body);
        }
        Answer::of(request).await
    }

    /// A request with this caller's credentials, to add to; run it with [`Answer::of`].
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(token) = &self.csrf {
            request = request.header("X-CSRF-Token", token);
        }
        if let Some(key) = &self.api_key {
            request = request.header("X-Api-Key", key);
        }
        if let Some(id) = &self.workspace {
            request = request.header("X-Workspace-Id", id);
        }
        request
    }

    /// `POST path` as multipart.
    pub async fn upload(&self, path: &str, form: reqwest::multipart::Form) -> Answer {
        Answer::of(self.request(Method::POST, path).multipart(form)).await
    }

    /// Opens `page`, takes the CSRF token of its forms and posts `fields` to `action`, as a browser
    /// without JavaScript does (no CSRF header, no JSON).
    ///
    /// # Panics
    /// When the page has no form with a `csrf_token`.
    pub async fn submit(&self, page: &str, action: &str, fields: &[(&str, &str)]) -> Answer {
        let plain = self.without_csrf();
        let token = plain.get(page).await.form_token();
        let mut all = vec![("csrf_token", token.as_str())];
        all.extend_from_slice(fields);
        Answer::of(plain.request(Method::POST, action).form(&all)).await
    }
}

impl Answer {
    /// Sends `request`.
    ///
    /// # Panics
    /// When no answer comes.
    pub async fn of(request: RequestBuilder) -> Self {
        Self::try_of(request).await.unwrap_or_else(|error| panic!("no answer: {error:?}"))
    }

    /// Sends `request` to a server that may be gone.
    pub async fn try_of(request: RequestBuilder) -> Result<Self, reqwest::Error> {
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await?.to_vec();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Ok(Self { status, headers, body, text, bytes })
    }

    /// Fails the test with the whole answer unless the status is `status`.
    #[track_caller]
    pub fn expect(&self, status: u16) -> &Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// Fails the test unless status and error code are these.
    #[track_caller]
    pub fn expect_error(&self, status: u16, code: &str) -> &Self {
        self.expect(status);
        assert_eq!(self.error_code(), code, "{}", self.text);
        self
    }

    /// `data` of the envelope.
    pub fn data(&self) -> &Value {
        &self.body["data"]
    }

    /// `error.code` of the envelope, empty where there is none.
    pub fn error_code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }

    /// `data.id`
    ///
    /// # Panics
    /// When there is none.
    #[track_caller]
    pub fn id(&self) -> String {
        self.data()["id"].as_str().unwrap_or_else(|| panic!("no id in {}", self.text)).to_owned()
    }

    /// A header as text, empty where it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The `csrf_token` of the page's first form.
    ///
    /// # Panics
    /// When there is none.
    #[track_caller]
    pub fn form_token(&self) -> String {
        let field = self
            .text
            .split("<input")
            .find(|tag| tag.contains(r#"name="csrf_token""#))
            .unwrap_or_else(|| {
                panic!("no csrf_token in this page ({}):\n{}", self.status, self.text)
            });
        field
            .split_once(r#"value=""#)
            .and_then(|(_, rest)| rest.split_once('"'))
            .map(|(value, _)| value.to_owned())
            .expect("csrf_token has a value")
    }
}
