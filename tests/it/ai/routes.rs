//! Drafts over the API.

use serde_json::json;
use support::model::{Behaviour, ModelServer};
use support::{Backend, Client, PerBackend, TestApp, both_databases};

/// The application with a model's server set by the operator.
pub struct WithModel {
    pub app: TestApp,
    pub server: ModelServer,
}

impl PerBackend for WithModel {
    async fn fresh(backend: Backend) -> Self {
        let server = ModelServer::start(Behaviour::Well).await;
        let settings = [("OPENAI_BASE_URL", server.base()), ("OPENAI_API_KEY", "sk-operator")];
        let app = TestApp::start_with(backend, &settings).await;
        Self { app, server }
    }
}

impl WithModel {
    /// The owner in their workspace.
    pub async fn owner(&self) -> (Client, String) {
        let owner = self.app.owner().await;
        let id = owner.get("/api/workspaces").await.data()[0]["id"].as_str().unwrap().to_owned();
        (owner.in_workspace(&id), id)
    }
}

both_databases! {
    async fn a_draft_from_a_prompt(with: WithModel) {
        let (owner, _) = with.owner().await;
        let ada = json!({"first_name": "Wilhelmina", "last_name": "Byron", "primary_email": "wilhelmina@example.com"});
        let ada = owner.post("/api/contacts", ada).await.id();
        let asked = json!({"prompt": "Thank Wilhelmina Byron", "tone": "friendly", "contact_id": ada});
        let would = owner.post("/api/templates/generate/preview", asked.clone()).await;
        let draft = owner.post("/api/templates/generate", asked).await;
        draft.expect(200);
        assert_eq!(draft.data()["subject"], "The rye is in, {{ contact.first_name | default(\"there\") }}");
        assert_eq!(draft.data()["usage"], json!({"prompt_tokens": 210, "completion_tokens": 42}));
        assert!(draft.data()["body_html"].as_str().unwrap().starts_with("<p>Dear {{"), "{}", draft.text);
        let sent = with.server.requests().remove(0);
        assert_eq!(would.expect(200).data()["body"], sent.body);
        assert!(!sent.body.to_string().contains("Wilhelmina"), "{}", sent.body);
        // It takes its place as it is.
        let new = json!({
            "name": "Thanks", "subject": draft.data()["subject"], "preheader": draft.data()["preheader"],
            "body_html": draft.data()["body_html"], "body_text": draft.data()["body_text"],
        });
        owner.post("/api/templates", new).await.expect(201);
        let logs = owner.get(&format!("/api/contacts/{ada}/logs?type=ai")).await;
        assert_eq!(logs.data().as_array().unwrap().len(), 1, "{}", logs.text);
        let used = owner.get("/api/ai/usage").await;
        assert_eq!(used.data()["tokens"], json!(252), "{}", used.text);
        assert_eq!(used.data()["last"][0]["outcome"], "done");
        assert!(used.data()["last"][0]["user_id"].is_string());
    }

    async fn what_goes_wrong_has_a_status_and_words(with: WithModel) {
        let (owner, _) = with.owner().await;
        let ask = async |body| owner.post("/api/templates/generate", body).await;
        with.server.behave(Behaviour::Busy);
        let busy = ask(json!({"prompt": "x"})).await;
        busy.expect_error(503, "ai_unavailable");
        assert_eq!(busy.header("retry-after"), "20");
        with.server.behave(Behaviour::KeyRefused);
        let refused = ask(json!({"prompt": "x"})).await;
        refused.expect_error(503, "ai_unavailable");
        assert!(refused.text.contains("refused the key") && !refused.text.contains("sk-"), "{}", refused.text);
        let empty = ask(json!({"prompt": " "})).await;
        empty.expect_error(422, "validation_failed");
        assert!(empty.body["error"]["fields"]["prompt"].is_string(), "{}", empty.text);
        ask(json!({"prompt": "x", "facts": ["contact.shoes"]})).await.expect_error(422, "validation_failed");
        ask(json!({"prompt": "x", "length": "endless"})).await.expect(422);
        ask(json!({"prompt": "x", "colour": "red"})).await.expect(422);
        let nobody = "018f0000-0000-7000-8000-000000000000";
        ask(json!({"prompt": "x", "contact_id": nobody})).await.expect_error(404, "not_found");
        let tag = owner.get("/api/ai/settings").await.header("etag").to_owned();
        assert_eq!(tag, "\"0\"");
        owner.put("/api/ai/settings", json!({"enabled": false})).await.expect(200);
        ask(json!({"prompt": "x"})).await.expect_error(409, "ai_off");
        owner.put("/api/ai/settings", json!({"enabled": true, "monthly_tokens": 10})).await.expect(200);
        ask(json!({"prompt": "x"})).await.expect_error(409, "ai_cap_reached");
    }

    async fn settings_are_changed_by_whoever_may_and_never_show_the_key(with: WithModel) {
        let (owner, workspace) = with.owner().await;
        let found = owner.get("/api/ai/settings").await;
        let plain = json!({"enabled": true, "ready": true, "reason": null, "base_url": null, "model": null, "api_key": null, "monthly_tokens": 500_000, "price_read": null, "price_written": null});
        assert_eq!(found.expect(200).data(), &plain);
        assert!(!found.text.contains("sk-operator"));
        let change = json!({"enabled": true, "base_url": with.server.base(), "api_key": "own-key", "model": "m"});
        let changed = owner.put("/api/ai/settings", change).await;
        assert_eq!(changed.expect(200).data()["api_key"], "••••");
        assert!(!changed.text.contains("own-key"));
        // What was read can be sent back.
        let back = json!({"enabled": true, "base_url": with.server.base(), "api_key": "••••", "model": "m", "monthly_tokens": 7});
        let again = owner.put("/api/ai/settings", back).await;
        assert_eq!((again.data()["api_key"].as_str(), again.data()["monthly_tokens"].as_u64()), (Some("••••"), Some(7)));
        owner.put("/api/ai/settings", json!({"enabled": true, "base_url": "http://10.1.2.3/v1"})).await.expect_error(422, "outbound_blocked");
        let priced = json!({"enabled": true, "base_url": with.server.base(), "api_key": "••••", "model": "m", "price_read": "0.15", "price_written": "0.6"});
        let priced = owner.put("/api/ai/settings", priced).await;
        assert_eq!((&priced.expect(200).data()["price_read"], &priced.data()["price_written"]), (&json!("0.15"), &json!("0.60")));
        assert_eq!(owner.get("/api/ai/usage").await.data()["cost"], "0.00");
        let wrong = owner.put("/api/ai/settings", json!({"enabled": true, "price_read": "dear"})).await;
        wrong.expect_error(422, "validation_failed");
        assert!(wrong.body["error"]["fields"]["price_read"].is_string(), "{}", wrong.text);
        let stale = owner.request(reqwest::Method::PUT, "/api/ai/settings").header("If-Match", "\"1\"").json(&json!({"enabled": false}));
        support::Answer::of(stale).await.expect_error(412, "stale");
        let viewer = with.app.person(&owner, &workspace, "viewer@example.com", "viewer").await.in_workspace(&workspace);
        viewer.put("/api/ai/settings", json!({"enabled": false})).await.expect_error(403, "forbidden");
        viewer.post("/api/templates/generate", json!({"prompt": "x"})).await.expect_error(403, "forbidden");
    }
}
