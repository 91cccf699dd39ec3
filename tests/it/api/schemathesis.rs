//! Schemathesis against the description of the API: whatever it sends, nothing answers 5xx, and every answer is one the
//! description allows. What is broken on purpose is refused.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Stdio;

use reqwest::header;
use serde_json::json;
use support::process::Site;
use support::{Client, both_databases};
use tempfile::TempDir;

const PASSWORD: &str = "a password nobody guesses";

/// What it looks at in every answer.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
    response_headers_conformance,response_schema_conformance";
/// That what is broken on purpose is refused. Not with a session: its cookie comes in a header of ours, and the program
/// takes what it sends without a cookie of its own for broken.
const REFUSALS: &str = ",negative_data_rejection";

/// What of each kind stands for `{id}`; without it hardly a call would get past 404. What is deleted is found by nobody
/// afterwards, so that the calls that delete try ids of their own making. So does a path with a second part that is not
/// fixed: wrong ids are tried there that the right one would stand in for.
async fn settings(client: &Client, workspace: &str) -> String {
    let mut text = format!(
        "[parameters]\n\"header.X-Workspace-Id\" = \"{workspace}\"\n\
        [checks.negative_data_rejection]\n\
        expected-statuses = [400, 401, 403, 404, 409, 412, 413, 415, 422, 429]\n"
    );
    let mut fix = |kind: &str, id: &str| {
        writeln!(
            text,
            "[[operations]]\ninclude-path-regex = \"^/api/{kind}/[{{]id\"\nexclude-method = \"DELETE\"\n\
            exclude-path-regex = \"/versions/\"\n\
            parameters = {{ \"path.id\" = \"{id}\" }}"
        )
        .unwrap();
    };
    fix("workspaces", workspace);
    for kind in ["contacts", "lists", "templates", "campaigns", "providers"] {
        let found = client.get(&format!("/api/{kind}")).await;
        fix(kind, found.expect(200).data()[0]["id"].as_str().unwrap());
    }
    text
}

/// Runs it and fails with what it found.
async fn run(site: &Site, settings: &Path, who: &[String], only: &[&str]) {
    let tool = std::env::var_os("PI_CRM_SCHEMATHESIS").expect(
        "PI_CRM_SCHEMATHESIS names the program; `cargo xtask test` installs it and says so",
    );
    let mut command = tokio::process::Command::new(tool);
    command.arg("--config-file").arg(settings).arg("run");
    command.arg(format!("{}/api/openapi.json", site.base()));
    let refusals = if who.len() == 1 { REFUSALS } else { "" };
    command.args(["--checks", &format!("{CHECKS}{refusals}")]);
    command.args(["--phases", "examples,coverage,fuzzing"]);
    // The same calls every time: what fails here fails again at home.
    command.args(["--max-examples", "10", "--seed", "7", "--continue-on-failure", "--no-color"]);
    command.args(["--warnings", "off"]).args(only);
    for header in who {
        command.args(["--header", header]);
    }
    let done = command
        .current_dir(settings.parent().unwrap())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .expect("schemathesis starts");
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success(), "{said}\n{}", String::from_utf8_lossy(&done.stderr));
    assert!(said.contains("passed"), "{said}");
}

both_databases! {
    async fn nothing_answers_5xx_or_what_the_description_does_not_say(site: Site) {
        let site = site.set("SEED_PASSWORD", PASSWORD);
        let seeded = site.run(&["seed", "--contacts", "20"]);
        assert!(seeded.status.success(), "{}", String::from_utf8_lossy(&seeded.stderr));
        let process = site.start().await;
        let mut andy = process.client();
        let login = andy.login("andy@example.com", PASSWORD).await;
        let demo = andy.get("/api/workspaces").await;
        let demo = demo.data().as_array().unwrap().iter().find(|one| one["name"] == "Demo").unwrap();
        let demo = demo["id"].as_str().unwrap().to_owned();
        let andy = andy.in_workspace(&demo);
        let made = andy.post("/api/auth/keys", json!({"description": "All", "scopes": ["admin"]})).await;
        let key = made.expect(201).data()["key"].as_str().unwrap().to_owned();
        let folder = TempDir::new().unwrap();
        let config = folder.path().join("schemathesis.toml");
        std::fs::write(&config, settings(&andy, &demo).await).unwrap();

        // With a key: all there is. Somebody who signed in is needed for the rest, who must stay signed in.
        run(&site, &config, &[format!("X-Api-Key: {key}")], &["--exclude-tag", "auth", "--exclude-tag", "users"]).await;
        let cookie = login.headers.get_all(header::SET_COOKIE).iter().map(|value| value.to_str().unwrap());
        let cookie: Vec<&str> = cookie.filter_map(|one| one.split(';').next()).collect();
        let who = [
            format!("Cookie: {}", cookie.join("; ")),
            format!("X-CSRF-Token: {}", andy.csrf().unwrap()),
            format!("Origin: {}", site.base()),
        ];
        let ends = ["logout", "end_session", "end_session_of_user"];
        let mut stays = vec!["--include-tag", "auth", "--include-tag", "users"];
        stays.extend(ends.iter().flat_map(|id| ["--exclude-operation-id", *id]));
        run(&site, &config, &who, &stays).await;
        andy.get("/api/auth/me").await.expect(200);
        let ends: Vec<&str> = ends.iter().flat_map(|id| ["--include-operation-id", *id]).collect();
        run(&site, &config, &who, &ends).await;
        let printed = process.printed();
        assert!(!printed.contains("panicked at") && !printed.contains("request failed cause"), "{printed}");
    }
}
