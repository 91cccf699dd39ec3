//! Messages to single contacts, and what comes in.

use crm_campaigns::{InboundError, MessagesError};

use crate::error::AppError;

impl From<MessagesError> for AppError {
    fn from(err: MessagesError) -> Self {
        let text = err.to_string();
        match err {
            MessagesError::NoAddress(_) => Self::invalid("channel", text),
            MessagesError::Suppressed(_) => Self::conflict("suppressed", text).about("to"),
            MessagesError::Unsubscribed(_) => {
                Self::conflict("unsubscribed", text).about("despite_unsubscribed")
            }
            MessagesError::QuietHours(_) => {
                Self::conflict("quiet_hours", text).about("despite_quiet_hours")
            }
            MessagesError::InvalidSubject => Self::invalid("subject", text),
            MessagesError::InvalidBody(_) | MessagesError::Missing(_) => {
                Self::invalid("body", text)
            }
            MessagesError::Content(err) => err.into(),
            MessagesError::InvalidTemplate => Self::invalid("template_id", text),
            MessagesError::NoProvider(_) | MessagesError::InvalidState(_) => {
                Self::conflict("invalid_state", text)
            }
            MessagesError::Store(err) => err.into(),
        }
    }
}

impl From<InboundError> for AppError {
    fn from(err: InboundError) -> Self {
        match err {
            InboundError::Store(err) => err.into(),
        }
    }
}
