//! `/settings/audit`: the audit log, each entry as a sentence.

use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use crm_audit::{AuditEntry, AuditFilter};
use crm_core::accounts::Member;
use crm_core::{Cursor, Page, UserId, WorkspaceId};
use serde::Deserialize;
use serde_json::Value;

use super::audit_names::Names;
use crate::api::audit::outside;
use crate::error::AppError;
use crate::extract::{Allow, PageQuery, rights};
use crate::pages::errors::serde_urlencode;
use crate::pages::frame;
use crate::state::App;
use crate::views::Section;
use crate::views::audit::{ACTIONS, AuditPage, AuditRow, AuditVerdict, KINDS, words};
use crate::views::common::{Choice, Fact, Link, Pager};

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Params {
    user_id: String,
    entity_type: String,
    action: String,
    cursor: Option<String>,
    verify: String,
}

impl Params {
    /// Where the same filters lead with another place in the list.
    fn url(&self, more: &str) -> String {
        let pairs = [
            ("user_id", &self.user_id),
            ("entity_type", &self.entity_type),
            ("action", &self.action),
        ];
        let set = pairs.iter().filter(|(_, value)| !value.is_empty());
        let mut query: Vec<String> =
            set.map(|(name, value)| format!("{name}={}", serde_urlencode(value))).collect();
        if !more.is_empty() {
            query.push(more.to_owned());
        }
        let mark = if query.is_empty() { "" } else { "?" };
        format!("/settings/audit{mark}{}", query.join("&"))
    }

    /// Where the entries shown are a file.
    fn export_url(&self, workspace: WorkspaceId) -> String {
        let here = self.url(&format!("workspace_id={workspace}"));
        here.replace("/settings/audit", "/api/audit/export.csv")
    }

    fn filter(&self) -> Result<AuditFilter, AppError> {
        let some = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        let user_id = some(&self.user_id).map(|id| id.parse::<UserId>()).transpose();
        Ok(AuditFilter {
            entity_type: some(&self.entity_type),
            entity_id: None,
            action: some(&self.action),
            user_id: user_id
                .map_err(|_| AppError::invalid("user_id", "there is no such person"))?,
            page: PageQuery { limit: Some(50), cursor: self.cursor.clone() }.request()?,
        })
    }
}

pub(super) async fn show(
    allow: Allow<rights::AuditRead>,
    app: Data<App>,
    req: HttpRequest,
    params: Query<Params>,
) -> Result<HttpResponse, AppError> {
    let (services, scope) = (&app.services, allow.scope());
    let filter = params.filter()?;
    let found = crm_audit::list(&services.ctx.db, scope, outside(&allow), filter).await?;
    let members = services.accounts.members(scope).await?;
    let names = Names::of(services, scope, &found.items).await?;
    let verdict = if params.verify.is_empty() {
        None
    } else {
        let verdict = crm_audit::verify(&services.ctx.db).await?;
        let (ok, checked) = (verdict.ok, verdict.checked);
        Some(AuditVerdict { ok, checked, first_bad: verdict.first_bad })
    };
    let view = AuditPage {
        shell: frame::shell(&app, &req, &allow, Section::Settings, "Audit log").await?,
        rows: found.items.iter().map(|entry| row(entry, &members, &names)).collect(),
        pager: pager(&params, &found),
        people: members
            .iter()
            .map(|member| {
                let id = member.user_id.to_string();
                Choice::new(id.clone(), &member.name, id == params.user_id)
            })
            .collect(),
        kinds: KINDS
            .iter()
            .map(|(word, label)| Choice::new(*word, *label, *word == params.entity_type))
            .collect(),
        actions: ACTIONS
            .iter()
            .map(|words| Choice::new(words.action, words.label, words.action == params.action))
            .collect(),
        filtered: params.url("") != "/settings/audit",
        verdict,
        export_url: params.export_url(scope.workspace_id()),
        verify_url: params.url("verify=1"),
    };
    frame::ok(&app, &req, &view)
}

fn pager(params: &Params, page: &Page<AuditEntry>) -> Pager {
    let url = |cursor: &Cursor| params.url(&format!("cursor={}", cursor.encode()));
    Pager {
        shown: u64::try_from(page.items.len()).unwrap_or_default(),
        total: page.total,
        total_exact: page.total_exact,
        first_url: page.previous.as_ref().map(|_| params.url("")),
        prev_url: page.previous.as_ref().map(url),
        next_url: page.next.as_ref().map(url),
    }
}

fn row(entry: &AuditEntry, members: &[Member], names: &Names) -> AuditRow {
    let member = members.iter().find(|member| Some(member.user_id) == entry.user_id);
    let bad =
        matches!(entry.action.as_str(), "access.refused" | "login.failed" | "api_key.refused");
    let who = match (member, entry.user_id) {
        (Some(member), _) => member.name.clone(),
        (None, Some(id)) => names.person(id).unwrap_or_else(|| "A former member".to_owned()),
        (None, None) if entry.by_person => "A deleted user".to_owned(),
        (None, None) if bad => "Somebody".to_owned(),
        (None, None) => "pi-crm".to_owned(),
    };
    let did = words(&entry.action)
        .map_or_else(|| entry.action.replace(['.', '_'], " "), |words| words.did.to_owned());
    AuditRow {
        seq: entry.seq,
        who_id: entry.user_id.map(|id| id.to_string()).unwrap_or_default(),
        by_program: entry.user_id.is_none() && !entry.by_person && !bad,
        who,
        did,
        thing: names.thing(entry),
        at: entry.timestamp.to_string(),
        address: entry.ip_address.clone(),
        bad,
        details: details(entry),
    }
}

/// All an entry holds that the sentence does not say.
fn details(entry: &AuditEntry) -> Vec<Fact> {
    let mut facts =
        vec![Fact::new("Number", entry.seq.to_string()), Fact::new("Action", entry.action.clone())];
    if let Some(id) = &entry.entity_id {
        facts.push(Fact::new("Id", id.clone()));
    }
    for (name, value) in entry.details.as_object().into_iter().flatten() {
        if name != "actor" && !value.is_null() {
            facts.push(Fact::new(label(name), text(value)));
        }
    }
    facts
}

/// `content_hash` as "Content hash".
fn label(name: &str) -> String {
    frame::sentence(&name.replace('_', " ")).trim_end_matches('.').to_owned()
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| format!("{name} {}", text(value)));
            fields.collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

/// A thing without a page of its own.
pub(super) fn only_named(name: impl Into<String>) -> Link {
    Link::new(name, "")
}
