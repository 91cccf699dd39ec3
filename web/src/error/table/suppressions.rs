//! Addresses that must not be written to.

use crm_campaigns::SuppressionsError;

use crate::error::AppError;

impl From<SuppressionsError> for AppError {
    fn from(err: SuppressionsError) -> Self {
        let text = err.to_string();
        match err {
            SuppressionsError::InvalidAddress(_) => Self::invalid("address", text),
            SuppressionsError::Known => Self::conflict("conflict", text).about("address"),
            SuppressionsError::BecauseRequired | SuppressionsError::BecauseTooLong => {
                Self::invalid("because", text)
            }
            SuppressionsError::NothingToImport => Self::invalid("file", text),
            SuppressionsError::TooLong => {
                Self::new(actix_web::http::StatusCode::PAYLOAD_TOO_LARGE, "too_large", text)
                    .about("file")
            }
            SuppressionsError::InvalidCursor => Self::invalid("cursor", text),
            SuppressionsError::Store(err) => err.into(),
        }
    }
}
