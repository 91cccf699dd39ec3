//! Whose certificates are believed.

use std::sync::{Arc, OnceLock};

use rustls_platform_verifier::BuilderVerifierExt;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::{ClientConfig, crypto::ring};

/// The authorities that may vouch for a server.
#[derive(Clone)]
pub struct Trust(Arc<OnceLock<Result<TlsConnector, String>>>);

impl Trust {
    /// Those the operating system believes (on Linux also `SSL_CERT_FILE` and `SSL_CERT_DIR`). They are read when the
    /// first TLS connection is made.
    pub fn system() -> Self {
        Self(Arc::new(OnceLock::new()))
    }

    /// Those this connector believes.
    pub fn of(connector: TlsConnector) -> Self {
        Self(Arc::new(OnceLock::from(Ok(connector))))
    }

    pub(super) fn connector(&self) -> Result<TlsConnector, String> {
        self.0.get_or_init(system).clone()
    }
}

fn system() -> Result<TlsConnector, String> {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(BuilderVerifierExt::with_platform_verifier)
        .map_err(|error| {
            format!("this machine's certificate authorities cannot be read: {error}")
        })?;
    Ok(TlsConnector::from(Arc::new(config.with_no_client_auth())))
}
