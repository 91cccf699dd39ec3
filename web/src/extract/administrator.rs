//! Whoever runs the installation.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use crm_core::Actor;

use crate::error::AppError;
use crate::middleware::authenticate::{Identity, origin_of};

/// An administrator of the installation, signed in with a session.
pub struct Administrator {
    /// The person.
    pub identity: Identity,
    /// The person as an actor, with the client's address.
    pub actor: Actor,
}

impl FromRequest for Administrator {
    type Error = AppError;
    type Future = Ready<Result<Self, AppError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(administrator(req))
    }
}

fn administrator(req: &HttpRequest) -> Result<Administrator, AppError> {
    let extensions = req.extensions();
    let identity = extensions.get::<Identity>().ok_or_else(AppError::unauthenticated)?;
    // A key never does more than work in a workspace, whatever cookie comes with it.
    if identity.key.is_some() {
        return Err(AppError::session_required());
    }
    if !identity.user.is_admin {
        return Err(AppError::lacking("administrator")
            .saying("only an administrator of this server may do this"));
    }
    let actor = Actor::user(identity.user.id, origin_of(req).ip_address);
    Ok(Administrator { identity: identity.clone(), actor })
}
