//! An open conversation with a server.

use mail_send::SmtpClient;
use smtp_proto::EhloResponse;
use tokio::io::{AsyncRead, AsyncWrite};

/// What a conversation runs over: TCP, or TLS on it.
pub(super) trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// A conversation that is ready for commands.
pub(super) struct Session {
    pub(super) client: SmtpClient<Box<dyn Wire>>,
    /// What the server said it can do.
    pub(super) offers: EhloResponse<String>,
    /// The version of TLS, where there is one.
    pub(super) tls: Option<&'static str>,
}
