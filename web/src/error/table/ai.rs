//! Errors of language models.

use actix_web::http::StatusCode;
use crm_ai::summaries::SummaryError;
use crm_ai::{DraftsError, InsightsError, ModelError};

use super::stale;
use crate::error::AppError;

impl From<DraftsError> for AppError {
    fn from(err: DraftsError) -> Self {
        let text = err.to_string();
        match err {
            DraftsError::Off | DraftsError::NoKey => Self::conflict("ai_off", text),
            DraftsError::CapReached { .. } => Self::conflict("ai_cap_reached", text),
            DraftsError::InvalidGoal => Self::invalid("prompt", text),
            DraftsError::InvalidWord(field) => Self::invalid(field, text),
            DraftsError::UnknownFact(_) => Self::invalid("facts", text),
            DraftsError::UnknownContact => Self::not_found(),
            DraftsError::InvalidSetting { field, problem } => Self::invalid(field, problem),
            DraftsError::OutboundBlocked(_) => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "outbound_blocked", text)
                    .about("base_url")
            }
            DraftsError::Stale => stale(text),
            DraftsError::Model(err) => err.into(),
            DraftsError::Unsealable(_) => Self::internal(text),
            DraftsError::Store(err) => err.into(),
        }
    }
}

impl From<InsightsError> for AppError {
    fn from(err: InsightsError) -> Self {
        match err {
            InsightsError::Unknown => Self::not_found(),
            InsightsError::InvalidCursor => Self::invalid("cursor", err.to_string()),
            InsightsError::Drafts(err) => err.into(),
            InsightsError::Store(err) => err.into(),
        }
    }
}

impl From<SummaryError> for AppError {
    fn from(err: SummaryError) -> Self {
        let SummaryError::Store(err) = err;
        err.into()
    }
}

impl From<ModelError> for AppError {
    fn from(err: ModelError) -> Self {
        let error = Self::new(StatusCode::SERVICE_UNAVAILABLE, "ai_unavailable", err.to_string());
        match err {
            ModelError::Busy(Some(seconds)) => error.after(seconds),
            _ => error,
        }
    }
}
