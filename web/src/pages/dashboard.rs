//! `/dashboard`

use actix_web::web::ServiceConfig;

/// `/dashboard`
pub fn routes(_: &mut ServiceConfig) {}
