//! Another template of the same content.

use crm_core::{AuditEvent, Scope, TemplateId};
use sea_orm::EntityTrait;

use super::{NewTemplate, Result, SeaTemplates, Template, store};
use crate::entity::templates::Entity;

/// Names tried before the caller has to give one.
const TRIES: usize = 200;

pub(super) async fn run(
    templates: &SeaTemplates,
    scope: &Scope,
    id: TemplateId,
    name: Option<String>,
) -> Result<Option<Template>> {
    let db = &templates.ctx.db;
    let Some(row) = db.one(scope, Entity::find_by_id(id)).await? else {
        return Ok(None);
    };
    let content = store::content(row)?;
    let name = match name.filter(|name| !name.trim().is_empty()) {
        Some(name) => name,
        None => store::free_name(templates, scope, &content.name, TRIES).await?,
    };
    let event = |made: TemplateId, name: &str| {
        AuditEvent::new("template.duplicated", "template", made).with("name", name).with("from", id)
    };
    store::make(templates, scope, NewTemplate { name, ..content }, event).await.map(Some)
}
