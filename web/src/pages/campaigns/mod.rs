//! `/campaigns`

use actix_web::web::ServiceConfig;

/// `/campaigns…`
pub fn routes(_: &mut ServiceConfig) {}
