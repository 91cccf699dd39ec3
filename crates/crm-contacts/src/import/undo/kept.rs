//! The contacts undoing left as they are.

use crm_core::paging::page_of;
use crm_core::{ImportId, Page, PageRequest, Scope};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{KeptContact, Result, SeaImports};
use crate::entity::import_rows::{Column, Entity, Model};

pub(in super::super) async fn kept(
    service: &SeaImports,
    scope: &Scope,
    id: ImportId,
    request: PageRequest,
) -> Result<Page<KeptContact>> {
    // A contact has one row with the reason, however many rows of the file were about it.
    let of = || {
        Entity::find()
            .filter(Column::ImportId.eq(id))
            .filter(Column::Undo.eq("kept"))
            .filter(Column::UndoReason.is_not_null())
    };
    let db = &service.ctx.db;
    let total = db.count_capped(scope, of()).await?;
    let mut select = of().limit(request.limit() + 1);
    let backwards = request.cursor.as_ref().is_some_and(|cursor| cursor.backwards);
    // A cursor that is none of this list's begins at the first row.
    if let Some(no) = request.cursor.as_ref().and_then(|cursor| cursor.id.parse::<i64>().ok()) {
        select = select.filter(if backwards { Column::RowNo.lt(no) } else { Column::RowNo.gt(no) });
    }
    select = if backwards {
        select.order_by_desc(Column::RowNo)
    } else {
        select.order_by_asc(Column::RowNo)
    };
    let found = db.all(scope, select).await?;
    let items = found.into_iter().filter_map(contact).collect();
    Ok(page_of(items, &request, total, |item| (String::new(), item.row_no.to_string())))
}

fn contact(row: Model) -> Option<KeptContact> {
    Some(KeptContact {
        contact_id: row.contact_id?,
        row_no: u64::try_from(row.row_no).unwrap_or(0),
        reason: row.undo_reason.unwrap_or_default(),
    })
}
