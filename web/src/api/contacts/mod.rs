//! `/api/contacts`

use std::collections::BTreeMap;
use utoipa::{OpenApi, ToSchema};

use actix_web::web::{self, ServiceConfig};
use crm_contacts::Contact;
use crm_contacts::contacts::{CustomValue, ListRef};
use crm_core::{ContactId, ListId, Timestamp, UserId};
use serde::Serialize;

mod bulk;
mod change;
mod consents;
mod create;
mod delete;
mod get;
mod list;
mod merge;
pub mod privacy;
mod replace;
mod summary;
mod trash;

/// `/api/contacts…`
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(
            web::resource("/contacts")
                .route(web::get().to(list::handle))
                .route(web::post().to(create::handle)),
        )
        .service(
            web::resource("/contacts/{id}/consents")
                .route(web::get().to(consents::list))
                .route(web::post().to(consents::record)),
        )
        .route("/contacts/{id}/summary", web::post().to(summary::ask))
        .route("/contacts/{id}/export", web::get().to(privacy::export))
        .route("/contacts/{id}/erase", web::post().to(privacy::erase))
        .route("/contacts/merge", web::post().to(merge::merge))
        .route("/contacts/unmerge", web::post().to(merge::unmerge))
        .route("/contacts/duplicates", web::get().to(merge::duplicates))
        .route("/contacts/duplicates/dismiss", web::post().to(merge::dismiss))
        .route("/contacts/trash", web::get().to(trash::list))
        .route("/contacts/trash/{id}/restore", web::post().to(trash::restore))
        .route("/contacts/trash/{id}", web::delete().to(trash::purge))
        .route("/contacts/bulk", web::post().to(bulk::start))
        .route("/contacts/bulk/select", web::post().to(bulk::select))
        .route("/contacts/bulk/{id}", web::get().to(bulk::get))
        .route("/contacts/bulk/{id}/undo", web::post().to(bulk::undo))
        .service(
            web::resource("/contacts/{id}")
                .route(web::get().to(get::handle))
                .route(web::put().to(replace::handle))
                .route(web::patch().to(change::handle))
                .route(web::delete().to(delete::handle)),
        );
}

/// What the document says of them.
#[derive(OpenApi)]
#[openapi(paths(
    list::handle,
    create::handle,
    get::handle,
    replace::handle,
    change::handle,
    delete::handle,
    consents::list,
    consents::record,
    summary::ask,
    privacy::export,
    privacy::erase,
    merge::merge,
    merge::unmerge,
    merge::duplicates,
    merge::dismiss,
    trash::list,
    trash::restore,
    trash::purge,
    bulk::select,
    bulk::start,
    bulk::get,
    bulk::undo
))]
pub(super) struct Document;

/// A contact as the API shows it.
#[derive(Serialize, ToSchema)]
#[schema(as = Contact)]
pub(super) struct View {
    id: ContactId,
    first_name: String,
    last_name: String,
    primary_email: Option<String>,
    primary_phone: Option<String>,
    company: String,
    owner_id: Option<UserId>,
    value_minor: Option<i64>,
    stage_since: Option<Timestamp>,
    created_on: Timestamp,
    updated_at: Timestamp,
    custom: BTreeMap<String, CustomValue>,
    lists: Vec<ListView>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ContactList)]
struct ListView {
    id: ListId,
    name: String,
    is_primary: bool,
}

impl From<ListRef> for ListView {
    fn from(list: ListRef) -> Self {
        Self { id: list.id, name: list.name, is_primary: list.is_primary }
    }
}

impl From<Contact> for View {
    fn from(contact: Contact) -> Self {
        Self {
            id: contact.id,
            first_name: contact.first_name,
            last_name: contact.last_name,
            primary_email: contact.primary_email,
            primary_phone: contact.primary_phone,
            company: contact.company,
            owner_id: contact.owner_id,
            value_minor: contact.value_minor,
            stage_since: contact.stage_since,
            created_on: contact.created_on,
            updated_at: contact.updated_at,
            custom: contact.custom,
            lists: contact.lists.into_iter().map(ListView::from).collect(),
        }
    }
}
