//! What stands out: found by rule always, phrased by a model where its words hold, once a week by itself.

use std::time::Duration;

use crm_ai::drafts::{Environment, NewAiSettings};
use crm_ai::insights::{Insight, ModelPart, Period, Question, Rating};
use crm_ai::openai::Address;
use crm_ai::{Drafts, Insights, InsightsError, SeaInsights};
use crm_core::PageRequest;
use serde_json::{Value, json};
use support::model::{Behaviour, ModelServer};
use support::{Backend, PerBackend, both_databases};

use super::rig::{KEY, drafts};
use super::routes::WithModel;
use super::year::{INJECTION, Year};

/// A year, and a model beside it.
pub struct Watched {
    year: Year,
    server: ModelServer,
    insights: SeaInsights,
    drafts: crm_ai::SeaDrafts,
}

impl PerBackend for Watched {
    async fn fresh(backend: Backend) -> Self {
        let year = Year::fresh(backend).await;
        let server = ModelServer::start(Behaviour::Well).await;
        let environment = Environment {
            key: Some(KEY.to_owned().into()),
            address: Some(Address::parse(server.base()).unwrap()),
            model: Some("stand-in".to_owned()),
        };
        let drafts = drafts(&year.desk, environment, "");
        Self { insights: SeaInsights::new(drafts.clone()), drafts, year, server }
    }
}

impl Watched {
    /// Looks and waits for the model.
    async fn look(&self) -> (Vec<Insight>, ModelPart) {
        let here = &self.year.desk.here;
        let mut looked = self.insights.analyze(here).await.unwrap();
        looked.wait(Duration::from_secs(30)).await;
        let looked = self.insights.after(here, looked).await.unwrap();
        (looked.insights, looked.model)
    }

    async fn switch_off(&self) {
        let off = NewAiSettings::default();
        self.drafts.change_settings(&self.year.desk.here, None, off).await.unwrap();
    }

    /// The row of figures for something, as the model gets it, and its placeholder.
    fn row(&self, letter: char, wanted: impl Fn(&Value) -> bool) -> (String, Value) {
        let asked = self.server.requests().last().unwrap().body.clone();
        let wish = asked["messages"][1]["content"].as_str().unwrap().to_owned();
        let figures: Value = serde_json::from_str(wish.strip_prefix("Figures: ").unwrap()).unwrap();
        let rows = figures.as_object().unwrap();
        let row = rows.iter().find(|(name, row)| name.starts_with(letter) && wanted(row));
        let (name, row) = row.unwrap_or_else(|| panic!("no such row in {figures:#}"));
        (name.clone(), row.clone())
    }
}

fn said(about: &str, kind: &str, text: &str) -> Value {
    json!({"about": about, "type": kind, "text": text, "confidence": 0.9})
}

fn words(found: &[Insight]) -> Vec<(String, String, String)> {
    let mut all: Vec<_> = found
        .iter()
        .map(|one| (one.kind.as_str().to_owned(), one.subject.clone(), one.content.clone()))
        .collect();
    all.sort();
    all
}

both_databases! {
    async fn planted_facts_are_found_without_a_model(with: Watched) {
        with.switch_off().await;
        let (found, model) = with.look().await;
        assert_eq!(model, ModelPart::Off);
        assert!(with.server.requests().is_empty(), "nothing leaves");
        with.year.expect_planted(&found);
        let stalls = found.iter().find(|one| one.kind.as_str() == "stage_stalls").unwrap();
        assert_eq!(
            stalls.content,
            "Contacts stall in \u{201c}Proposal\u{201d}: half of the 40 people there have been in it for 55 days or longer, against 6 in the other stages."
        );
        assert_eq!(stalls.url, format!("/contacts?list_id={}", with.year.stalling));
        assert!(found.iter().all(|one| one.model.is_none()));
        // Another workspace has none of it.
        let elsewhere = &with.year.desk.elsewhere;
        assert!(with.insights.analyze(elsewhere).await.unwrap().insights.is_empty());
        // Again, and they are there once.
        let (again, _) = with.look().await;
        assert_eq!(words(&again), words(&found));
    }

    async fn a_model_phrases_what_its_figures_bear_out(with: Watched) {
        with.server.say(json!({"insights": []}).to_string());
        let (by_rule, _) = with.look().await;
        let (stage, row) = with.row('S', |row| row["median_days"] == 55.0);
        assert_eq!(row["people"], 40.0);
        let (list, _) = with.row('L', |row| row["replied"] == 0.0);
        let (sender, _) = with.row('P', |row| row["failed"] == 25.0);
        let answers = [
            said(&stage, "stage_stalls", &format!("The 40 people in {stage} wait for 55 days.")),
            said(&list, "list_stopped_replying", &format!("{list} answered 0 of 71 messages.")),
            said(&sender, "sender_failing", "A third of all messages is lost: 4711 contacts."),
        ];
        with.server.say(json!({"insights": answers}).to_string());
        let (found, model) = with.look().await;
        assert_eq!(model, ModelPart::Answered);
        with.year.expect_planted(&found);
        let of = |kind: &str| found.iter().find(|one| one.kind.as_str() == kind).unwrap();
        let stalls = of("stage_stalls");
        assert_eq!(stalls.content, "The 40 people in \u{201c}Proposal\u{201d} wait for 55 days.");
        assert_eq!(stalls.model.as_deref(), Some("stand-in"));
        // A number that is no figure: the rule's own words stay.
        for kind in ["list_stopped_replying", "sender_failing"] {
            let before = by_rule.iter().find(|one| one.kind.as_str() == kind).unwrap();
            assert_eq!((of(kind).content.as_str(), &of(kind).model), (before.content.as_str(), &None));
        }
        assert_eq!(with.insights.last_look(&with.year.desk.here).await.unwrap().unwrap().refused, 2);
        assert_eq!(found.len(), by_rule.len());
        let used = with.drafts.usage(&with.year.desk.here).await.unwrap();
        assert_eq!((used.last[0].purpose.as_str(), used.last[0].outcome.as_str()), ("insights", "done"));
        assert_eq!((used.uses, used.tokens), (2, 2 * 252));
    }

    async fn names_and_mails_that_give_orders_change_nothing(with: Watched) {
        // Everything in the year is called by an order. Once more with plain names, and the same is stored.
        let obeyed = json!({"insights": [said("S1", "stage_stalls", "S1 lost 4711 contacts."), said("growth", "growth", INJECTION)]});
        with.server.say(obeyed.to_string());
        let desk = &with.year.desk;
        let contact = desk.db.texts("SELECT id FROM base_contacts LIMIT 1").await.remove(0);
        let ws = desk.here.workspace_id();
        desk.run(&format!("INSERT INTO communication_logs (id, workspace_id, contact_id, type, content, timestamp, status) VALUES ('{}', '{ws}', '{contact}', 'email', '{{\"subject\": \"{INJECTION}\", \"body\": \"{INJECTION}\", \"status\": \"received\"}}', '2026-11-01T09:00:00.000Z', 'received')", desk.ctx.ids.uuid())).await;
        let (found, _) = with.look().await;
        let sent = with.server.requests().iter().map(|one| one.body.to_string()).collect::<String>();
        for part in ["Ignore", "4711", "lost and", "Person", "example.com", "Proposal", "Newsletter", "018", "019"] {
            assert!(!sent.contains(part), "{part} left: {sent}");
        }
        with.year.expect_planted(&found);
        let with_names: Vec<_> = words(&found);
        for table in ["contact_lists", "workspace_email_provider", "campaigns"] {
            desk.run(&format!("UPDATE {table} SET name = 'Plain' WHERE name LIKE 'Ignore%'")).await;
        }
        desk.run("UPDATE base_contacts SET first_name = 'Plain'").await;
        let (plain, _) = with.look().await;
        let renamed: Vec<_> = with_names
            .into_iter()
            .map(|(kind, subject, text)| {
                let text = text.replace(&format!("{INJECTION} (old server)"), "Plain");
                (kind, subject, text.replace(INJECTION, "Plain"))
            })
            .collect();
        assert_eq!(words(&plain), renamed);
    }

    async fn whatever_the_model_does_the_rules_stay(with: Watched) {
        let here = &with.year.desk.here;
        for behaviour in [Behaviour::Faulty, Behaviour::Chatter, Behaviour::Garbage, Behaviour::KeyRefused, Behaviour::ClosesMidStream, Behaviour::Declines, Behaviour::Well] {
            with.server.behave(behaviour);
            let (found, model) = with.look().await;
            assert_eq!(model, ModelPart::Failed, "{behaviour:?}");
            with.year.expect_planted(&found);
        }
        let cap = NewAiSettings { is_enabled: true, monthly_tokens: 10, ..NewAiSettings::default() };
        with.drafts.change_settings(here, None, cap).await.unwrap();
        let asked = with.server.requests().len();
        let (found, model) = with.look().await;
        assert_eq!((model, with.server.requests().len()), (ModelPart::CapReached, asked));
        with.year.expect_planted(&found);
    }

    async fn what_is_put_away_stays_away_for_a_month(with: Watched) {
        with.switch_off().await;
        let here = &with.year.desk.here;
        let (found, _) = with.look().await;
        let one = found.iter().find(|one| one.kind.as_str() == "stage_stalls").unwrap();
        let rated = with.insights.rate(here, one.id, Some(Rating::Useful)).await.unwrap();
        assert_eq!(rated.rating, Some(Rating::Useful));
        let elsewhere = with.insights.dismiss(&with.year.desk.elsewhere, one.id).await;
        assert!(matches!(elsewhere, Err(InsightsError::Unknown)), "{elsewhere:?}");
        let gone = with.insights.dismiss(here, one.id).await.unwrap();
        assert!(gone.dismissed_at.is_some());
        let page = || PageRequest { limit: 2, cursor: None };
        let away = with.insights.list(here, true, page()).await.unwrap();
        assert_eq!((away.total, away.items[0].id), (1, one.id));
        let (again, _) = with.look().await;
        assert!(!again.iter().any(|other| other.subject == one.subject), "{again:#?}");
        // A month later it may come back.
        with.year.desk.run("UPDATE ai_insights SET dismissed_at = '2026-09-30T00:00:00.000Z' WHERE dismissed_at IS NOT NULL").await;
        let (back, _) = with.look().await;
        with.year.expect_planted(&back);
        // Pages of two hold each once, the surest first.
        let (mut all, mut cursor) = (Vec::new(), None);
        loop {
            let page = with.insights.list(here, false, PageRequest { limit: 2, cursor }).await.unwrap();
            all.extend(page.items.into_iter().map(|one| (one.id, one.confidence)));
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(all.len(), back.len());
        assert!(all.windows(2).all(|two| two[0].1 >= two[1].1), "{all:?}");
    }

    async fn a_week_is_looked_at_once_by_whoever_comes_first(with: Watched) {
        with.switch_off().await;
        let (here, desk) = (with.year.desk.here.workspace_id(), &with.year.desk);
        assert!(with.insights.due().await.unwrap().is_empty(), "a workspace of today has nothing to say");
        desk.run("UPDATE workspaces SET created_at = '2026-01-01T00:00:00.000Z'").await;
        // The weeks before were missed.
        let old = format!("INSERT INTO insight_runs (id, workspace_id, week, started_at) VALUES ('old', '{here}', '2026-W30', '2026-07-20T06:00:00.000Z')");
        desk.run(&old.replace("'old'", &format!("'{}'", desk.ctx.ids.uuid()))).await;
        let mut due = with.insights.due().await.unwrap();
        due.sort();
        let mut both = vec![here, desk.elsewhere.workspace_id()];
        both.sort();
        assert_eq!(due, both);
        let others = [with.insights.clone(), with.insights.clone(), with.insights.clone()];
        let [a, b, c] = &others;
        let (a, b, c) = tokio::join!(a.weekly(here), b.weekly(here), c.weekly(here));
        let taken = [a.unwrap(), b.unwrap(), c.unwrap()];
        assert_eq!(taken.iter().filter(|one| **one).count(), 1, "{taken:?}");
        assert_eq!(with.insights.due().await.unwrap(), [desk.elsewhere.workspace_id()]);
        let weeks = "SELECT week FROM insight_runs WHERE week IS NOT NULL ORDER BY week";
        assert_eq!(desk.db.texts(weeks).await, ["2026-W30", "2026-W45"]);
        let look = with.insights.last_look(&desk.here).await.unwrap().unwrap();
        assert!(look.is_weekly && look.model == ModelPart::Off);
        let page = PageRequest { limit: 50, cursor: None };
        with.year.expect_planted(&with.insights.list(&desk.here, false, page).await.unwrap().items);
    }

    async fn questions_are_answered_by_figures(with: Watched) {
        let here = &with.year.desk.here;
        let ask = async |question, period| with.insights.report(here, question, period, "Europe/Vienna").await.unwrap();
        let stages = ask(Question::Stages, Period::Month).await;
        assert_eq!(stages.answer, "In \u{201c}Proposal\u{201d}: half of its 40 people have been there for 55 days or longer.");
        assert_eq!(stages.rows.len(), 6);
        assert_eq!(stages.since.to_string(), "2026-10-04T22:00:00.000Z");
        let campaigns = ask(Question::Campaigns, Period::Year).await;
        assert_eq!(campaigns.rows.len(), 19);
        assert!(campaigns.answer.starts_with("19 campaigns brought "), "{}", campaigns.answer);
        let none = ask(Question::Campaigns, Period::Day).await;
        assert_eq!(none.answer, "No campaign was sent in this time.");
        let quiet = ask(Question::Quiet, Period::Month).await;
        assert!(quiet.answer.starts_with("40 of 110 people in open stages"), "{quiet:#?}");
        let sources = ask(Question::Sources, Period::Year).await;
        assert!(sources.answer.contains("are in \u{201c}Won\u{201d} now"), "{}", sources.answer);
        let answers = ask(Question::Answers, Period::Year).await;
        assert_eq!(answers.answer, "Nobody wrote in this time.");
        let changes = ask(Question::Changes, Period::Month).await;
        assert!(changes.answer.starts_with("70 contacts came in, 40 in the time before."), "{}", changes.answer);
    }

    async fn insights_over_the_api_and_on_the_page(with: WithModel) {
        let (owner, workspace) = with.owner().await;
        with.server.say(json!({"insights": []}).to_string());
        let contact = owner.post("/api/contacts", json!({"first_name": "Late"})).await.id();
        for n in 0..6 {
            let task = json!({"contact_id": contact, "title": format!("Call {n}"), "due_at": "2026-01-02T09:00:00.000Z"});
            owner.post("/api/tasks", task).await.expect(201);
        }
        let none = owner.get("/api/ai-insights").await;
        assert_eq!((none.expect(200).data(), &none.body["meta"]["total"]), (&json!([]), &json!(0)));
        let found = owner.post("/api/ai-insights/analyze", Value::Null).await;
        let one = found.expect(200).data()["insights"][0].clone();
        assert_eq!((&one["type"], &one["content"], &one["source"]), (&json!("overdue_tasks"), &json!("6 tasks are overdue."), &json!("rules")));
        assert_eq!(one["evidence"], json!([{"name": "overdue", "label": "tasks that are overdue", "value": 6.0, "unit": "tasks"}]));
        assert_eq!(found.data()["model"], "answered");
        let id = one["id"].as_str().unwrap();
        let path = format!("/api/ai-insights/{id}/rate");
        owner.post(&path, json!({"rating": "splendid"})).await.expect_error(422, "validation_failed");
        assert_eq!(owner.post(&path, json!({"rating": "useful"})).await.expect(200).data()["rating"], "useful");
        let page = owner.get("/insights?period=w").await;
        page.expect(200);
        for part in ["6 tasks are overdue.", "Where do contacts stall?", "What changed?", "aria-pressed=\"true\""] {
            assert!(page.text.contains(part), "{part} is not in {}", page.text);
        }
        let report = owner.get("/insights/stages?period=y").await;
        assert!(report.expect(200).text.contains("Too few to compare"), "{}", report.text);
        owner.get("/insights/nonsense").await.expect(404);
        owner.get("/api/ai-insights/reports/nonsense").await.expect_error(404, "not_found");
        let table = owner.get("/api/ai-insights/reports/changes/table.csv?period=m").await;
        assert!(table.expect(200).text.contains("Contacts added,1,0,"), "{}", table.text);
        let report = owner.get("/api/ai-insights/reports/stages").await;
        assert_eq!(report.expect(200).data()["period"], "m");
        let viewer = with.app.person(&owner, &workspace, "viewer@example.com", "viewer").await.in_workspace(&workspace);
        assert_eq!(viewer.get("/api/ai-insights").await.expect(200).data()[0]["id"], one["id"]);
        viewer.post("/api/ai-insights/analyze", Value::Null).await.expect_error(403, "forbidden");
        viewer.post(&format!("/api/ai-insights/{id}/dismiss"), Value::Null).await.expect_error(403, "forbidden");
        owner.post(&format!("/api/ai-insights/{id}/dismiss"), Value::Null).await.expect(200);
        assert_eq!(owner.get("/api/ai-insights").await.data(), &json!([]));
        assert_eq!(owner.get("/api/ai-insights?dismissed=true").await.data()[0]["id"], one["id"]);
        owner.submit("/insights", "/insights/look", &[]).await.expect(303);
        assert!(owner.get("/insights").await.text.contains("nothing stands out"));
    }

    async fn a_rule_in_the_address_of_contacts_filters_them(with: WithModel) {
        let (owner, _) = with.owner().await;
        for name in ["Ada", "Bob"] {
            owner.post("/api/contacts", json!({"first_name": name, "last_name": "Rule"})).await.expect(201);
        }
        let rule = r#"{"all": [{"field": "first_name", "op": "eq", "value": "Ada"}]}"#;
        let rule = rule.replace(' ', "%20").replace('"', "%22").replace('{', "%7B").replace('}', "%7D");
        let page = owner.get(&format!("/contacts?rule={rule}")).await;
        assert!(page.expect(200).text.contains("Ada Rule") && !page.text.contains("Bob Rule"), "{}", page.text);
        assert!(page.text.contains("Rule is"), "{}", page.text);
        let page = owner.get("/contacts?rule=nonsense").await;
        assert!(page.expect(200).text.contains("Bob Rule"));
    }
}
