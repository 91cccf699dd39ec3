//! `GET /templates/new`, `POST /templates`, `GET, POST /templates/{id}`, `POST /templates/{id}/delete`

use actix_web::web::{Data, Form, Path};
use actix_web::{HttpRequest, HttpResponse};
use crm_campaigns::Template;
use crm_campaigns::templates::{Channel, Format, NewTemplate};
use crm_contacts::contacts::ContactQuery;
use crm_core::{PageRequest, Permission, Scope, TemplateId};
use serde::Deserialize;

use crate::error::AppError;
use crate::extract::{Allow, Right, rights};
use crate::pages::frame;
use crate::state::App;
use crate::views::common::{Choice, FormErrors, Link};
use crate::views::templates::{TemplateForm, TemplateFormPage, Variable};
use crate::views::{Flash, Section};

const FIELDS: [&str; 6] = ["name", "subject", "preheader", "body_html", "body_text", "signature"];

/// The form as typed. `part` and `contact_id` belong to the preview.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Typed {
    name: String,
    subject: String,
    preheader: String,
    body_html: String,
    body_text: String,
    signature: String,
    version: i64,
    pub(super) part: String,
    pub(super) contact_id: String,
}

impl Typed {
    pub(super) fn content(&self) -> NewTemplate {
        NewTemplate {
            name: self.name.clone(),
            channel: Channel::Email,
            format: Format::Html,
            subject: self.subject.clone(),
            body_html: self.body_html.clone(),
            body_text: self.body_text.clone(),
            preheader: self.preheader.clone(),
            signature: self.signature.clone(),
        }
    }
}

fn form(content: NewTemplate) -> TemplateForm {
    TemplateForm {
        name: content.name,
        subject: content.subject,
        preheader: content.preheader,
        body_html: content.body_html,
        body_text: content.body_text,
        signature: content.signature,
    }
}

/// Which template the page is about.
struct About<'a> {
    stored: Option<&'a Template>,
    form: TemplateForm,
    version: i64,
    errors: FormErrors,
}

async fn page<R: Right>(
    app: &App,
    req: &HttpRequest,
    allow: &Allow<R>,
    about: About<'_>,
) -> Result<TemplateFormPage, AppError> {
    let scope = allow.scope();
    let title =
        about.stored.map_or("New template", |stored| stored.content.name.as_str()).to_owned();
    Ok(TemplateFormPage {
        shell: frame::shell(app, req, allow, Section::Templates, title).await?,
        id: about.stored.map(|stored| stored.id.to_string()),
        form: about.form,
        variables: variables(app, scope).await?,
        preview_as: preview_as(app, scope).await?,
        ai: super::draft::panel(app, scope, about.stored.map(|stored| stored.id)).await?,
        campaigns: campaigns(app, scope, about.stored.map(|stored| stored.id)).await?,
        errors: about.errors,
        version: about.version,
        updated_at: about.stored.map(|stored| stored.updated_at.to_string()),
        may_write: scope.allows(Permission::TemplatesWrite),
    })
}

async fn variables(app: &App, scope: &Scope) -> Result<Vec<Variable>, AppError> {
    let known = [
        ("contact.first_name | default(\"there\")", "First name"),
        ("contact.last_name", "Last name"),
        ("contact.company | default(\"your company\")", "Company"),
        ("contact.primary_email", "Email address"),
        ("workspace.name", "Name of this workspace"),
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

/// The newest contacts, for the preview.
async fn preview_as(app: &App, scope: &Scope) -> Result<Vec<Choice>, AppError> {
    let page = PageRequest { limit: 20, cursor: None };
    let query = ContactQuery { page, ..ContactQuery::default() };
    let found = app.services.contacts.list(scope, query).await?;
    let choice = |(index, contact): (usize, crm_contacts::Contact)| {
        Choice::new(contact.id.to_string(), contact.display_name(), index == 0)
    };
    Ok(found.items.into_iter().enumerate().map(choice).collect())
}

async fn campaigns(
    app: &App,
    scope: &Scope,
    id: Option<TemplateId>,
) -> Result<Vec<Link>, AppError> {
    let Some(id) = id else { return Ok(Vec::new()) };
    let found = app.services.campaigns.list(scope, None, PageRequest::default()).await?;
    let used = found.items.into_iter().filter(|campaign| campaign.template_id == Some(id));
    Ok(used.map(|c| Link::new(c.name, format!("/campaigns/{}", c.id))).collect())
}

pub(super) async fn new(
    allow: Allow<rights::TemplatesWrite>,
    app: Data<App>,
    req: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let about = About {
        stored: None,
        form: TemplateForm::default(),
        version: 0,
        errors: FormErrors::none(),
    };
    let view = page(&app, &req, &allow, about).await?;
    frame::ok(&app, &req, &view)
}

pub(super) async fn create(
    allow: Allow<rights::TemplatesWrite>,
    app: Data<App>,
    req: HttpRequest,
    typed: Form<Typed>,
) -> Result<HttpResponse, AppError> {
    let content = typed.content();
    match app.services.templates.create(allow.scope(), content).await.map_err(AppError::from) {
        Ok(made) => Ok(frame::lead_to(
            &app,
            &format!("/templates/{}", made.id),
            Some(Flash::ok("The template is saved.")),
        )),
        Err(error) if error.is_correctable() => {
            let about = About {
                stored: None,
                form: form(typed.content()),
                version: 0,
                errors: frame::form_errors(&error, &FIELDS),
            };
            let view = page(&app, &req, &allow, about).await?;
            frame::again(&app, &req, &error, &view)
        }
        Err(error) => Err(error),
    }
}

async fn find(app: &App, scope: &Scope, id: TemplateId) -> Result<Template, AppError> {
    app.services.templates.get(scope, id).await?.ok_or_else(AppError::not_found)
}

pub(super) async fn show(
    allow: Allow<rights::TemplatesRead>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<TemplateId>,
) -> Result<HttpResponse, AppError> {
    let stored = find(&app, allow.scope(), *id).await?;
    let about = About {
        form: form(stored.content.clone()),
        version: stored.version,
        errors: FormErrors::none(),
        stored: Some(&stored),
    };
    let view = page(&app, &req, &allow, about).await?;
    frame::ok(&app, &req, &view)
}

pub(super) async fn save(
    allow: Allow<rights::TemplatesWrite>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<TemplateId>,
    typed: Form<Typed>,
) -> Result<HttpResponse, AppError> {
    let stored = find(&app, allow.scope(), *id).await?;
    let seen = Some(typed.version).filter(|version| *version > 0);
    // What the page does not show stays as it is.
    let change = NewTemplate {
        channel: stored.content.channel,
        format: stored.content.format,
        ..typed.content()
    };
    match app
        .services
        .templates
        .update(allow.scope(), *id, seen, change)
        .await
        .map_err(AppError::from)
    {
        Ok(changed) => {
            changed.ok_or_else(AppError::not_found)?;
            let said = Flash::ok("The template is saved.");
            Ok(frame::lead_to(&app, &format!("/templates/{id}"), Some(said)))
        }
        Err(error) if error.is_correctable() || error.code == "stale" => {
            let about = About {
                form: form(typed.content()),
                version: typed.version,
                errors: frame::form_errors(&error, &FIELDS),
                stored: Some(&stored),
            };
            let view = page(&app, &req, &allow, about).await?;
            frame::again(&app, &req, &error, &view)
        }
        Err(error) => Err(error),
    }
}

pub(super) async fn delete(
    allow: Allow<rights::TemplatesWrite>,
    app: Data<App>,
    id: Path<TemplateId>,
) -> Result<HttpResponse, AppError> {
    let stored = find(&app, allow.scope(), *id).await?;
    app.services.templates.delete(allow.scope(), *id).await?;
    let said =
        Flash::ok(format!("{} is deleted. Campaigns keep what was approved.", stored.content.name));
    Ok(frame::lead_to(&app, "/templates", Some(said)))
}
