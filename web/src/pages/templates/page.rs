//! The editor's page: everything beside what was typed.

use actix_web::HttpRequest;
use crm_ai::drafts;
use crm_campaigns::Template;
use crm_campaigns::templates::{self, NewTemplate};
use crm_contacts::contacts::ContactQuery;
use crm_core::{ContactId, PageRequest, Permission, Scope, TemplateId};

use super::edit::{self, FIELDS};
use super::form::{self, Look, Typed};
use super::{check, people};
use crate::error::AppError;
use crate::extract::{Allow, Right};
use crate::pages::frame;
use crate::state::App;
use crate::views::Section;
use crate::views::common::{Choice, FormErrors, Link};
use crate::views::conflict::Conflict;
use crate::views::templates::{TemplateFormPage, Variable};

/// Which template the page is about, and what it says of it.
#[derive(Default)]
pub(super) struct About {
    pub(super) stored: Option<Template>,
    /// What the form shows.
    pub(super) content: Option<NewTemplate>,
    pub(super) version: i64,
    pub(super) errors: FormErrors,
    pub(super) look: Look,
    /// Whether the form shows something that is not saved.
    pub(super) is_changed: bool,
    /// Whom the preview is for.
    pub(super) contact_id: Option<ContactId>,
    /// Whom missing values are counted for.
    pub(super) audience: String,
    /// What somebody else saved meanwhile.
    pub(super) conflict: Option<Conflict>,
}

impl About {
    /// The form again, with what is wrong.
    pub(super) fn again(typed: &Typed, stored: Option<Template>, error: &AppError) -> Self {
        let wrong = edit::wrong_block(error);
        let mut errors = frame::form_errors(error, &FIELDS);
        if let Some((at, _)) = &wrong {
            errors = FormErrors::general(format!("Block {} is not right yet.", at + 1));
        }
        let look = Look { wrong, ..Look::default() };
        Self { errors, ..edit::reshown(typed, typed.content(), stored, look) }
    }
}

/// The page of a template, or of one that is not saved yet.
pub(super) async fn make<R: Right>(
    app: &App,
    req: &HttpRequest,
    allow: &Allow<R>,
    about: About,
) -> Result<TemplateFormPage, AppError> {
    let scope = allow.scope();
    let stored = about.stored.as_ref();
    let title = stored.map_or("New template", |stored| stored.content.name.as_str()).to_owned();
    let id = stored.map(|stored| stored.id);
    let updated_at = stored.map(|stored| stored.updated_at.to_string());
    let may_write = scope.allows(Permission::TemplatesWrite);
    let content = about.content.unwrap_or_default();
    let channel = match content.channel {
        templates::Channel::Email => drafts::Channel::Email,
        templates::Channel::Text => drafts::Channel::Text,
    };
    let segment = check::segment(app, scope, &about.audience).await?;
    let look = Look { may_write, ..about.look };
    Ok(TemplateFormPage {
        shell: frame::shell(app, req, allow, Section::Templates, title).await?,
        id: id.map(|id| id.to_string()),
        check: check::look(app, scope, &content, &segment).await?,
        form: form::show(content, &look),
        variables: variables(app, scope).await?,
        preview_as: preview_as(app, scope, about.contact_id).await?,
        ai: super::draft::panel(app, scope, id, channel).await?,
        audiences: check::audiences(app, scope, &about.audience).await?,
        campaigns: campaigns(app, scope, id).await?,
        errors: about.errors,
        version: about.version,
        updated_at,
        is_changed: about.is_changed,
        conflict: about.conflict,
        may_write,
    })
}

async fn variables(app: &App, scope: &Scope) -> Result<Vec<Variable>, AppError> {
    let known = [
        ("contact.first_name | default(\"there\")", "First name"),
        ("contact.last_name", "Last name"),
        ("contact.company | default(\"your company\")", "Company"),
        ("contact.primary_email", "Email address"),
        ("workspace.name", "Name of this workspace"),
        ("workspace.postal_address", "Its postal address"),
        ("unsubscribe_url", "Link to unsubscribe"),
    ];
    let custom = app.services.contacts.custom_field_names(scope).await?;
    let known = known.into_iter().map(|(expression, meaning)| Variable {
        expression: expression.to_owned(),
        meaning: meaning.to_owned(),
    });
    let custom = custom.into_iter().map(|name| Variable {
        expression: format!("contact.custom.{name}"),
        meaning: format!("Custom field {name}"),
    });
    Ok(known.chain(custom).collect())
}

/// The newest contacts, for the preview, and the one it is made for.
async fn preview_as(
    app: &App,
    scope: &Scope,
    chosen: Option<ContactId>,
) -> Result<Vec<Choice>, AppError> {
    let page = PageRequest { limit: people::MOST, cursor: None };
    let query = ContactQuery { page, ..ContactQuery::default() };
    let mut found = app.services.contacts.list(scope, query).await?.items;
    if let Some(id) = chosen.filter(|id| !found.iter().any(|contact| contact.id == *id))
        && let Some(contact) = app.services.contacts.get(scope, id).await?
    {
        found.insert(0, contact);
    }
    Ok(people::choices(found, chosen))
}

async fn campaigns(
    app: &App,
    scope: &Scope,
    id: Option<TemplateId>,
) -> Result<Vec<Link>, AppError> {
    let Some(id) = id else { return Ok(Vec::new()) };
    let found = app.services.campaigns.list(scope, None, PageRequest::default()).await?;
    let used = found.items.into_iter().filter(|campaign| campaign.template_id == Some(id));
    Ok(used
        .map(|campaign| {
            let label = match campaign.template_version {
                Some(version) => format!("{} (version {version})", campaign.name),
                None => campaign.name,
            };
            Link::new(label, format!("/campaigns/{}", campaign.id))
        })
        .collect())
}
