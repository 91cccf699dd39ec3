//! `/practice`

use actix_web::web::ServiceConfig;

/// `/practice`
pub fn routes(_: &mut ServiceConfig) {}
