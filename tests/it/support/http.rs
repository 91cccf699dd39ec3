//! What the stand-ins of HTTP services share: accepting connections, reading requests byte by byte and answering them, so
//! that a stand-in can fail at whichever byte it is to.

use std::future::Future;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A connection somebody made.
pub type Stream = BufReader<TcpStream>;

/// A server on loopback. It stops with this value.
pub struct Listening {
    base: String,
    accepting: JoinHandle<()>,
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Listening {
    /// Lets `serve` have each connection.
    pub async fn start<S, F>(serve: S) -> Self
    where
        S: Fn(Stream) -> F + Send + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port on loopback");
        let base = format!("http://{}", listener.local_addr().expect("its address"));
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(BufReader::new(stream)));
            }
        });
        Self { base, accepting }
    }

    /// `http://127.0.0.1:port`
    pub fn base(&self) -> &str {
        &self.base
    }
}

/// A request up to its body.
#[derive(Debug, Clone)]
pub struct Head {
    /// `POST /v3/… HTTP/1.1`
    pub line: String,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
}

impl Head {
    /// Reads one; `None` where the connection ends before.
    pub async fn read(stream: &mut Stream) -> Option<Self> {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok().filter(|read| *read > 0)?;
        let mut headers = Vec::new();
        loop {
            let mut header = String::new();
            stream.read_line(&mut header).await.ok().filter(|read| *read > 0)?;
            let Some((name, value)) = header.trim_end().split_once(':') else { break };
            headers.push((name.to_lowercase(), value.trim().to_owned()));
        }
        Some(Self { line: line.trim_end().to_owned(), headers })
    }

    /// A header by its name in lower case, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// How long the body is, in bytes.
    pub fn length(&self) -> usize {
        self.header("content-length").parse().unwrap_or(0)
    }
}

/// Reads so many bytes; `None` where the connection ends before.
pub async fn bytes(stream: &mut Stream, length: usize) -> Option<Vec<u8>> {
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some(body)
}

/// Answers with JSON; `extra` are more headers, each with its end of line.
pub async fn answer(stream: &mut Stream, status: &str, extra: &str, body: &str) -> Option<()> {
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n{extra}\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.ok()?;
    stream.flush().await.ok()
}

/// Ends the connection with a reset: what it still had to say is thrown away.
pub fn reset(stream: &mut Stream) -> Option<()> {
    stream.get_ref().set_zero_linger().ok()?;
    None
}
