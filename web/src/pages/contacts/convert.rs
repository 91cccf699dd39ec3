//! From contacts to what the pages show.

use crm_contacts::Contact;
use crm_contacts::contacts::ListRef;
use crm_contacts::lists::List;
use crm_core::{ContactId, Scope};

use crate::error::AppError;
use crate::state::App;
use crate::views::common::{Stage, Tag};
use crate::views::contacts::ContactRow;

/// The contact of a path, or 404.
pub(in crate::pages) async fn find(
    app: &App,
    scope: &Scope,
    id: ContactId,
) -> Result<Contact, AppError> {
    app.services.contacts.get(scope, id).await?.ok_or_else(AppError::not_found)
}

pub(in crate::pages) fn color(color: i64) -> u8 {
    u8::try_from(color).unwrap_or(1).clamp(1, 8)
}

/// A stage with its place among `lists`, which are all lists of the workspace in order.
pub(in crate::pages) fn stage(lists: &[List], list: &List) -> Stage {
    let stages: Vec<&List> = lists.iter().filter(|list| list.is_primary).collect();
    let position = stages.iter().position(|stage| stage.id == list.id).map_or(1, |at| at + 1);
    Stage::new(list.id.to_string(), &list.name, color(list.color), position, stages.len())
}

pub(super) fn stage_of(lists: &[List], contact: &Contact) -> Option<Stage> {
    let current = contact.lists.iter().find(|list| list.is_primary)?;
    lists.iter().find(|list| list.id == current.id).map(|list| stage(lists, list))
}

pub(super) fn tags_of(contact: &Contact) -> Vec<Tag> {
    let tag = |list: &ListRef| Tag {
        id: list.id.to_string(),
        name: list.name.clone(),
        color: color(list.color),
    };
    contact.lists.iter().filter(|list| !list.is_primary).map(tag).collect()
}

/// A row of the table.
pub(in crate::pages) fn row(lists: &[List], contact: &Contact) -> ContactRow {
    ContactRow {
        id: contact.id.to_string(),
        name: contact.display_name(),
        company: contact.company.clone(),
        email: contact.primary_email.clone().unwrap_or_default(),
        phone: contact.primary_phone.clone().unwrap_or_default(),
        stage: stage_of(lists, contact),
        tags: tags_of(contact),
        value_minor: contact.value_minor,
        created_on: contact.created_on.to_string(),
        ..ContactRow::default()
    }
}
