//! What mailboxes refuse.

use actix_web::http::StatusCode;
use crm_campaigns::MailboxError;

use super::stale;
use crate::error::AppError;

impl From<MailboxError> for AppError {
    fn from(err: MailboxError) -> Self {
        let text = err.to_string();
        match err {
            MailboxError::Invalid { field, .. } => Self::invalid(field, text),
            MailboxError::OutboundBlocked(_) => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "outbound_blocked", text).about("host")
            }
            MailboxError::Stale => stale(text),
            MailboxError::NotSetUp | MailboxError::Busy => Self::conflict("invalid_state", text),
            MailboxError::Store(err) => err.into(),
        }
    }
}
