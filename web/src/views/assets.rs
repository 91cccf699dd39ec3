//! Style sheets, scripts, icons and fonts: embedded in the binary, served under names that change with their content.

use actix_web::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};

/// One embedded file.
#[derive(Debug, Clone, Copy)]
pub struct Asset {
    /// Name in templates: `app.css`.
    pub name: &'static str,
    /// Name in URLs, with the beginning of its hash: `app.1a2b3c4d.css`.
    pub file: &'static str,
    /// Media type.
    pub content_type: &'static str,
    /// The content.
    pub data: &'static [u8],
    /// The content compressed with gzip, where that is smaller.
    pub gzip: Option<&'static [u8]>,
}

/// Everything `web/ui` built, by name.
static ASSETS: [Asset; 11] = include!("../../assets/dist/embed.rs");

/// Licences of what is embedded, as text.
pub const LICENSES: &str = include_str!("../../assets/dist/LICENSES.txt");

/// The asset a template means by `name`.
pub fn by_name(name: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.name == name)
}

/// The asset behind a file name in a URL.
pub fn by_file(file: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.file == file)
}

/// `GET /assets/{file}`: cacheable for ever, because a changed file has another name.
pub async fn serve(request: HttpRequest, file: Path<String>) -> HttpResponse {
    match by_file(&file) {
        Some(asset) => respond(&request, asset, "public, max-age=31536000, immutable"),
        None => HttpResponse::NotFound().finish(),
    }
}

/// `GET /favicon.ico`, which browsers ask for on their own. The answer is the SVG logo.
pub async fn favicon(request: HttpRequest) -> HttpResponse {
    match by_name("logo.svg") {
        Some(asset) => respond(&request, asset, "public, max-age=86400"),
        None => HttpResponse::NotFound().finish(),
    }
}

fn respond(request: &HttpRequest, asset: &Asset, cache: &'static str) -> HttpResponse {
    let tag = format!("\"{}\"", asset.file);
    let known = request
        .headers()
        .get(IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.split(',').any(|part| part.trim() == tag));
    if known {
        return HttpResponse::NotModified()
            .insert_header((ETAG, tag))
            .insert_header((CACHE_CONTROL, cache))
            .finish();
    }
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((CONTENT_TYPE, asset.content_type))
        .insert_header((CACHE_CONTROL, cache))
        .insert_header((ETAG, tag));
    if asset.gzip.is_some() {
        answer.insert_header((VARY, "Accept-Encoding"));
    }
    match asset.gzip {
        Some(zipped) if takes_gzip(request) => {
            answer.insert_header((CONTENT_ENCODING, "gzip")).body(zipped)
        }
        // Said outright, so that no middleware compresses again.
        _ => answer.insert_header((CONTENT_ENCODING, "identity")).body(asset.data),
    }
}

/// Whether the client takes gzip. `gzip;q=0` is a refusal.
fn takes_gzip(request: &HttpRequest) -> bool {
    request.headers().get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).is_some_and(
        |value| {
            value.split(',').any(|part| {
                let (coding, parameters) = part.split_once(';').unwrap_or((part, ""));
                let refused = parameters
                    .trim()
                    .strip_prefix("q=")
                    .is_some_and(|q| q.trim().parse::<f32>().is_ok_and(|weight| weight <= 0.0));
                matches!(coding.trim(), "gzip" | "*") && !refused
            })
        },
    )
}

#[cfg(test)]
mod tests {
    use actix_web::http::StatusCode;
    use actix_web::test::{TestRequest, call_service, init_service, read_body};
    use actix_web::{App, web};

    use super::{ASSETS, by_name, favicon, serve};

    #[test]
    fn every_file_carries_the_hash_of_its_content() {
        use sha2::{Digest, Sha256};
        for asset in &ASSETS {
            let digest = Sha256::digest(asset.data);
            let start = digest.iter().take(4).fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte));
            let hex = format!(".{start:08x}.");
            assert!(asset.file.contains(&hex), "{} is not {hex}", asset.file);
        }
    }

    #[actix_web::test]
    async fn a_file_is_served_compressed_plain_or_not_at_all() {
        let app = init_service(
            App::new()
                .route("/assets/{file}", web::get().to(serve))
                .route("/favicon.ico", web::get().to(favicon)),
        )
        .await;
        let Some(css) = by_name("app.css") else { panic!("there is no style sheet") };
        let path = format!("/assets/{}", css.file);

        let zipped = TestRequest::get().uri(&path).insert_header(("accept-encoding", "gzip, br"));
        let answer = call_service(&app, zipped.to_request()).await;
        assert_eq!(
            answer.headers().get("content-encoding").and_then(|v| v.to_str().ok()),
            Some("gzip")
        );
        let tag = answer.headers().get("etag").cloned();
        assert_eq!(Some(read_body(answer).await.as_ref()), css.gzip);

        let plain = TestRequest::get().uri(&path).insert_header(("accept-encoding", "gzip;q=0"));
        let answer = call_service(&app, plain.to_request()).await;
        let cache = answer.headers().get("cache-control").and_then(|v| v.to_str().ok());
        assert_eq!(cache, Some("public, max-age=31536000, immutable"));
        assert_eq!(read_body(answer).await.as_ref(), css.data);

        let Some(tag) = tag else { panic!("there is no ETag") };
        let again = TestRequest::get().uri(&path).insert_header(("if-none-match", tag));
        assert_eq!(call_service(&app, again.to_request()).await.status(), StatusCode::NOT_MODIFIED);

        let missing = TestRequest::get().uri("/assets/app.00000000.css").to_request();
        assert_eq!(call_service(&app, missing).await.status(), StatusCode::NOT_FOUND);

        let icon = call_service(&app, TestRequest::get().uri("/favicon.ico").to_request()).await;
        assert_eq!(icon.status(), StatusCode::OK);
    }
}
