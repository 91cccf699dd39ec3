//! Answers that are files too long to be held in memory.

use std::future::{Future, ready};

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::Bytes;
use futures::{StreamExt as _, stream};

use crate::error::AppError;

/// A part of a file, and from where it goes on; `None` at its end.
pub(super) type Stretch<N> = (Vec<u8>, Option<N>);

/// A file of this type and name, a stretch at a time. The first one was read before anything is answered, so that what
/// cannot be read is an error and no file; `go_on` reads the others.
pub(super) fn answer<N, F>(
    content_type: &str,
    name: &str,
    (first, next): Stretch<N>,
    go_on: impl Fn(N) -> F + 'static,
) -> HttpResponse
where
    N: 'static,
    F: Future<Output = Result<Stretch<N>, AppError>> + 'static,
{
    let rest = stream::try_unfold((next, go_on), |(next, go_on)| async move {
        let Some(from) = next else { return Ok(None) };
        let (bytes, next) = go_on(from).await?;
        Ok::<_, AppError>(Some((Bytes::from(bytes), (next, go_on))))
    });
    let first = stream::once(ready(Ok(Bytes::from(first))));
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, format!("{content_type}; charset=utf-8")))
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .streaming(first.chain(rest))
}
