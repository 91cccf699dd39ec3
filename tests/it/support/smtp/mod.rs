//! Real SMTP servers: Postfix's smtp-sink here, in [`tls`] those with TLS and a sign-in, in [`faults`] one that misbehaves
//! by address.

pub mod faults;
pub mod tls;

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use mail_parser::{Message, MessageParser};
use tempfile::TempDir;

use crate::tether::{self, Tethered};
use crate::{ports, wait};

/// How long a server may take to accept connections; Node on a busy machine is the slow one.
const START_LIMIT: Duration = Duration::from_secs(30);

/// Postfix's smtp-sink, keeping every message it accepted as a file. The file is complete before
/// the server says 250, so it tells who got what even when the sender is killed a moment later.
pub struct SmtpSink {
    port: u16,
    dir: TempDir,
    server: Option<Tethered>,
    options: Vec<String>,
}

/// One accepted message.
#[derive(Debug, Clone)]
pub struct Received {
    /// The envelope sender, without brackets.
    pub mail_from: String,
    /// The envelope recipients, without brackets.
    pub rcpt_to: Vec<String>,
    /// The message from its first own header on.
    pub raw: String,
}

impl SmtpSink {
    /// A server that accepts everything at once.
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// A server with options of smtp-sink(1): `-f RCPT` refuses for good, `-r RCPT` for now,
    /// `-b`/`-B` set that reply, `-q DATA` hangs up, `-w 5` waits before the reply to DATA,
    /// `-W .:60` before the reply to the message's end.
    pub fn with(options: &[&str]) -> Self {
        let mut sink = Self {
            port: ports::free(),
            dir: tempfile::tempdir().expect("a temporary folder"),
            server: None,
            options: options.iter().map(|&option| option.to_owned()).collect(),
        };
        sink.run();
        sink
    }

    /// Where it listens on loopback.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Stops it; what it received stays. Connections are refused until [`resume`](Self::resume).
    pub fn stop(&mut self) {
        self.server = None;
    }

    /// Lets it hang: connections stay open, and nothing answers any more until [`stop`](Self::stop).
    pub fn freeze(&self) {
        if let Some(server) = &self.server {
            server.freeze();
        }
    }

    /// Starts it again on the same port with other options.
    pub fn resume(&mut self, options: &[&str]) {
        self.stop();
        self.options = options.iter().map(|&option| option.to_owned()).collect();
        self.run();
    }

    fn run(&mut self) {
        let mail = self.dir.path().join("mail");
        std::fs::create_dir_all(&mail).expect("a folder for the messages");
        let mut args = Vec::new();
        if is_root() {
            // It refuses to run as root without being told a user.
            args.extend(["-u".to_owned(), "root".to_owned()]);
        }
        args.extend(["-d".to_owned(), format!("{}/m.", mail.display())]);
        args.extend(self.options.iter().cloned());
        args.extend([format!("127.0.0.1:{}", self.port), "128".to_owned()]);
        let log = self.dir.path().join("log");
        self.server = Some(Tethered::start(sink_binary(), args, &log));
        // Asking by connecting would count as a connection; the kernel knows who listens.
        wait::until_blocking("smtp-sink to listen", START_LIMIT, || {
            let said = tether::log(&log);
            assert!(!said.contains("fatal"), "smtp-sink: {said}");
            listens(self.port).then_some(())
        });
    }

    /// Every message accepted so far, in no particular order.
    ///
    /// # Panics
    /// When a file is no dump of smtp-sink.
    pub fn received(&self) -> Vec<Received> {
        let mail = self.dir.path().join("mail");
        std::fs::read_dir(mail)
            .expect("the folder of the messages")
            .filter_map(|entry| {
                // A file can go away between the listing and the reading: the client hung up.
                let bytes = std::fs::read(entry.expect("a readable folder").path()).ok()?;
                // One that is still empty is a message on its way.
                (!bytes.is_empty()).then(|| Received::parse(&String::from_utf8_lossy(&bytes)))
            })
            .collect()
    }

    /// Every recipient of every message accepted so far, sorted, doubled where doubled.
    pub fn recipients(&self) -> Vec<String> {
        let mut all: Vec<String> =
            self.received().into_iter().flat_map(|message| message.rcpt_to).collect();
        all.sort();
        all
    }
}

impl Received {
    /// Reads one dump: the envelope as `X-` headers, the server's `Received`, then the message.
    ///
    /// # Panics
    /// When it is none.
    pub fn parse(dump: &str) -> Self {
        let (mut mail_from, mut rcpt_to) = (None, Vec::new());
        let mut rest = dump;
        while let Some((line, after)) = rest.split_once('\n') {
            let Some((name, value)) = line.split_once(": ") else { break };
            match name {
                "X-Mail-Args" => mail_from = Some(address(value)),
                "X-Rcpt-Args" => rcpt_to.push(address(value)),
                name if name.starts_with("X-") => {}
                _ => break,
            }
            rest = after;
        }
        // The server's own `Received` header with its folded lines is not part of what was sent.
        if rest.starts_with("Received: ") {
            let mut length = 0;
            for (index, line) in rest.split_inclusive('\n').enumerate() {
                if index > 0 && !line.starts_with(['\t', ' ']) {
                    break;
                }
                length += line.len();
            }
            rest = &rest[length..];
        }
        Self {
            mail_from: mail_from.unwrap_or_else(|| panic!("no envelope in:\n{dump}")),
            rcpt_to,
            raw: rest.to_owned(),
        }
    }

    /// The message, read by a parser that is not ours.
    ///
    /// # Panics
    /// When it is no message.
    pub fn message(&self) -> Message<'_> {
        MessageParser::default().parse(&self.raw).expect("a message")
    }

    /// The Message-ID, without brackets.
    ///
    /// # Panics
    /// When there is none.
    pub fn message_id(&self) -> String {
        self.message().message_id().expect("a Message-ID").to_owned()
    }

    /// The raw value of a header, unfolded, empty where it is missing.
    pub fn header(&self, name: &str) -> String {
        let message = self.message();
        let raw = message.header_raw(name).unwrap_or_default();
        raw.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// `<a@b.example> SIZE=12` → `a@b.example`
fn address(argument: &str) -> String {
    let inner = argument.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inner.map_or(argument, |(inner, _)| inner).to_owned()
}

/// Whether something listens on a port of loopback, as the kernel tells it.
fn listens(port: u16) -> bool {
    // Columns: slot, local address in hexadecimal, remote address, state; 0A is LISTEN.
    let wanted = format!("0100007F:{port:04X}");
    std::fs::read_to_string("/proc/net/tcp").is_ok_and(|table| {
        table.lines().any(|line| {
            let mut columns = line.split_whitespace().skip(1);
            columns.next() == Some(wanted.as_str()) && columns.nth(1) == Some("0A")
        })
    })
}

fn sink_binary() -> &'static str {
    ["/usr/sbin/smtp-sink", "/usr/libexec/postfix/smtp-sink", "/usr/lib/postfix/sbin/smtp-sink"]
        .into_iter()
        .find(|path| Path::new(path).exists())
        .expect("smtp-sink is not installed (Debian: postfix; cargo xtask setup installs it)")
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().expect("id starts");
    id.stdout == b"0\n"
}
