//! Consents.

use crm_campaigns::ConsentsError;

use crate::error::AppError;

impl From<ConsentsError> for AppError {
    fn from(err: ConsentsError) -> Self {
        let text = err.to_string();
        match err {
            ConsentsError::InvalidSource => Self::invalid("source", text),
            ConsentsError::InvalidWording => Self::invalid("wording", text),
            ConsentsError::InvalidTime => Self::invalid("at", text),
            ConsentsError::Store(err) => err.into(),
        }
    }
}
