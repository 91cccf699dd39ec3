//! Multipart bodies: a few small fields and one file, read whole. On pages the form's token is one of the fields, and
//! nothing is handed out before it has been checked.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use actix_multipart::Multipart;
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use crm_core::token;
use futures::StreamExt as _;

use crate::error::AppError;
use crate::middleware::authenticate::Identity;
use crate::middleware::body::too_slow;
use crate::middleware::forgery::TokenInBody;

/// Largest upload, in bytes.
const MAX_UPLOAD: usize = 64 * 1024 * 1024;
/// How long a file may take to arrive; lines may be slow.
const LIMIT: Duration = Duration::from_mins(15);
/// Largest field beside the file, in bytes.
const MAX_FIELD: usize = 256 * 1024;

/// One file.
#[derive(Debug)]
pub struct Part {
    /// The name the browser gave, for people.
    pub file_name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// A multipart body.
#[derive(Debug, Default)]
pub struct Upload {
    /// Fields by name.
    pub fields: BTreeMap<String, String>,
    /// Files by field name.
    pub files: BTreeMap<String, Part>,
}

impl Upload {
    /// A field's text; `None` where it is missing or empty.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str).filter(|text| !text.is_empty())
    }
}

impl FromRequest for Upload {
    type Error = AppError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, AppError>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let expected = req.extensions().get::<TokenInBody>().map(|_| {
            req.extensions().get::<Identity>().map(|identity| identity.csrf_token.clone())
        });
        let multipart = Multipart::from_request(req, payload);
        Box::pin(async move {
            let multipart = multipart.await.map_err(|err| unreadable(&err))?;
            let reading = tokio::time::timeout(LIMIT, read(multipart));
            let upload = reading.await.map_err(|_| too_slow())??;
            if let Some(expected) = expected {
                let sent = upload.fields.get("csrf_token").map_or("", String::as_str);
                if !expected.is_some_and(|expected| token::equal(sent, &expected)) {
                    return Err(AppError::csrf());
                }
            }
            Ok(upload)
        })
    }
}

fn unreadable(err: &dyn std::fmt::Display) -> AppError {
    AppError::malformed(format!("the upload could not be read: {err}"))
}

async fn read(mut multipart: Multipart) -> Result<Upload, AppError> {
    let mut upload = Upload::default();
    let mut room = MAX_UPLOAD;
    while let Some(field) = multipart.next().await {
        let mut field = field.map_err(|err| unreadable(&err))?;
        let disposition = field.content_disposition().cloned();
        let name = disposition.as_ref().and_then(|d| d.get_name()).unwrap_or_default().to_owned();
        let file_name = disposition.as_ref().and_then(|d| d.get_filename()).map(str::to_owned);
        let limit = if file_name.is_some() { room } else { MAX_FIELD };
        let mut bytes = Vec::new();
        while let Some(chunk) = field.next().await {
            let chunk = chunk.map_err(|err| unreadable(&err))?;
            if bytes.len() + chunk.len() > limit {
                return Err(AppError::new(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    "too_large",
                    "the file is larger than 64 MB",
                )
                .about(name));
            }
            bytes.extend_from_slice(&chunk);
        }
        room = room.saturating_sub(bytes.len());
        if let Some(file_name) = file_name {
            upload.files.insert(name, Part { file_name, bytes });
        } else {
            let text = String::from_utf8(bytes)
                .map_err(|_| AppError::invalid(name.clone(), "is not valid UTF-8 text"))?;
            upload.fields.insert(name, text);
        }
    }
    Ok(upload)
}
