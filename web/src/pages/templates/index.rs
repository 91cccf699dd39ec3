//! `GET /templates`

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use crm_campaigns::Template;
use crm_campaigns::templates::Channel;
use crm_core::paging::MAX_LIMIT;
use crm_core::{PageRequest, Permission};

use crate::error::AppError;
use crate::extract::{Allow, rights};
use crate::pages::frame;
use crate::state::App;
use crate::views::Section;
use crate::views::templates::{TemplateRow, TemplatesPage};

pub(super) async fn show(
    allow: Allow<rights::TemplatesRead>,
    app: Data<App>,
    req: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let request = PageRequest { limit: MAX_LIMIT, cursor: None };
    let found = app.services.templates.list(allow.scope(), request.clone()).await?;
    let campaigns = app.services.campaigns.list(allow.scope(), None, request).await?;
    let row = |template: Template| TemplateRow {
        campaigns: u64::try_from(
            campaigns.items.iter().filter(|c| c.template_id == Some(template.id)).count(),
        )
        .unwrap_or_default(),
        id: template.id.to_string(),
        name: template.content.name,
        subject: template.content.subject,
        channel: match template.content.channel {
            Channel::Email => "email".to_owned(),
            Channel::Text => "text".to_owned(),
        },
        updated_at: template.updated_at.to_string(),
    };
    let view = TemplatesPage {
        starters: super::edit::cards(),
        rows: found.items.into_iter().map(row).collect(),
        shell: frame::shell(&app, &req, &allow, Section::Templates, "Templates").await?,
        may_write: allow.scope().allows(Permission::TemplatesWrite),
    };
    frame::ok(&app, &req, &view)
}
