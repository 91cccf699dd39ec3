//! Reading and writing templates.

use crm_core::{AuditEvent, Page, PageRequest, Scope, StoreError, TemplateId, Tx, paging};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set};

use super::compile::{self, Known};
use super::{
    Block, Channel, Format, NewTemplate, Result, SeaTemplates, Template, TemplatesError, blocks,
    preview, versions,
};
use crate::entity::templates::{ActiveModel, Column, Entity, Model};

/// Most bytes a body may have.
const MAX_BODY: usize = 500_000;
/// Most characters of name, and of subject and preheader.
const MAX_NAME: usize = 200;
const MAX_LINE: usize = 300;
/// Most characters of the name of a language model.
const MAX_MODEL: usize = 200;

pub(super) async fn list(
    templates: &SeaTemplates,
    scope: &Scope,
    request: PageRequest,
) -> Result<Page<Template>> {
    let db = &templates.ctx.db;
    let total = db.count_capped(scope, Entity::find()).await?;
    let mut select = Entity::find().limit(request.limit() + 1);
    let backwards = request.cursor.as_ref().is_some_and(|cursor| cursor.backwards);
    if let Some(cursor) = &request.cursor {
        let (key, id) = (cursor.key.as_str(), cursor.id.as_str());
        let updated = Expr::col(Column::UpdatedAt);
        let here = Expr::col(Column::Id);
        let after = if backwards {
            Condition::any()
                .add(updated.clone().gt(key))
                .add(Condition::all().add(updated.eq(key)).add(here.gt(id)))
        } else {
            Condition::any()
                .add(updated.clone().lt(key))
                .add(Condition::all().add(updated.eq(key)).add(here.lt(id)))
        };
        select = select.filter(after);
    }
    select = if backwards {
        select.order_by_asc(Column::UpdatedAt).order_by_asc(Column::Id)
    } else {
        select.order_by_desc(Column::UpdatedAt).order_by_desc(Column::Id)
    };
    let rows = db.all(scope, select).await?;
    let rows = rows.into_iter().map(read).collect::<std::result::Result<Vec<_>, _>>()?;
    Ok(paging::page_of(rows, &request, total, |row: &Template| {
        (row.updated_at.to_string(), row.id.to_string())
    }))
}

pub(super) async fn get(
    templates: &SeaTemplates,
    scope: &Scope,
    id: TemplateId,
) -> Result<Option<Template>> {
    let row = templates.ctx.db.one(scope, Entity::find_by_id(id)).await?;
    Ok(row.map(read).transpose()?)
}

pub(super) async fn create(
    templates: &SeaTemplates,
    scope: &Scope,
    new: NewTemplate,
) -> Result<Template> {
    let event = |id: TemplateId, name: &str| {
        AuditEvent::new("template.created", "template", id).with("name", name)
    };
    make(templates, scope, new, event).await
}

/// Makes a template, with the entry `event` makes of its id and name.
pub(super) async fn make(
    templates: &SeaTemplates,
    scope: &Scope,
    new: NewTemplate,
    event: impl FnOnce(TemplateId, &str) -> AuditEvent,
) -> Result<Template> {
    let new = check(templates, scope, new).await?;
    let ctx = &templates.ctx;
    let now = ctx.now();
    let stored = new.clone();
    let row = ActiveModel {
        id: Set(ctx.id(TemplateId::from_uuid)),
        workspace_id: Set(scope.workspace_id()),
        name: Set(new.name),
        channel: Set(new.channel.as_str().to_owned()),
        format: Set(new.format.as_str().to_owned()),
        subject: Set(new.subject),
        body_html: Set(new.body_html),
        body_text: Set(some(new.body_text)),
        preheader: Set(some(new.preheader)),
        signature: Set(some(new.signature)),
        blocks: Set(json(new.blocks.as_deref())?),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
    };
    let tx = ctx.db.begin().await?;
    let row = tx.insert(scope, row).await.map_err(duplicate)?;
    versions::keep(&tx, scope, now, (row.id, 1), &stored, None).await?;
    let event = event(row.id, &row.name);
    ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
    tx.commit().await?;
    Ok(read(row)?)
}

pub(super) async fn update(
    templates: &SeaTemplates,
    scope: &Scope,
    id: TemplateId,
    version: Option<i64>,
    change: NewTemplate,
) -> Result<Option<Template>> {
    let event = AuditEvent::new("template.updated", "template", id);
    replace(templates, scope, (id, version), change, (event, None)).await
}

pub(super) async fn restore(
    templates: &SeaTemplates,
    scope: &Scope,
    id: TemplateId,
    version: i64,
    seen: Option<i64>,
) -> Result<Option<Template>> {
    let Some((_, content)) = versions::get(templates, scope, id, version).await? else {
        return Ok(None);
    };
    let event = AuditEvent::new("template.restored", "template", id).with("restored_from", version);
    replace(templates, scope, (id, seen), content, (event, Some(version))).await
}

/// Writes new content over a template, and down as its next version.
async fn replace(
    templates: &SeaTemplates,
    scope: &Scope,
    (id, seen): (TemplateId, Option<i64>),
    change: NewTemplate,
    (event, restored_from): (AuditEvent, Option<i64>),
) -> Result<Option<Template>> {
    let change = check(templates, scope, change).await?;
    let ctx = &templates.ctx;
    let now = ctx.now();
    let tx = ctx.db.begin().await?;
    let Some(row) = tx.one(scope, Entity::find_by_id(id)).await? else {
        return Ok(None);
    };
    if seen.is_some_and(|seen| seen != row.version) {
        return Err(TemplatesError::Stale);
    }
    let next = row.version + 1;
    let stored = change.clone();
    let update = Entity::update_many()
        .col_expr(Column::Name, Expr::value(change.name))
        .col_expr(Column::Channel, Expr::value(change.channel.as_str()))
        .col_expr(Column::Format, Expr::value(change.format.as_str()))
        .col_expr(Column::Subject, Expr::value(change.subject))
        .col_expr(Column::BodyHtml, Expr::value(change.body_html))
        .col_expr(Column::BodyText, Expr::value(some(change.body_text)))
        .col_expr(Column::Preheader, Expr::value(some(change.preheader)))
        .col_expr(Column::Signature, Expr::value(some(change.signature)))
        .col_expr(Column::Blocks, Expr::value(json(change.blocks.as_deref())?))
        .col_expr(Column::Version, Expr::value(next))
        .col_expr(Column::UpdatedAt, Expr::value(now))
        .filter(Column::Id.eq(id))
        // On PostgreSQL two callers may have read the same version.
        .filter(Column::Version.eq(row.version));
    if tx.update_many(scope, update).await.map_err(duplicate)? == 0 {
        return Err(TemplatesError::Stale);
    }
    versions::keep(&tx, scope, now, (id, next), &stored, restored_from).await?;
    let changed = written(&tx, scope, id).await?;
    let event = event.with("name", &changed.name).with("version", next);
    ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
    tx.commit().await?;
    Ok(Some(read(changed)?))
}

/// A name nobody has: `name` with "copy" and, where needed, a number behind it.
pub(super) async fn free_name(
    templates: &SeaTemplates,
    scope: &Scope,
    name: &str,
    tries: usize,
) -> Result<String> {
    let short: String = name.chars().take(MAX_NAME - 12).collect();
    let names = (1..=tries).map(|number| match number {
        1 => format!("{short} copy"),
        more => format!("{short} copy {more}"),
    });
    let names: Vec<String> = names.collect();
    let select = Entity::find().filter(Column::Name.is_in(names.iter().map(String::as_str)));
    let rows = templates.ctx.db.all(scope, select).await?;
    let free = names.into_iter().find(|name| !rows.iter().any(|row| row.name == *name));
    free.ok_or(TemplatesError::DuplicateName)
}

async fn written(tx: &Tx, scope: &Scope, id: TemplateId) -> Result<Model> {
    let row = tx.one(scope, Entity::find_by_id(id)).await?;
    Ok(row.ok_or_else(|| {
        StoreError::Corrupt("a template vanished while it was written".to_owned())
    })?)
}

pub(super) async fn delete(
    templates: &SeaTemplates,
    scope: &Scope,
    id: TemplateId,
) -> Result<bool> {
    let ctx = &templates.ctx;
    let tx = ctx.db.begin().await?;
    if tx.delete_many(scope, Entity::delete_many().filter(Column::Id.eq(id))).await? == 0 {
        return Ok(false);
    }
    let event = AuditEvent::new("template.deleted", "template", id);
    ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
    tx.commit().await?;
    Ok(true)
}

/// Trims and checks content, placeholders included.
async fn check(
    templates: &SeaTemplates,
    scope: &Scope,
    mut content: NewTemplate,
) -> Result<NewTemplate> {
    content.name = content.name.trim().to_owned();
    content.subject = content.subject.trim().to_owned();
    content.preheader = content.preheader.trim().to_owned();
    if content.name.is_empty()
        || content.name.chars().count() > MAX_NAME
        || content.name.chars().any(char::is_control)
    {
        return Err(TemplatesError::InvalidName);
    }
    content.drafted_with = content.drafted_with.map(|model| model.trim().to_owned());
    content.drafted_with = content.drafted_with.filter(|model| !model.is_empty());
    if let Some(model) = &content.drafted_with
        && (model.chars().count() > MAX_MODEL || model.chars().any(char::is_control))
    {
        let message = "enter the name of a model in one line of up to 200 characters".to_owned();
        return Err(TemplatesError::Syntax { field: "drafted_with", message });
    }
    let is_email = content.channel == Channel::Email;
    let subject = &content.subject;
    if (is_email && subject.is_empty())
        || subject.chars().count() > MAX_LINE
        || subject.chars().any(char::is_control)
    {
        return Err(TemplatesError::InvalidSubject);
    }
    let fields = preview::custom_fields(templates, scope).await?;
    let content = made(content, Known::Fields(&fields))?;
    let body = |text: &str, field: &'static str, may_be_empty: bool| {
        if text.len() > MAX_BODY || (!may_be_empty && text.trim().is_empty()) {
            return Err(TemplatesError::InvalidBody(field));
        }
        if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            let message = "there is a control character in it".to_owned();
            return Err(TemplatesError::Syntax { field, message });
        }
        Ok(())
    };
    body(&content.body_html, "body_html", !is_email)?;
    body(&content.body_text, "body_text", is_email || !content.body_html.trim().is_empty())?;
    body(&content.preheader, "preheader", true)?;
    body(&content.signature, "signature", true)?;
    compile::compile(&content, Known::Fields(&fields))?;
    Ok(content)
}

/// Content with the body its blocks make; what was written by hand stays as it is.
pub(super) fn made(mut content: NewTemplate, known: Known<'_>) -> Result<NewTemplate> {
    if content.channel == Channel::Text {
        content.blocks = None;
    }
    if let Some(list) = &mut content.blocks {
        blocks::check(list, known)?;
        content.body_html = blocks::to_mjml(list)?;
        content.format = Format::Mjml;
    }
    Ok(content)
}

fn duplicate(err: StoreError) -> TemplatesError {
    match err {
        StoreError::Duplicate(_) => TemplatesError::DuplicateName,
        other => other.into(),
    }
}

fn json(blocks: Option<&[Block]>) -> std::result::Result<Option<serde_json::Value>, StoreError> {
    Ok(blocks.map(serde_json::to_value).transpose()?)
}

/// Empty texts are not stored.
fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

fn read(row: Model) -> std::result::Result<Template, StoreError> {
    let (id, version) = (row.id, row.version);
    let (created_at, updated_at) = (row.created_at, row.updated_at);
    Ok(Template { id, content: content(row)?, version, created_at, updated_at })
}

/// What a stored template is made of.
pub(crate) fn content(row: Model) -> std::result::Result<NewTemplate, StoreError> {
    let corrupt = |word: &str| StoreError::Corrupt(format!("template with the word {word}"));
    Ok(NewTemplate {
        channel: Channel::parse(&row.channel).ok_or_else(|| corrupt(&row.channel))?,
        format: Format::parse(&row.format).ok_or_else(|| corrupt(&row.format))?,
        name: row.name,
        subject: row.subject,
        body_html: row.body_html,
        body_text: row.body_text.unwrap_or_default(),
        preheader: row.preheader.unwrap_or_default(),
        signature: row.signature.unwrap_or_default(),
        blocks: row.blocks.map(serde_json::from_value).transpose()?,
        drafted_with: None,
    })
}
