//! `/contacts`

use actix_web::web::ServiceConfig;

/// `/contacts…`
pub fn routes(_: &mut ServiceConfig) {}
