//! `GET /contacts/{id}?type&by&write&cursor`: one contact with its timeline.

use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use crm_campaigns::campaigns::ContactCampaign;
use crm_campaigns::suppressions::Suppression;
use crm_campaigns::templates::Channel;
use crm_contacts::Contact;
use crm_contacts::fields::Field;
use crm_contacts::timeline::{LogContent, LogEntry, LogFilter};
use crm_core::accounts::Member;
use crm_core::{ContactId, Permission, RecipientId, Scope, UserId};
use serde::Deserialize;

use super::{consent, convert, custom, message};
use crate::error::AppError;
use crate::extract::{Allow, PageQuery, Right, rights};
use crate::pages::{frame, tasks};
use crate::state::App;
use crate::views::Section;
use crate::views::common::{Choice, Fact, FormErrors, Link, Tab};
use crate::views::contact::{
    self, Composer, ConsentForm, ContactDetail, ContactPage, StageStep, SummaryCard,
};
use crate::views::timeline::{TimelineDay, TimelineEntry};

/// Entries on the first page of a timeline.
const ENTRIES: u64 = 20;
/// The filters above the timeline.
const KINDS: [(&str, &str); 5] = [
    ("note", "Notes"),
    ("call", "Calls"),
    ("email", "Email"),
    ("text", "Texts"),
    ("stage_change", "Stages"),
];

#[derive(Deserialize, Default)]
pub(super) struct Params {
    #[serde(rename = "type", default)]
    kind: String,
    /// `me` for what the person who looks did.
    #[serde(default)]
    by: String,
    /// `call` for the form of a call, `email` or `text` for that of a message.
    #[serde(default)]
    write: String,
    /// The template a message begins with.
    #[serde(default)]
    template: String,
    /// The message that was taken back and is written again.
    #[serde(default)]
    again: String,
    cursor: Option<String>,
}

impl Params {
    fn kinds(&self) -> Vec<String> {
        self.kind.split(',').filter(|kind| !kind.is_empty()).map(str::to_owned).collect()
    }

    /// The page with another choice of filters.
    fn url(id: ContactId, kinds: &[String], mine: bool) -> String {
        let mut query = Vec::new();
        if !kinds.is_empty() {
            query.push(format!("type={}", kinds.join(",")));
        }
        if mine {
            query.push("by=me".to_owned());
        }
        let start = if query.is_empty() { "" } else { "?" };
        format!("/contacts/{id}{start}{}", query.join("&"))
    }

    /// The filters as chips: each is put on and taken off by itself.
    fn chips(&self, id: ContactId) -> Vec<Tab> {
        let (chosen, mine) = (self.kinds(), self.by == "me");
        let all = Tab {
            label: "All".to_owned(),
            url: Self::url(id, &[], false),
            count: None,
            current: chosen.is_empty() && !mine,
        };
        let kinds = KINDS.iter().map(|(kind, label)| {
            let current = chosen.iter().any(|one| one == kind);
            let mut next: Vec<String> = chosen.iter().filter(|one| one != kind).cloned().collect();
            if !current {
                next.push((*kind).to_owned());
            }
            let url = Self::url(id, &next, mine);
            Tab { label: (*label).to_owned(), url, count: None, current }
        });
        let by_me = Tab {
            label: "By me".to_owned(),
            url: Self::url(id, &chosen, !mine),
            count: None,
            current: mine,
        };
        std::iter::once(all).chain(kinds).chain([by_me]).collect()
    }
}

pub(super) async fn show(
    allow: Allow<rights::ContactsRead>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<ContactId>,
    params: Query<Params>,
) -> Result<HttpResponse, AppError> {
    if let Some(now) = moved(&app, allow.scope(), *id).await? {
        return Ok(frame::lead_to(&app, &format!("/contacts/{now}"), None));
    }
    let channel = Channel::parse(&params.write);
    let message = match channel.filter(|_| allow.scope().allows(Permission::CampaignsSend)) {
        Some(channel) => {
            let begun = (params.template.as_str(), params.again.as_str());
            Some(message::form(&app, allow.scope(), *id, channel, begun).await?)
        }
        None => None,
    };
    let composer = Composer { call: params.write == "call", message, ..Composer::default() };
    let view = view(&app, &req, &allow, *id, &params, FormErrors::none(), composer).await?;
    frame::ok(&app, &req, &view)
}

/// Where a contact is that was merged into another one; `None` for one that is still there, or never was.
async fn moved(app: &App, scope: &Scope, id: ContactId) -> Result<Option<ContactId>, AppError> {
    if app.services.contacts.get(scope, id).await?.is_some() {
        return Ok(None);
    }
    Ok(app.services.merges.moved_to(scope, id).await?)
}

/// The page again, with what was wrong with a note or a call.
pub(super) async fn again<R: Right>(
    app: &App,
    req: &HttpRequest,
    allow: &Allow<R>,
    id: ContactId,
    error: &AppError,
    composer: Composer,
) -> Result<HttpResponse, AppError> {
    const FIELDS: [&str; 8] = [
        "text",
        "minutes",
        "notes",
        "when",
        "subject",
        "body",
        "despite_unsubscribed",
        "despite_quiet_hours",
    ];
    let errors = frame::form_errors(error, &FIELDS);
    let view = view(app, req, allow, id, &Params::default(), errors, composer).await?;
    frame::again(app, req, error, &view)
}

/// The page with a summary of the timeline.
pub(super) async fn with_summary(
    app: &App,
    req: &HttpRequest,
    allow: &Allow<rights::LogsWrite>,
    id: ContactId,
    summary: SummaryCard,
) -> Result<ContactPage, AppError> {
    let (params, composer) = (Params::default(), Composer::default());
    let view = view(app, req, allow, id, &params, FormErrors::none(), composer).await?;
    Ok(ContactPage { summary: Some(summary), ..view })
}

/// The page with what somebody said as typed, and what is wrong with it.
pub(super) async fn consent_again(
    app: &App,
    req: &HttpRequest,
    allow: &Allow<rights::ContactsWrite>,
    id: ContactId,
    error: &AppError,
    typed: ConsentForm,
) -> Result<HttpResponse, AppError> {
    let errors = frame::form_errors(error, &["channel", "state", "source", "wording", "at"]);
    let (params, composer) = (Params::default(), Composer::default());
    let mut view = view(app, req, allow, id, &params, errors, composer).await?;
    view.consents.form = typed;
    frame::again(app, req, error, &view)
}

/// The page with the form of a new task as typed, and what is wrong with it.
pub(in crate::pages) async fn task_again(
    app: &App,
    req: &HttpRequest,
    allow: &Allow<rights::TasksWrite>,
    id: ContactId,
    error: &AppError,
    typed: &tasks::Typed,
) -> Result<HttpResponse, AppError> {
    let none = FormErrors::none();
    let composer = Composer::default();
    let mut view = view(app, req, allow, id, &Params::default(), none, composer).await?;
    let members = app.services.accounts.members(allow.scope()).await?;
    let errors = frame::form_errors(error, &["title", "due_at", "assignee_id"]);
    view.task_form = tasks::form(typed, &members, errors);
    frame::again(app, req, error, &view)
}

async fn view<R: Right>(
    app: &App,
    req: &HttpRequest,
    allow: &Allow<R>,
    id: ContactId,
    params: &Params,
    errors: FormErrors,
    composer: Composer,
) -> Result<ContactPage, AppError> {
    let scope = allow.scope();
    let contact = convert::find(app, scope, id).await?;
    let fields = app.services.fields.all(allow.scope()).await?;
    let lists = app.services.lists.all(scope).await?;
    let members = app.services.accounts.members(scope).await?;
    let mine = params.by == "me";
    let filter = LogFilter {
        kinds: params.kinds(),
        actor_id: scope.user_id().filter(|_| mine),
        ..LogFilter::default()
    };
    let request = PageQuery { limit: Some(ENTRIES), cursor: params.cursor.clone() }.request()?;
    let found = app.services.timeline.page(scope, id, &filter, request).await?;
    let told: Vec<_> = found.items.iter().filter_map(|entry| entry.campaign_recipient_id).collect();
    let sent_by = app.services.campaigns.of_recipients(scope, &told).await?;
    let authors = app.services.messages.authors(scope, &told).await?;
    let messages = app.services.messages.open_of(scope, id).await?;
    let campaigns = app.services.campaigns.of_contact(scope, id).await?;
    let suppressed = suppression(app, scope, &contact).await?;
    let merges = app.services.merges.of_contact(scope, id).await?;
    let shell = frame::shell(app, req, allow, Section::Contacts, contact.display_name()).await?;
    let current = contact.lists.iter().find(|list| list.is_primary).map(|list| list.id);
    let mut passed = current.is_some();
    let stages = lists.iter().filter(|list| list.is_primary).map(|list| {
        let is_current = Some(list.id) == current;
        let done = passed && !is_current;
        passed = passed && !is_current;
        StageStep { stage: convert::stage(&lists, list), done, current: is_current }
    });
    let stages = stages.collect();
    let addable = lists
        .iter()
        .filter(|list| !list.is_primary && !contact.lists.iter().any(|mine| mine.id == list.id));
    let newest = Params::url(id, &filter.kinds, mine);
    let join = if newest.contains('?') { '&' } else { '?' };
    let older = found.next.as_ref().map(|next| format!("{newest}{join}cursor={}", next.encode()));
    let me = scope.user_id().filter(|_| scope.allows(Permission::LogsWrite));
    let entries =
        found.items.into_iter().map(|logged| entry(logged, &members, (&sent_by, &authors), me));
    let entries = entries.collect();
    Ok(ContactPage {
        may_erase: scope.allows(Permission::WorkspaceWrite),
        merges: merges
            .into_iter()
            .map(|merge| contact::MergedHere {
                id: merge.id.to_string(),
                name: merge.source_name,
                at: merge.created_at.to_string(),
            })
            .collect(),
        addable_tags: addable
            .map(|list| Choice::new(list.id.to_string(), &list.name, false))
            .collect(),
        timeline: TimelineDay::group(entries, &shell.now, &shell.time_zone),
        kinds: params.chips(id),
        older_url: older,
        newest_url: params.cursor.as_ref().map(|_| newest.clone()),
        composer,
        errors,
        campaigns: campaigns.into_iter().map(campaign).collect(),
        messages: messages.iter().map(message::row).collect(),
        consents: consent::card(app, scope, id, &members).await?,
        summary: None,
        summary_url: scope
            .allows(Permission::LogsWrite)
            .then(|| format!("/contacts/{id}/summary#summary")),
        may_send: scope.allows(Permission::CampaignsSend),
        may_write: scope.allows(Permission::ContactsWrite),
        tasks: tasks::of_contact(app, scope, id, &members).await?,
        task_form: tasks::form(&tasks::Typed::default(), &members, FormErrors::none()),
        contact: detail(&contact, &lists, &members, &fields, suppressed),
        stages,
        shell,
    })
}

async fn suppression(
    app: &App,
    scope: &Scope,
    contact: &Contact,
) -> Result<Option<Suppression>, AppError> {
    let Some(address) = &contact.primary_email else { return Ok(None) };
    Ok(app.services.campaigns.suppression(scope, Channel::Email, address).await?)
}

fn campaign(row: ContactCampaign) -> contact::ContactCampaign {
    contact::ContactCampaign {
        id: row.campaign_id.to_string(),
        name: row.name,
        state: row.state.as_str().to_owned(),
    }
}

/// What a contact has, by what people read and in the order they gave.
fn custom_facts(contact: &Contact, fields: &[Field]) -> Vec<Fact> {
    let known = fields.iter().filter_map(|field| {
        let value = contact.custom.get(&field.name)?;
        Some(Fact::new(&field.label, custom::shown(value)))
    });
    // A value whose field is gone is still the contact's.
    let other = contact
        .custom
        .iter()
        .filter(|(name, _)| fields.iter().all(|field| field.name != **name))
        .map(|(name, value)| Fact::new(name, custom::shown(value)));
    known.chain(other).collect()
}

fn detail(
    contact: &Contact,
    lists: &[crm_contacts::lists::List],
    members: &[Member],
    fields: &[Field],
    suppressed: Option<Suppression>,
) -> ContactDetail {
    let owner = members.iter().find(|member| Some(member.user_id) == contact.owner_id);
    let custom = custom_facts(contact, fields);
    ContactDetail {
        id: contact.id.to_string(),
        name: contact.display_name(),
        company: contact.company.clone(),
        email: contact.primary_email.clone().unwrap_or_default(),
        phone: contact.primary_phone.clone().unwrap_or_default(),
        value_minor: contact.value_minor,
        owner: owner.map(|member| member.name.clone()),
        stage: convert::stage_of(lists, contact),
        stage_since: contact.stage_since.map(|at| at.to_string()),
        tags: convert::tags_of(contact),
        custom,
        email_suppressed: suppressed.map(|found| found.reason.as_str().to_owned()),
        email_suppressed_at: suppressed.map(|found| found.since.to_string()),
        created_on: contact.created_on.to_string(),
        updated_at: contact.updated_at.to_string(),
    }
}

fn entry(
    logged: LogEntry,
    members: &[Member],
    (sent_by, authors): (&[ContactCampaign], &[(RecipientId, Option<UserId>)]),
    me: Option<UserId>,
) -> TimelineEntry {
    // The engine writes down what somebody else wrote.
    let row = logged.campaign_recipient_id;
    let author = authors.iter().find(|(id, _)| Some(*id) == row).and_then(|(_, author)| *author);
    let actor_id = logged.actor_id.or(author);
    let actor = members.iter().find(|member| Some(member.user_id) == actor_id);
    let campaign = logged
        .campaign_recipient_id
        .and_then(|id| sent_by.iter().find(|campaign| campaign.recipient_id == id));
    let mut shown = TimelineEntry {
        id: logged.id.to_string(),
        kind: logged.content.kind().to_owned(),
        at: logged.timestamp.to_string(),
        actor: actor.map(|member| member.name.clone()),
        edited: logged.version > 1,
        may_change: logged.is_of(me),
        campaign: campaign
            .map(|sent| Link::new(sent.name.clone(), format!("/campaigns/{}", sent.campaign_id))),
        ..TimelineEntry::default()
    };
    match logged.content {
        LogContent::Email { subject, body, status, opened, clicked_links } => {
            shown.opened = opened.is_some();
            shown.clicked = u64::try_from(clicked_links.len()).unwrap_or_default();
            shown.subject = Some(subject);
            shown.body = Some(body);
            shown.status = Some(status);
        }
        LogContent::Text { message, status } => {
            shown.body = Some(message);
            shown.status = Some(status);
        }
        LogContent::Call { duration, notes } => {
            shown.minutes = Some(u64::from(duration));
            shown.body = Some(notes);
        }
        LogContent::Ai { prompt, output, .. } => {
            shown.subject = Some(prompt);
            shown.body = Some(output);
        }
        LogContent::StageChange { old_list, new_list } => {
            shown.old_list = old_list;
            shown.new_list = Some(new_list);
        }
        LogContent::Note { text } => shown.body = Some(text),
        LogContent::System { message } => shown.body = Some(message),
    }
    shown
}
