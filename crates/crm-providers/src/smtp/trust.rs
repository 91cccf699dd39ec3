//! Whose certificates are believed.

use std::sync::{Arc, OnceLock};

use rustls_platform_verifier::BuilderVerifierExt;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, ProtocolVersion, crypto::ring};

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

    /// Greets `host` over `stream` by TLS and tells which version of it that is.
    pub(crate) async fn shake(
        &self,
        host: &str,
        stream: TcpStream,
    ) -> Result<&'static str, String> {
        let name = ServerName::try_from(host.to_owned()).map_err(|error| error.to_string())?;
        let shaking = self.connector()?.connect(name, stream);
        let stream = shaking.await.map_err(|error| error.to_string())?;
        Ok(version(stream.get_ref().1.protocol_version()))
    }

    pub(crate) fn connector(&self) -> Result<TlsConnector, String> {
        self.0.get_or_init(system).clone()
    }
}

fn system() -> Result<TlsConnector, String> {
    Ok(TlsConnector::from(Arc::new(system_tls()?)))
}

/// The version of TLS, in words.
pub(crate) const fn version(version: Option<ProtocolVersion>) -> &'static str {
    match version {
        Some(ProtocolVersion::TLSv1_2) => "TLS 1.2",
        Some(ProtocolVersion::TLSv1_3) => "TLS 1.3",
        _ => "TLS",
    }
}

/// TLS that believes the authorities of the operating system.
pub(crate) fn system_tls() -> Result<ClientConfig, String> {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(BuilderVerifierExt::with_platform_verifier)
        .map_err(|error| {
            format!("this machine's certificate authorities cannot be read: {error}")
        })?;
    Ok(config.with_no_client_auth())
}
