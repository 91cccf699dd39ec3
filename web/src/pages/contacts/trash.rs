//! `/contacts/trash`: deleted contacts, for thirty days.

use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use crm_core::{ContactId, Permission};

use crate::error::AppError;
use crate::extract::{Allow, PageQuery, rights};
use crate::pages::frame;
use crate::state::App;
use crate::views::common::Pager;
use crate::views::trash::{DeletedRow, TrashPage};
use crate::views::{Flash, Section};

pub(super) async fn show(
    allow: Allow<rights::ContactsRead>,
    app: Data<App>,
    req: HttpRequest,
    page: Query<PageQuery>,
) -> Result<HttpResponse, AppError> {
    let scope = allow.scope();
    let found = app.services.trash.list(scope, page.into_inner().request()?).await?;
    let members = app.services.accounts.members(scope).await?;
    let at = |cursor: &crm_core::Cursor| format!("/contacts/trash?cursor={}", cursor.encode());
    let view = TrashPage {
        shell: frame::shell(&app, &req, &allow, Section::Contacts, "Trash").await?,
        may_write: scope.allows(Permission::ContactsWrite),
        pager: Pager {
            shown: u64::try_from(found.items.len()).unwrap_or_default(),
            total: found.total,
            total_exact: found.total_exact,
            first_url: found.previous.as_ref().map(|_| "/contacts/trash".to_owned()),
            prev_url: found.previous.as_ref().map(at),
            next_url: found.next.as_ref().map(at),
        },
        rows: found
            .items
            .into_iter()
            .map(|row| DeletedRow {
                id: row.id.to_string(),
                by: members
                    .iter()
                    .find(|member| Some(member.user_id) == row.deleted_by)
                    .map(|member| member.name.clone()),
                name: row.name,
                deleted_at: row.deleted_at.to_string(),
                days_left: row.gone_at.since(app.services.ctx.now()).as_secs().div_ceil(86_400),
            })
            .collect(),
    };
    frame::ok(&app, &req, &view)
}

/// `POST /contacts/trash/{id}/restore`
pub(super) async fn restore(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    id: Path<ContactId>,
) -> Result<HttpResponse, AppError> {
    match app.services.trash.restore(allow.scope(), *id).await.map_err(AppError::from) {
        Ok(contact) => {
            let said = Flash::ok(format!("{} is back.", contact.display_name()));
            Ok(frame::lead_to(&app, &format!("/contacts/{}", contact.id), Some(said)))
        }
        Err(error) if error.is_correctable() => {
            let said = Flash::bad(frame::sentence(&error.message));
            Ok(frame::lead_to(&app, "/contacts/trash", Some(said)))
        }
        Err(error) => Err(error),
    }
}

/// `POST /contacts/trash/{id}/purge`
pub(super) async fn purge(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    id: Path<ContactId>,
) -> Result<HttpResponse, AppError> {
    if !app.services.trash.purge(allow.scope(), *id).await? {
        return Err(AppError::not_found());
    }
    Ok(frame::lead_to(&app, "/contacts/trash", Some(Flash::ok("Removed for good."))))
}
