//! Rendering content that is not saved, for one contact.

use crm_contacts::{Contact, ContactsError};
use crm_core::{ContactId, Scope, StoreError};

use super::compile::{self, Known};
use super::{
    Compiled as _, NewTemplate, RenderContext, Rendered, Result, SeaTemplates, TemplatesError,
    made_up, store,
};
use crate::campaigns::policy;

/// Where the link in a preview leads: to a page that is nobody's.
const PREVIEW_LINK: &str = "https://example.com/unsubscribe";

pub(super) async fn run(
    templates: &SeaTemplates,
    scope: &Scope,
    content: &NewTemplate,
    contact_id: Option<ContactId>,
) -> Result<Rendered> {
    let fields = custom_fields(templates, scope).await?;
    let content = store::made(content.clone(), Known::Fields(&fields))?;
    let compiled = compile::compile(&content, Known::Fields(&fields))?;
    let contact = match contact_id {
        Some(id) => load(templates, scope, id).await?,
        None => made_up::contact(&templates.ctx, &fields),
    };
    let workspace = templates.accounts.workspace(scope).await.map_err(broken)?;
    let values = RenderContext {
        workspace_name: workspace.name,
        postal_address: policy::get(&templates.ctx, scope).await?.postal_line(),
        unsubscribe_url: PREVIEW_LINK.to_owned(),
    };
    compiled.render(&contact, &values)
}

async fn load(templates: &SeaTemplates, scope: &Scope, id: ContactId) -> Result<Contact> {
    let contact = templates.contacts.get(scope, id).await.map_err(unreadable)?;
    contact.ok_or(TemplatesError::UnknownContact)
}

pub(super) async fn custom_fields(templates: &SeaTemplates, scope: &Scope) -> Result<Vec<String>> {
    Ok(templates.contacts.custom_field_names(scope).await.map_err(unreadable)?)
}

/// Reading a contact has no other outcome than a failing database.
fn unreadable(err: ContactsError) -> StoreError {
    match err {
        ContactsError::Store(err) => err,
        other => StoreError::Corrupt(other.to_string()),
    }
}

/// Nor has reading the workspace.
fn broken(err: crm_core::accounts::AccountsError) -> StoreError {
    match err {
        crm_core::accounts::AccountsError::Store(err) => err,
        other => StoreError::Corrupt(other.to_string()),
    }
}
