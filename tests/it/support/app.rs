//! The application on a database of its own, over HTTP.

use serde_json::json;

use crate::process::{OWNER_EMAIL, PASSWORD, Process, Site, first_user};
use crate::{Backend, Client, PerBackend, TestDb};

/// A running application with a fresh database. It stops, and its data goes, with this value.
pub struct TestApp {
    // Declared before `site`: the process ends before its database is dropped.
    process: Process,
    site: Site,
}

impl TestApp {
    /// The application on a fresh database.
    pub async fn start(backend: Backend) -> Self {
        Self::fresh(backend).await
    }

    /// The same with settings of SPEC's names, such as `("PUBLIC_URL", "https://crm.example")`.
    pub async fn start_with(backend: Backend, settings: &[(&str, &str)]) -> Self {
        let mut site = Site::fresh(backend).await;
        for (name, value) in settings {
            site = site.set(name, *value);
        }
        Self::of(site).await
    }

    async fn of(site: Site) -> Self {
        let process = site.start().await;
        Self { process, site }
    }

    /// The database behind the application.
    pub fn db(&self) -> &TestDb {
        &self.site.db
    }

    /// Where its files are.
    pub fn data_dir(&self) -> std::path::PathBuf {
        self.site.data_dir()
    }

    /// `http://127.0.0.1:port`
    pub fn base(&self) -> String {
        self.site.base()
    }

    /// The one-time code for the first user.
    pub async fn setup_code(&self) -> String {
        self.process.setup_code().await
    }

    /// A caller nobody knows.
    pub fn client(&self) -> Client {
        self.site.client()
    }

    /// The first user, made with the setup code, signed in, with one workspace.
    pub async fn owner(&self) -> Client {
        self.process.owner().await
    }

    /// A new person, signed in, whom `by` has invited to `workspace` as `role` (`editor`, `viewer` …).
    pub async fn person(&self, by: &Client, workspace: &str, email: &str, role: &str) -> Client {
        let invited = by
            .post(
                &format!("/api/workspaces/{workspace}/invitations"),
                json!({"email": email, "role": role}),
            )
            .await;
        invited.expect(201);
        let link = invited.data()["link"].as_str().unwrap_or_default();
        let token = link.rsplit('/').next().unwrap_or_default();
        let mut client = self.client();
        client.register(email, PASSWORD, token).await;
        client
    }

    /// Runs a command of the binary beside the server, such as `["audit", "verify"]`.
    pub fn run(&self, args: &[&str]) -> std::process::Output {
        self.site.run(args)
    }

    /// Signs a user in who exists already.
    pub async fn login(&self, email: &str, password: &str) -> Client {
        let mut client = self.client();
        client.login(email, password).await;
        client
    }
}

impl PerBackend for TestApp {
    async fn fresh(backend: Backend) -> Self {
        Self::of(Site::fresh(backend).await).await
    }
}

/// Registers the first user, signs in and sees to it that there is a workspace.
pub(crate) async fn register_owner(client: &Client, setup_code: &str) -> Client {
    let mut client = client.clone();
    client.post("/api/auth/register", first_user(setup_code)).await.expect(201);
    client.login(OWNER_EMAIL, PASSWORD).await;
    let workspaces = client.get("/api/workspaces").await;
    workspaces.expect(200);
    if workspaces.data().as_array().is_some_and(Vec::is_empty) {
        client.post("/api/workspaces", json!({"name": "Acme"})).await.expect(201);
    }
    client
}
