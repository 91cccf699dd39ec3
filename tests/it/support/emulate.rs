//! `emulate` (of Vercel Labs): a server written by others that signs people in as Google and as Microsoft do, with codes,
//! PKCE and refresh tokens, and takes messages as Gmail does. Microsoft's refresh tokens are worth something once.

use std::time::Duration;

use reqwest::redirect::Policy;
use serde_json::Value;
use tempfile::TempDir;

use crate::tether::{self, Tethered};
use crate::{client, paths, ports, wait};

/// The registration both services know.
pub const CLIENT_ID: &str = "acme-client";
/// Its secret.
pub const CLIENT_SECRET: &str = "acme-secret-7d1f";
/// The person both services know.
pub const ACCOUNT: &str = "ada@acme.example";

/// A running server. It ends with this value.
pub struct Emulate {
    port: u16,
    _dir: TempDir,
    _server: Tethered,
}

/// What a person brings back from the page of consent.
#[derive(Debug, Clone)]
pub struct Consent {
    /// The code.
    pub code: String,
    /// The state they were sent away with.
    pub state: String,
}

/// A parameter of an address.
pub fn parameter(url: &str, name: &str) -> String {
    let (_, query) = url.split_once('?').unwrap_or_default();
    let found = query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")));
    decoded(found.unwrap_or_default())
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let hex = [rest.next().expect("a digit"), rest.next().expect("a digit")];
                let hex = std::str::from_utf8(&hex).expect("digits");
                bytes.push(u8::from_str_radix(hex, 16).expect("digits"));
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8(bytes).expect("text")
}

impl Emulate {
    /// A server that knows our registration, with this address to come back to.
    ///
    /// # Panics
    /// When emulate is not installed.
    pub async fn start(redirect: &str) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let service = format!(
            "  users: [{{email: {ACCOUNT}, name: Ada}}]\n  oauth_clients: [{{client_id: {CLIENT_ID}, \
             client_secret: {CLIENT_SECRET}, name: Acme, redirect_uris: ['{redirect}']}}]\n"
        );
        let seed = dir.path().join("seed.yaml");
        std::fs::write(&seed, format!("google:\n{service}microsoft:\n{service}")).expect("a file");
        // The services listen on ports beside each other.
        let port = ports::free_pair();
        let args = [
            paths::server("node_modules/emulate/dist/index.js").into_os_string(),
            "start".into(),
            "--service".into(),
            "google,microsoft".into(),
            "--port".into(),
            port.to_string().into(),
            "--seed".into(),
            seed.into_os_string(),
        ];
        let log = dir.path().join("log");
        let server = Tethered::start("node", args, &log);
        let started = Self { port, _dir: dir, _server: server };
        wait::until("emulate to answer", Duration::from_mins(1), || async {
            let said = tether::log(&log);
            assert!(!said.contains("Cannot find module"), "emulate is not installed: {said}");
            let http = client::http().build().expect("a client");
            let google = http.get(format!("{}/oauth2/v3/certs", started.google())).send().await;
            let url = format!("{}/discovery/v2.0/keys", started.microsoft());
            let microsoft = http.get(url).send().await;
            (google.is_ok() && microsoft.is_ok()).then_some(())
        })
        .await;
        started
    }

    /// Google, and Gmail.
    pub fn google(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Microsoft.
    pub fn microsoft(&self) -> String {
        format!("http://127.0.0.1:{}", self.port + 1)
    }

    /// Says yes on the page of consent at `url`, as [`ACCOUNT`], to the rights in `scope` where it is given.
    ///
    /// # Panics
    /// When the service does not lead back.
    pub async fn consent(&self, url: &str, scope: Option<&str>) -> Consent {
        let http = client::http().redirect(Policy::none()).build().expect("a client");
        let page = http.get(url).send().await.expect("the page of consent");
        assert_eq!(page.status().as_u16(), 200, "{url}");
        let mut form = vec![("email".to_owned(), ACCOUNT.to_owned())];
        for name in [
            "redirect_uri",
            "scope",
            "state",
            "nonce",
            "client_id",
            "code_challenge",
            "code_challenge_method",
        ] {
            form.push((name.to_owned(), parameter(url, name)));
        }
        if let Some(scope) = scope {
            scope.clone_into(&mut form[2].1);
        }
        let (page, _) = url.split_once('?').expect("parameters");
        let answer =
            http.post(format!("{page}/callback")).form(&form).send().await.expect("consent");
        let back = answer.headers().get("location").and_then(|value| value.to_str().ok());
        let back = back.unwrap_or_else(|| panic!("no way back: {}", answer.status())).to_owned();
        Consent { code: parameter(&back, "code"), state: parameter(&back, "state") }
    }

    /// A token of Google's for ourselves, to look with.
    async fn own_token(&self, redirect: &str) -> String {
        let url = format!(
            "{}/o/oauth2/v2/auth?client_id={CLIENT_ID}&redirect_uri={redirect}&response_type=code&scope=openid",
            self.google()
        );
        let code = self.consent(&url, None).await.code;
        let form = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("client_id", CLIENT_ID),
            ("client_secret", CLIENT_SECRET),
            ("redirect_uri", redirect),
        ];
        let http = client::http().build().expect("a client");
        let url = format!("{}/oauth2/token", self.google());
        let answer = http.post(url).form(&form).send().await.expect("Google");
        let answer: Value = answer.json().await.expect("JSON");
        answer["access_token"].as_str().expect("a token").to_owned()
    }

    /// Messages Gmail has sent, as they came, in its base64.
    ///
    /// # Panics
    /// When Gmail does not answer.
    pub async fn sent(&self, redirect: &str) -> Vec<String> {
        let token = self.own_token(redirect).await;
        let http = client::http().build().expect("a client");
        let get = async |path: &str| -> Value {
            let url = format!("{}/gmail/v1/users/me/messages{path}", self.google());
            http.get(url)
                .bearer_auth(&token)
                .send()
                .await
                .expect("Gmail")
                .json()
                .await
                .expect("JSON")
        };
        let mut all = Vec::new();
        let list = get("?labelIds=SENT").await;
        for message in list["messages"].as_array().cloned().unwrap_or_default() {
            let id = message["id"].as_str().expect("an id").to_owned();
            all.push(
                get(&format!("/{id}?format=raw")).await["raw"].as_str().expect("raw").to_owned(),
            );
        }
        all
    }

    /// Takes a refresh token of Google's back, as a person does on Google's own page.
    ///
    /// # Panics
    /// When Google does not answer.
    pub async fn revoke(&self, token: &str) {
        let http = client::http().build().expect("a client");
        let url = format!("{}/oauth2/revoke", self.google());
        let done = http.post(url).form(&[("token", token)]).send().await.expect("Google");
        assert!(done.status().is_success());
    }
}
