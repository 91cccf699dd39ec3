//! `/lists`

use actix_web::web::ServiceConfig;

/// `/lists`
pub fn routes(_: &mut ServiceConfig) {}
