//! A relay of TCP connections that counts them and notes what clients say.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Passes connections on to a port of loopback.
pub struct Relay {
    port: u16,
    seen: Arc<AtomicUsize>,
    open: Arc<AtomicUsize>,
    said: Arc<Mutex<Vec<u8>>>,
}

impl Relay {
    /// Begins to relay to `target`.
    ///
    /// # Panics
    /// When no port is free.
    pub async fn to(target: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let port = listener.local_addr().expect("a bound port").port();
        let relay = Self { port, seen: Arc::default(), open: Arc::default(), said: Arc::default() };
        let (seen, open, said) =
            (Arc::clone(&relay.seen), Arc::clone(&relay.open), Arc::clone(&relay.said));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                seen.fetch_add(1, Ordering::SeqCst);
                open.fetch_add(1, Ordering::SeqCst);
                let (open, said) = (Arc::clone(&open), Arc::clone(&said));
                tokio::spawn(async move {
                    if let Ok(server) = TcpStream::connect(("127.0.0.1", target)).await {
                        pass(client, server, &said).await;
                    }
                    open.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        relay
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How many connections were made in all.
    pub fn seen(&self) -> usize {
        self.seen.load(Ordering::SeqCst)
    }

    /// How many are open now.
    pub fn open(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }

    /// How often a client said `word` on a line of its own.
    pub fn heard(&self, word: &str) -> usize {
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&said).lines().filter(|line| *line == word).count()
    }
}

/// Passes both directions on until both have ended, the client's with a copy into `said`.
async fn pass(client: TcpStream, server: TcpStream, said: &Mutex<Vec<u8>>) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let there = async {
        let mut buffer = [0; 8192];
        while let Ok(read @ 1..) = from_client.read(&mut buffer).await {
            let bytes = &buffer[..read];
            said.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
            if to_server.write_all(bytes).await.is_err() {
                break;
            }
        }
        let _ = to_server.shutdown().await;
    };
    let back = async {
        let _ = tokio::io::copy(&mut from_server, &mut to_client).await;
        let _ = to_client.shutdown().await;
    };
    tokio::join!(there, back);
}
