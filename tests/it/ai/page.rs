//! Drafts in the template editor, with and without script, and the page of the settings.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use support::model::Behaviour;
use support::{Client, TestApp, both_databases, wait};

use super::routes::WithModel;

/// Asks as the editor's script does.
async fn stream(client: &Client, fields: &[(&str, &str)]) -> reqwest::Response {
    let request = client.request(Method::POST, "/templates/draft").form(fields);
    let answer = request.header("Accept", "text/event-stream").send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    answer
}

/// Name and data of each event.
fn events(text: &str) -> Vec<(String, Value)> {
    text.split("\n\n")
        .filter_map(|block| {
            let (name, data) = block.strip_prefix("event: ")?.split_once("\ndata: ")?;
            Some((name.to_owned(), serde_json::from_str(data).unwrap()))
        })
        .collect()
}

async fn template(owner: &Client) -> String {
    let new = json!({"name": "Rye", "subject": "Old subject", "body_html": "<p>Old text</p>", "signature": "<p>M</p>"});
    owner.post("/api/templates", new).await.id()
}

both_databases! {
    async fn a_draft_streams_and_changes_nothing(with: WithModel) {
        let (owner, _) = with.owner().await;
        let id = template(&owner).await;
        let before = owner.get(&format!("/api/templates/{id}")).await.text;
        let page = owner.get(&format!("/templates/{id}")).await;
        assert!(page.text.contains("data-ai-form") && page.text.contains("Write a draft"), "{}", page.text);
        let fields = [("goal", "The rye is in"), ("tone", "friendly"), ("facts", "contact.first_name"), ("facts", "workspace.name"), ("template_id", &id)];
        let text = stream(&owner, &fields).await.text().await.unwrap();
        let told = events(&text);
        assert!(told.len() > 3 && told.iter().rev().skip(1).all(|(name, _)| name == "more"), "{text}");
        let (name, last) = told.last().unwrap();
        assert_eq!(name, "done");
        assert_eq!(last["subject"], "The rye is in, {{ contact.first_name | default(\"there\") }}");
        assert!(last["note"].as_str().unwrap().ends_with("252 tokens"), "{last}");
        let asked = with.server.requests().remove(0).body.to_string();
        assert!(asked.contains("[SENDER]") && asked.contains("[FIRST_NAME]") && !asked.contains("[COMPANY]"), "{asked}");
        assert_eq!(owner.get(&format!("/api/templates/{id}")).await.text, before);
    }

    async fn what_would_be_sent_can_be_seen_first(with: WithModel) {
        let (owner, _) = with.owner().await;
        let fields = [("goal", "Write to ada@example.com"), ("step", "look")];
        let text = stream(&owner, &fields).await.text().await.unwrap();
        let (name, sent) = events(&text).remove(0);
        assert_eq!(name, "sent");
        assert!(sent["address"].as_str().unwrap().ends_with("/v1/chat/completions"));
        assert!(sent["body"].as_str().unwrap().contains("[EMAIL_1]") && !text.contains("ada@example.com"), "{text}");
        let page = owner.submit("/templates/new?from=source", "/templates/draft", &fields).await;
        assert!(page.expect(200).text.contains("[EMAIL_1]"), "{}", page.text);
        assert!(with.server.requests().is_empty());
    }

    async fn stop_ends_it_at_the_model_too(with: WithModel) {
        let (owner, _) = with.owner().await;
        with.server.behave(Behaviour::Stalls);
        let mut answer = stream(&owner, &[("goal", "The rye is in")]).await;
        let first = answer.chunk().await.unwrap().unwrap();
        assert!(first.starts_with(b"event: more"));
        drop(answer);
        let limit = Duration::from_secs(20);
        wait::until("the model to be left alone", limit, || async { (with.server.hung_up() == 1).then_some(()) }).await;
        wait::until("the use to be written down", limit, || async {
            let used = owner.get("/api/ai/usage").await;
            (used.data()["last"][0]["outcome"] == "stopped").then_some(())
        }).await;
    }

    async fn a_failure_is_said_in_its_place(with: WithModel) {
        let (owner, _) = with.owner().await;
        with.server.behave(Behaviour::ClosesMidStream);
        let fields = [("goal", "The rye is in <b>")];
        let text = stream(&owner, &fields).await.text().await.unwrap();
        let (name, problem) = events(&text).pop().unwrap();
        assert_eq!((name.as_str(), problem["message"].as_str().unwrap()), ("failed", "The AI server stopped in the middle of its answer; try again."));
        // Without script the form comes back with what was typed.
        let page = owner.submit("/templates/new?from=source", "/templates/draft", &fields).await;
        page.expect(503);
        assert!(page.text.contains("stopped in the middle") && page.text.contains("The rye is in &lt;b&gt;"), "{}", page.text);
        let page = owner.submit("/templates/new?from=source", "/templates/draft", &[("goal", " ")]).await;
        page.expect(422);
        assert!(page.text.contains("id=\"f-goal-e\""), "{}", page.text);
        let text = stream(&owner, &[("goal", "")]).await.text().await.unwrap();
        assert_eq!(events(&text)[0].0, "failed");
    }

    async fn a_version_says_that_a_draft_is_in_it(with: WithModel) {
        let (owner, _) = with.owner().await;
        let new = json!({"name": "Rye by text", "channel": "text", "body_text": "The rye is in."});
        let id = owner.post("/api/templates", new).await.id();
        let page = format!("/templates/{id}");
        assert!(owner.get(&page).await.text.contains("name=\"channel\" value=\"text\""));
        let fields = [("channel", "text"), ("goal", "The rye is in"), ("template_id", &id)];
        let draft = owner.submit(&page, "/templates/draft", &fields).await;
        let text = &draft.expect(200).text;
        assert!(text.contains("name=\"drafted_with\" value=\"") && !text.contains("Preview line"), "{text}");
        let accepted = [("name", "Rye by text"), ("mode", "text"), ("version", "1"), ("body_text", "Dear you"), ("drafted_with", "stand-in")];
        owner.submit(&page, &page, &accepted).await.expect(303);
        let again = [("name", "Rye by text"), ("mode", "text"), ("version", "2"), ("body_text", "Dear all"), ("drafted_with", "")];
        owner.submit(&page, &page, &again).await.expect(303);
        let api = format!("/api/templates/{id}/versions");
        let versions = owner.get(&api).await;
        let labels: Vec<_> = versions.data().as_array().unwrap().iter().map(|one| one["drafted_with"].clone()).collect();
        assert_eq!(labels, [json!(null), json!("stand-in"), json!(null)]);
        let listed = owner.get(&format!("{page}/versions")).await;
        assert_eq!(listed.text.matches("AI draft, edited by").count(), 1, "{}", listed.text);
        let shown = owner.get(&format!("{page}/versions/2")).await;
        assert!(shown.text.contains("AI draft by stand-in, edited by"), "{}", shown.text);
        // Bringing it back does not make it a draft again, and no label is more than a line.
        owner.submit(&format!("{page}/versions/2"), &format!("{page}/versions/2/restore"), &[]).await.expect(303);
        assert_eq!(owner.get(&api).await.data()[0]["drafted_with"], json!(null));
        let wrong = json!({"name": "Other", "channel": "text", "body_text": "x", "drafted_with": "a\nb"});
        let wrong = owner.post("/api/templates", wrong).await;
        assert!(wrong.expect(422).text.contains("\"drafted_with\""), "{}", wrong.text);
    }

    async fn without_script_the_draft_is_a_page_and_takes_its_place_when_accepted(with: WithModel) {
        let (owner, _) = with.owner().await;
        let id = template(&owner).await;
        let page = format!("/templates/{id}");
        let before = owner.get(&format!("/api/templates/{id}")).await.text;
        let draft = owner.submit(&page, "/templates/draft", &[("goal", "The rye is in"), ("template_id", &id)]).await;
        assert!(draft.expect(200).text.contains("AI proposal"), "{}", draft.text);
        assert_eq!(owner.get(&format!("/api/templates/{id}")).await.text, before, "a proposal changes nothing");
        // What its Accept posts.
        let field = |name: &str| {
            let tag = draft.text.split("<input").find(|tag| tag.contains(&format!("name=\"{name}\""))).unwrap();
            let value = tag.split_once("value=\"").unwrap().1.split('"').next().unwrap();
            value.replace("&quot;", "\"").replace("&#34;", "\"").replace("&#39;", "'").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
        };
        let names = ["name", "subject", "preheader", "body_html", "signature", "version"];
        let values: Vec<(&str, String)> = names.iter().map(|name| (*name, field(name))).collect();
        let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        owner.submit(&page, &page, &values).await.expect(303);
        let after = owner.get(&format!("/api/templates/{id}")).await;
        assert_eq!(after.data()["subject"], "The rye is in, {{ contact.first_name | default(\"there\") }}");
        assert_eq!((after.data()["name"].as_str(), after.data()["signature"].as_str()), (Some("Rye"), Some("<p>M</p>")));
        assert!(after.data()["body_html"].as_str().unwrap().contains("the rye is in &amp; it"), "{}", after.text);
        let nobody = owner.submit(&page, "/templates/draft", &[("goal", "x"), ("template_id", "018f0000-0000-7000-8000-000000000000")]).await;
        nobody.expect(404);
    }

    async fn the_settings_page_turns_it_off_and_the_editor_says_so(with: WithModel) {
        let (owner, workspace) = with.owner().await;
        let off = [("base_url", ""), ("model", ""), ("monthly_tokens", "1000"), ("version", "0")];
        owner.submit("/settings/ai", "/settings/ai", &off).await.expect(303);
        let editor = owner.get("/templates/new?from=source").await;
        assert!(editor.text.contains("AI drafts are switched off in this workspace.") && editor.text.contains("href=\"/settings/ai\""), "{}", editor.text);
        assert!(!editor.text.contains("data-ai-form"));
        let text = stream(&owner, &[("goal", "x")]).await.text().await.unwrap();
        assert!(text.contains("switched off"), "{text}");
        let editing = with.app.person(&owner, &workspace, "ed@example.com", "editor").await.in_workspace(&workspace);
        let theirs = editing.get("/templates/new?from=source").await;
        assert!(theirs.text.contains("Owners and admins can set them up."), "{}", theirs.text);
        let wrong = [("enabled", "true"), ("base_url", "http://10.0.0.1/v1"), ("monthly_tokens", "x"), ("version", "1")];
        let page = owner.submit("/settings/ai", "/settings/ai", &wrong).await;
        assert!(page.expect(422).text.contains("Enter a whole number"), "{}", page.text);
        let wrong = [("enabled", "true"), ("base_url", "http://10.0.0.1/v1"), ("monthly_tokens", "1"), ("version", "1")];
        let page = owner.submit("/settings/ai", "/settings/ai", &wrong).await;
        assert!(page.expect(422).text.contains("OUTBOUND_ALLOW"), "{}", page.text);
        let on = [("enabled", "true"), ("base_url", ""), ("model", ""), ("monthly_tokens", "1,000"), ("version", "1")];
        owner.submit("/settings/ai", "/settings/ai", &on).await.expect(303);
        let shown = owner.get("/settings/ai").await;
        assert!(shown.text.contains("value=\"1000\"") && !shown.text.contains("sk-operator"), "{}", shown.text);
    }

    async fn everything_works_with_ai_off(app: TestApp) {
        let owner = app.owner().await;
        let page = owner.get("/templates/new?from=source").await;
        assert!(page.expect(200).text.contains("Everything else works without it."), "{}", page.text);
        let fields = [("name", "Card"), ("subject", "S"), ("body_html", "<p>B</p>")];
        owner.submit("/templates/new?from=source", "/templates", &fields).await.expect(303);
        owner.get("/settings/ai").await.expect(200);
    }
}
