//! `POST /templates/draft`: a draft from a prompt, as events while it is written or, without script, as a page.

use std::time::Duration;

use actix_web::http::{StatusCode, header};
use actix_web::web::{Bytes, Data, Form};
use actix_web::{HttpRequest, HttpResponse};
use crm_ai::drafts::{
    AiSettings, Brief, Channel, Draft, Drafting, Event, Finished, Length, NotReady, Sent,
};
use crm_core::{Permission, Scope, TemplateId};
use serde::Serialize;

use crate::error::AppError;
use crate::extract::{Allow, rights};
use crate::pages::frame;
use crate::state::App;
use crate::views::Section;
use crate::views::ai::{AiForm, AiPanel, DraftPage, KeptTemplate, Proposal, SentRequest};
use crate::views::common::{Choice, FormErrors};

const TONES: [(&str, &str); 5] = [
    ("friendly", "Friendly"),
    ("matter-of-fact", "Matter-of-fact"),
    ("formal", "Formal"),
    ("enthusiastic", "Enthusiastic"),
    ("apologetic", "Apologetic"),
];
const LENGTHS: [(&str, &str, Length); 3] = [
    ("short", "Short", Length::Short),
    ("medium", "Medium", Length::Medium),
    ("long", "Long", Length::Long),
];
/// The value of `channel` for text messages.
const TEXT: &str = "text";
/// Facts that are ticked from the start.
const TICKED: [&str; 2] = ["contact.first_name", "workspace.name"];

/// How often something is written while the model is silent: only writing shows that nobody listens any more.
const PULSE: Duration = Duration::from_secs(1);

/// The form as typed.
#[derive(Default)]
struct Typed {
    channel: String,
    goal: String,
    tone: String,
    length: String,
    language: String,
    facts: Vec<String>,
    template_id: String,
    step: String,
}

impl Typed {
    fn read(pairs: Vec<(String, String)>) -> Self {
        let mut typed = Self::default();
        for (name, value) in pairs {
            match name.as_str() {
                "channel" => typed.channel = value,
                "goal" => typed.goal = value,
                "tone" => typed.tone = value,
                "length" => typed.length = value,
                "language" => typed.language = value,
                "facts" => typed.facts.push(value),
                "template_id" => typed.template_id = value,
                "step" => typed.step = value,
                _ => {}
            }
        }
        typed
    }

    fn channel(&self) -> Channel {
        if self.channel == TEXT { Channel::Text } else { Channel::Email }
    }

    fn brief(&self) -> Brief {
        let length = LENGTHS.iter().find(|(word, _, _)| *word == self.length);
        Brief {
            channel: self.channel(),
            goal: self.goal.clone(),
            tone: self.tone.clone(),
            length: length.map_or(Length::default(), |(_, _, length)| *length),
            language: self.language.clone(),
            facts: self.facts.clone(),
            contact_id: None,
        }
    }
}

/// The panel of the editor, for whoever may draft.
///
/// # Errors
/// Where the settings or fields cannot be read.
pub(super) async fn panel(
    app: &App,
    scope: &Scope,
    template: Option<TemplateId>,
    channel: Channel,
) -> Result<AiPanel, AppError> {
    let ticked = TICKED.map(str::to_owned).to_vec();
    let is_text = channel == Channel::Text;
    let typed = Typed {
        channel: if is_text { TEXT } else { "" }.to_owned(),
        facts: ticked,
        length: if is_text { "short" } else { "medium" }.to_owned(),
        tone: "friendly".to_owned(),
        template_id: template.map(|id| id.to_string()).unwrap_or_default(),
        ..Typed::default()
    };
    filled(app, scope, &typed).await
}

async fn filled(app: &App, scope: &Scope, typed: &Typed) -> Result<AiPanel, AppError> {
    if !scope.allows(Permission::TemplatesWrite) {
        return Ok(AiPanel::default());
    }
    let drafts = &app.services.drafts;
    let settings = drafts.settings(scope).await?;
    let choice =
        |value: &str, label: &str, chosen: &str| Choice::new(value, label, value == chosen);
    let facts = drafts.facts(scope).await?.into_iter().map(|fact| {
        let ticked = typed.facts.contains(&fact.variable);
        Choice::new(fact.variable.as_str(), fact_name(&fact.variable), ticked)
    });
    let may_set_up = scope.allows(Permission::ProvidersWrite);
    Ok(AiPanel {
        may_write: true,
        reason: reason(&settings),
        settings_url: may_set_up.then(|| "/settings/ai".to_owned()),
        is_text: typed.channel() == Channel::Text,
        template_id: Some(typed.template_id.clone()).filter(|id| !id.is_empty()),
        model: settings.effective_model.clone(),
        host: host(&settings.address).to_owned(),
        form: AiForm { goal: typed.goal.clone(), language: typed.language.clone() },
        tones: TONES.iter().map(|(value, label)| choice(value, label, &typed.tone)).collect(),
        lengths: LENGTHS
            .iter()
            .map(|(value, label, _)| choice(value, label, &typed.length))
            .collect(),
        facts: facts.collect(),
    })
}

/// What a fact is called on the page.
fn fact_name(variable: &str) -> String {
    match variable {
        "contact.first_name" => "First name".to_owned(),
        "contact.last_name" => "Last name".to_owned(),
        "contact.company" => "Company".to_owned(),
        "contact.email" => "Email address".to_owned(),
        "contact.phone" => "Phone number".to_owned(),
        "workspace.name" => "Name of this workspace".to_owned(),
        other => frame::sentence(&other.replace("contact.custom.", "").replace('_', " "))
            .trim_end_matches('.')
            .to_owned(),
    }
}

/// Why there are no drafts, as a sentence; empty where there are.
pub(in crate::pages) fn reason(settings: &AiSettings) -> String {
    match settings.not_ready {
        None => String::new(),
        Some(NotReady::Off) => "AI drafts are switched off in this workspace.".to_owned(),
        Some(NotReady::NoKey) => "No key for the AI server is set.".to_owned(),
    }
}

/// Host and port of an address.
fn host(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

fn note(finished: &Finished) -> String {
    let tokens = finished.tokens.prompt.saturating_add(finished.tokens.completion);
    format!("{}, {tokens} tokens", finished.model)
}

/// Where a request goes, with the path the model's API has for it.
fn target(sent: &Sent) -> String {
    format!("{}/chat/completions", sent.address)
}

fn pretty(sent: &Sent) -> String {
    serde_json::to_string_pretty(&sent.body).unwrap_or_default()
}

pub(super) async fn draft(
    allow: Allow<rights::TemplatesWrite>,
    app: Data<App>,
    req: HttpRequest,
    pairs: Form<Vec<(String, String)>>,
) -> Result<HttpResponse, AppError> {
    let typed = Typed::read(pairs.into_inner());
    let accepts = req.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    if accepts.is_some_and(|kinds| kinds.contains("text/event-stream")) {
        return Ok(events(&app, allow.scope(), &typed).await);
    }
    let scope = allow.scope();
    let template = kept(&app, scope, &typed.template_id).await?;
    let mut view = DraftPage {
        shell: frame::shell(&app, &req, &allow, Section::Templates, "AI draft").await?,
        ai: filled(&app, scope, &typed).await?,
        template,
        ..DraftPage::default()
    };
    let drafts = &app.services.drafts;
    let tried = if typed.step == "look" {
        drafts.look(scope, typed.brief()).await.map(|sent| {
            view.sent = Some(SentRequest { address: target(&sent), body: pretty(&sent) });
        })
    } else {
        match drafts.start(scope, typed.brief()).await {
            Ok(drafting) => drafting.whole().await.map(|finished| {
                view.proposal = Some(proposal(&finished));
            }),
            Err(error) => Err(error),
        }
    };
    match tried.map_err(AppError::from) {
        Ok(()) => frame::ok(&app, &req, &view),
        Err(error) if error.status() == StatusCode::INTERNAL_SERVER_ERROR => Err(error),
        Err(error) => {
            view.errors = errors(&error);
            frame::again(&app, &req, &error, &view)
        }
    }
}

fn proposal(finished: &Finished) -> Proposal {
    let Draft { subject, preheader, body_html, body_text } = finished.draft.clone();
    let model = finished.model.clone();
    Proposal { subject, preheader, body_html, body_text, model, note: note(finished) }
}

/// What is wrong, with what the service calls `prompt` called as in the form.
fn errors(error: &AppError) -> FormErrors {
    frame::form_errors(&error.clone().renamed("prompt", "goal"), &["goal", "tone", "language"])
}

/// The template a draft is for.
async fn kept(app: &App, scope: &Scope, id: &str) -> Result<Option<KeptTemplate>, AppError> {
    if id.is_empty() {
        return Ok(None);
    }
    let id: TemplateId = id.parse().map_err(|_| AppError::not_found())?;
    let found = app.services.templates.get(scope, id).await?.ok_or_else(AppError::not_found)?;
    Ok(Some(KeptTemplate {
        id: found.id.to_string(),
        name: found.content.name,
        signature: found.content.signature,
        version: found.version,
    }))
}

/// The draft as events. What goes wrong is one too: the page that asked shows it in its place.
async fn events(app: &App, scope: &Scope, typed: &Typed) -> HttpResponse {
    let drafts = &app.services.drafts;
    if typed.step == "look" {
        return match drafts.look(scope, typed.brief()).await {
            Ok(sent) => {
                let told = SentRequest { address: target(&sent), body: pretty(&sent) };
                one(event("sent", &told))
            }
            Err(error) => one(failed(&error.into())),
        };
    }
    match drafts.start(scope, typed.brief()).await {
        Ok(drafting) => frame::event_stream().streaming(futures::stream::unfold(drafting, next)),
        Err(error) => one(failed(&error.into())),
    }
}

/// The next bytes: an event, or a sign of life.
async fn next(mut drafting: Drafting) -> Option<(Result<Bytes, std::io::Error>, Drafting)> {
    let bytes = match tokio::time::timeout(PULSE, drafting.next()).await {
        Err(_) => Bytes::from_static(b":\n\n"),
        Ok(event) => told(event?),
    };
    Some((Ok(bytes), drafting))
}

fn told(happened: Event) -> Bytes {
    match happened {
        Event::More(draft) => event("more", &draft),
        Event::Done(finished) => event("done", &proposal(&finished)),
        Event::Failed(error) => failed(&error.into()),
    }
}

#[derive(Serialize)]
struct Problem {
    message: String,
}

fn failed(error: &AppError) -> Bytes {
    event("failed", &Problem { message: frame::sentence(&error.message) })
}

fn event(name: &str, data: &impl Serialize) -> Bytes {
    let data = serde_json::to_string(data).unwrap_or_default();
    Bytes::from(format!("event: {name}\ndata: {data}\n\n"))
}

fn one(bytes: Bytes) -> HttpResponse {
    frame::event_stream().body(bytes)
}
