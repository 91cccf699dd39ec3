//! Every route of the pages: what it asks of a visitor, and what it is tried on.

use std::collections::BTreeSet;

use crm_core::Permission as P;
use web::api::openapi::Asks::{self, Administrator, Nothing, Right, Session};

use super::routes::declared_in;

/// One route of a page.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// As it is declared.
    pub path: &'static str,
    /// What it asks.
    pub asks: Asks,
    /// What stands for `{id}`, `{token}`: a word of [`super::matrix::Things`], `spare_…` for a new one each time.
    pub of: &'static str,
}

const fn page(method: &'static str, path: &'static str, asks: Asks, of: &'static str) -> Page {
    Page { method, path, asks, of }
}

/// The table.
pub const PAGES: &[Page] = &[
    page("GET", "/login", Nothing, ""),
    page("POST", "/login", Nothing, ""),
    page("GET", "/login/code", Nothing, ""),
    page("POST", "/login/code", Nothing, ""),
    page("GET", "/setup", Nothing, ""),
    page("POST", "/setup", Nothing, ""),
    page("GET", "/reset", Nothing, ""),
    page("POST", "/reset", Nothing, ""),
    page("GET", "/reset/code", Nothing, ""),
    page("POST", "/reset/use", Nothing, ""),
    page("GET", "/reset/{token}", Nothing, ""),
    page("GET", "/u/{token}", Nothing, ""),
    page("POST", "/u/{token}", Nothing, ""),
    page("GET", "/invitation/{token}", Nothing, ""),
    page("POST", "/invitation/{token}", Nothing, ""),
    page("GET", "/", Nothing, ""),
    page("GET", "/dashboard", Right(P::WorkspaceRead), ""),
    page("GET", "/contacts", Right(P::ContactsRead), ""),
    page("POST", "/contacts", Right(P::ContactsWrite), ""),
    page("GET", "/contacts/new", Right(P::ContactsWrite), ""),
    page("POST", "/contacts/new", Right(P::ContactsWrite), ""),
    page("GET", "/contacts/{id}", Right(P::ContactsRead), "contact"),
    page("POST", "/contacts/{id}", Right(P::ContactsWrite), "contact"),
    page("GET", "/contacts/{id}/edit", Right(P::ContactsWrite), "contact"),
    page("POST", "/contacts/{id}/delete", Right(P::ContactsWrite), "spare_contact"),
    page("POST", "/contacts/{id}/notes", Right(P::LogsWrite), "contact"),
    page("POST", "/contacts/{id}/stage", Right(P::ContactsWrite), "contact"),
    page("POST", "/contacts/{id}/lists", Right(P::ContactsWrite), "contact"),
    page("POST", "/contacts/{id}/lists/{list}/remove", Right(P::ContactsWrite), "contact"),
    page("POST", "/contacts/{id}/tasks", Right(P::TasksWrite), "contact"),
    page("POST", "/tasks/{id}/done", Right(P::TasksWrite), "task"),
    page("POST", "/tasks/{id}/tomorrow", Right(P::TasksWrite), "task"),
    page("GET", "/segments", Right(P::ContactsRead), ""),
    page("POST", "/segments", Right(P::ContactsWrite), ""),
    page("GET", "/segments/new", Right(P::ContactsWrite), ""),
    page("POST", "/segments/build", Right(P::ContactsRead), ""),
    page("GET", "/segments/{id}", Right(P::ContactsRead), "segment"),
    page("POST", "/segments/{id}", Right(P::ContactsWrite), "segment"),
    page("POST", "/segments/{id}/delete", Right(P::ContactsWrite), "spare_segment"),
    page("GET", "/lists", Right(P::ListsRead), ""),
    page("POST", "/lists", Right(P::ListsWrite), ""),
    page("POST", "/lists/{id}", Right(P::ListsWrite), "list"),
    page("POST", "/lists/{id}/move", Right(P::ListsWrite), "list"),
    page("POST", "/lists/{id}/delete", Right(P::ListsWrite), "spare_list"),
    page("GET", "/import", Right(P::ContactsRead), ""),
    page("POST", "/import", Right(P::ContactsWrite), ""),
    page("GET", "/import/{id}", Right(P::ContactsRead), "import"),
    page("GET", "/import/{id}/map", Right(P::ContactsWrite), "import"),
    page("POST", "/import/{id}/map", Right(P::ContactsWrite), "import"),
    page("GET", "/import/{id}/check", Right(P::ContactsWrite), "import"),
    page("POST", "/import/{id}/check", Right(P::ContactsWrite), "import"),
    page("POST", "/import/{id}/run", Right(P::ContactsWrite), "import"),
    page("POST", "/import/{id}/cancel", Right(P::ContactsWrite), "import"),
    page("GET", "/import/{id}/errors.csv", Right(P::ContactsRead), "import"),
    page("GET", "/templates", Right(P::TemplatesRead), ""),
    page("POST", "/templates", Right(P::TemplatesWrite), ""),
    page("GET", "/templates/new", Right(P::TemplatesWrite), ""),
    page("POST", "/templates/preview", Right(P::TemplatesRead), ""),
    page("GET", "/templates/{id}", Right(P::TemplatesRead), "template"),
    page("POST", "/templates/{id}", Right(P::TemplatesWrite), "template"),
    page("POST", "/templates/{id}/delete", Right(P::TemplatesWrite), "spare_template"),
    page("GET", "/campaigns", Right(P::CampaignsRead), ""),
    page("POST", "/campaigns", Right(P::CampaignsWrite), ""),
    page("GET", "/campaigns/new", Right(P::CampaignsWrite), ""),
    page("GET", "/campaigns/{id}", Right(P::CampaignsRead), "campaign"),
    page("POST", "/campaigns/{id}", Right(P::CampaignsWrite), "campaign"),
    page("GET", "/campaigns/{id}/recipients", Right(P::CampaignsRead), "campaign"),
    page("GET", "/campaigns/{id}/samples/{number}", Right(P::CampaignsRead), "campaign"),
    page("GET", "/campaigns/{id}/edit", Right(P::CampaignsWrite), "campaign"),
    page("POST", "/campaigns/{id}/approve", Right(P::CampaignsApprove), "campaign"),
    page("POST", "/campaigns/{id}/reject", Right(P::CampaignsApprove), "campaign"),
    page("POST", "/campaigns/{id}/send", Right(P::CampaignsSend), "campaign"),
    page("POST", "/campaigns/{id}/pause", Right(P::CampaignsSend), "campaign"),
    page("POST", "/campaigns/{id}/resume", Right(P::CampaignsSend), "campaign"),
    // Nobody approves what they submitted, so that this comes after the approving.
    page("POST", "/campaigns/{id}/submit", Right(P::CampaignsWrite), "campaign"),
    page("POST", "/campaigns/{id}/cancel", Right(P::CampaignsSend), "campaign"),
    page("POST", "/campaigns/{id}/delete", Right(P::CampaignsWrite), "spare_campaign"),
    page("POST", "/campaigns/{id}/recipients/{row}/resend", Right(P::CampaignsSend), "campaign"),
    page("POST", "/campaigns/{id}/recipients/{row}/mark-sent", Right(P::CampaignsSend), "campaign"),
    page("GET", "/practice", Right(P::CampaignsRead), ""),
    page("GET", "/practice/{id}", Right(P::CampaignsRead), "message"),
    page("GET", "/practice/{id}/html", Right(P::CampaignsRead), "message"),
    page("GET", "/settings", Nothing, ""),
    page("GET", "/settings/providers", Right(P::ProvidersRead), ""),
    page("POST", "/settings/providers", Right(P::ProvidersWrite), ""),
    page("GET", "/settings/providers/new", Right(P::ProvidersWrite), ""),
    page("GET", "/settings/providers/{id}", Right(P::ProvidersWrite), "smtp"),
    page("POST", "/settings/providers/{id}", Right(P::ProvidersWrite), "smtp"),
    page("POST", "/settings/providers/{id}/test", Right(P::ProvidersWrite), "provider"),
    page("POST", "/settings/providers/{id}/default", Right(P::ProvidersWrite), "provider"),
    page("POST", "/settings/providers/{id}/delete", Right(P::ProvidersWrite), "spare_provider"),
    page("GET", "/settings/workspace", Right(P::WorkspaceRead), ""),
    page("POST", "/settings/workspace", Right(P::WorkspaceWrite), ""),
    page("POST", "/settings/workspace/delete", Right(P::WorkspaceDelete), ""),
    page("GET", "/settings/team", Right(P::WorkspaceRead), ""),
    page("GET", "/settings/team/invitations", Right(P::WorkspaceRead), ""),
    page("POST", "/settings/team/invitations", Right(P::MembersWrite), ""),
    page(
        "POST",
        "/settings/team/invitations/{id}/revoke",
        Right(P::MembersWrite),
        "spare_invitation",
    ),
    page("POST", "/settings/team/members/{id}/role", Right(P::MembersWrite), "member"),
    page("POST", "/settings/team/members/{id}/remove", Right(P::MembersWrite), "member"),
    page("POST", "/settings/team/leave", Right(P::WorkspaceRead), ""),
    page("GET", "/settings/audit", Right(P::AuditRead), ""),
    page("GET", "/settings/fields", Right(P::FieldsRead), ""),
    page("POST", "/settings/fields", Right(P::FieldsWrite), ""),
    page("GET", "/settings/fields/{id}", Right(P::FieldsWrite), "field"),
    page("POST", "/settings/fields/{id}", Right(P::FieldsWrite), "field"),
    page("POST", "/settings/fields/{id}/move", Right(P::FieldsWrite), "field"),
    page("POST", "/settings/fields/{id}/archive", Right(P::FieldsWrite), "field"),
    page("POST", "/settings/fields/{id}/restore", Right(P::FieldsWrite), "field"),
    page("POST", "/settings/fields/{id}/delete", Right(P::FieldsWrite), "spare_field"),
    page("GET", "/settings/people", Administrator, ""),
    page("POST", "/settings/people/{user_id}/sessions/end", Administrator, ""),
    page("POST", "/settings/people/{user_id}/sessions/{id}/end", Administrator, ""),
    page("GET", "/settings/workspaces", Session, ""),
    page("POST", "/settings/workspaces", Session, ""),
    page("POST", "/settings/workspaces/{id}/switch", Session, "workspace"),
    page("POST", "/settings/workspaces/{id}/leave", Session, "workspace"),
    page("GET", "/settings/appearance", Right(P::WorkspaceRead), ""),
    page("POST", "/settings/appearance", Right(P::WorkspaceRead), ""),
    page("GET", "/settings/profile", Session, ""),
    page("POST", "/settings/profile", Session, ""),
    page("GET", "/settings/keys", Session, ""),
    page("POST", "/settings/keys", Session, ""),
    page("GET", "/settings/keys/new", Session, ""),
    page("POST", "/settings/keys/{id}/revoke", Session, "spare_key"),
    page("GET", "/settings/security", Session, ""),
    page("POST", "/settings/security/password", Session, ""),
    page("GET", "/settings/security/second-factor", Session, ""),
    page("POST", "/settings/security/second-factor", Session, ""),
    page("POST", "/settings/security/second-factor/confirm", Session, ""),
    page("POST", "/settings/security/second-factor/disable", Session, ""),
    page("POST", "/settings/security/recovery-codes", Session, ""),
    page("GET", "/settings/sessions", Session, ""),
    page("POST", "/settings/sessions/{id}/end", Session, "spare_session"),
    page("POST", "/settings/sessions/end-others", Session, ""),
    page("POST", "/logout", Session, ""),
];

#[test]
fn every_page_has_a_row() {
    let rows: Vec<(String, String)> =
        PAGES.iter().map(|row| (row.method.to_owned(), row.path.to_owned())).collect();
    let table: BTreeSet<(String, String)> = rows.iter().cloned().collect();
    assert_eq!(table.len(), rows.len(), "a page has two rows");
    let declared = declared_in("pages");
    let missing: Vec<_> = declared.difference(&table).collect();
    assert!(missing.is_empty(), "say in this table what these pages ask: {missing:#?}");
    let gone: Vec<_> = table.difference(&declared).collect();
    assert!(gone.is_empty(), "there are no such pages any more: {gone:#?}");
}
