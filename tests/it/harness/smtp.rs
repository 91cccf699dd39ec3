//! What the tests read from smtp-sink is what was sent to it.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::Command;

use support::smtp::SmtpSink;
use support::smtp::tls::{Certificates, Maildev, Security, StartTls};

/// A conversation by hand, so that the harness is not tested with the sender it is to test.
struct Talk(BufReader<TcpStream>);

impl Talk {
    fn with(sink: &SmtpSink) -> Self {
        Self::on(sink.port())
    }

    fn on(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_nodelay(true).unwrap();
        let mut talk = Self(BufReader::new(stream));
        assert_eq!(talk.reply(), "220");
        talk
    }

    /// Sends a line and returns the code of the reply, empty where the server hung up.
    fn say(&mut self, line: &str) -> String {
        write!(self.0.get_mut(), "{line}\r\n").unwrap();
        self.reply()
    }

    fn reply(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        line.chars().take(3).collect()
    }

    fn envelope(&mut self, to: &str) {
        assert_eq!(self.say("HELO test"), "250");
        assert_eq!(self.say("MAIL FROM:<us@example.com>"), "250");
        assert_eq!(self.say(&format!("RCPT TO:<{to}>")), "250");
        assert_eq!(self.say("DATA"), "354");
    }
}

const MESSAGE: &str = "Message-ID: <1@example.com>\r\nSubject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\n\
    List-Unsubscribe: <mailto:x@example.com>,\r\n <https://example.com/u/1>\r\n\r\nHello\r\n..dot\r\n.";

#[test]
fn a_message_is_on_disk_when_the_server_says_so() {
    let sink = SmtpSink::start();
    for number in 0..50 {
        let mut talk = Talk::with(&sink);
        talk.envelope(&format!("r{number}@example.com"));
        assert_eq!(talk.say(MESSAGE), "250");
        assert_eq!(sink.received().len(), number + 1);
    }

    let received = sink.received();
    let first = received.iter().find(|got| got.rcpt_to == ["r0@example.com"]).unwrap();
    assert_eq!(first.mail_from, "us@example.com");
    assert_eq!(first.message_id(), "1@example.com");
    assert_eq!(first.message().subject(), Some("Grüße"));
    assert_eq!(
        first.header("List-Unsubscribe"),
        "<mailto:x@example.com>, <https://example.com/u/1>"
    );
    assert!(first.raw.starts_with("Message-ID: "), "{}", first.raw);
    assert_eq!(sink.recipients().len(), 50);
}

#[test]
fn a_message_cut_off_before_its_end_does_not_count() {
    let sink = SmtpSink::start();
    let mut talk = Talk::with(&sink);
    talk.envelope("half@example.com");
    write!(talk.0.get_mut(), "Subject: half\r\n\r\nHel").unwrap();
    drop(talk);

    // The next conversation is served after the hang-up was seen: smtp-sink has one thread.
    let mut talk = Talk::with(&sink);
    talk.envelope("whole@example.com");
    assert_eq!(talk.say(MESSAGE), "250");
    assert_eq!(sink.recipients(), ["whole@example.com"]);
}

#[test]
fn faults_are_what_they_are_called() {
    let mut sink = SmtpSink::with(&["-B", "550 5.1.1 User unknown", "-f", "RCPT"]);
    let mut talk = Talk::with(&sink);
    assert_eq!(talk.say("HELO test"), "250");
    assert_eq!(talk.say("MAIL FROM:<us@example.com>"), "250");
    assert_eq!(talk.say("RCPT TO:<nobody@example.com>"), "550");

    sink.resume(&["-q", "DATA"]);
    let mut talk = Talk::with(&sink);
    assert_eq!(talk.say("HELO test"), "250");
    assert_eq!(talk.say("MAIL FROM:<us@example.com>"), "250");
    assert_eq!(talk.say("RCPT TO:<somebody@example.com>"), "250");
    assert_eq!(talk.say("DATA"), "", "the connection is closed without a word");

    sink.stop();
    assert!(TcpStream::connect(("127.0.0.1", sink.port())).is_err());
}

/// What openssl says about the connection: whether it trusts the certificate, and the protocol.
fn openssl(port: u16, certificates: &Certificates, starttls: &[&str]) -> String {
    let done = Command::new("openssl")
        .args(["s_client", "-brief", "-verify_return_error", "-verify_ip", "127.0.0.1", "-CAfile"])
        .arg(certificates.authority())
        .args(["-connect", &format!("127.0.0.1:{port}")])
        .args(starttls)
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    String::from_utf8_lossy(&done.stderr).into_owned()
}

#[tokio::test]
async fn maildev_takes_mail_in_the_clear() {
    let maildev = Maildev::start(Security::None, &Certificates::make()).await;
    let mut talk = Talk::on(maildev.port());
    talk.envelope("somebody@example.com");
    assert_eq!(talk.say(MESSAGE), "250");

    let messages = maildev.messages().await;
    assert_eq!(messages.len(), 1, "{messages:?}");
    let id = messages[0]["id"].as_str().unwrap();
    assert!(maildev.source(id).await.contains("Message-ID: <1@example.com>"));
}

#[tokio::test]
async fn maildev_shows_our_certificate_and_wants_a_sign_in() {
    let certificates = Certificates::make();
    let maildev = Maildev::start(Security::TlsWithAuth, &certificates).await;
    let said = openssl(maildev.port(), &certificates, &[]);
    assert!(said.contains("Verification: OK"), "{said}");
    assert!(openssl(maildev.port(), &Certificates::make(), &[]).contains("verify error"));
}

#[test]
fn smtp_server_takes_nothing_before_starttls() {
    let certificates = Certificates::make();
    let server = StartTls::start(&certificates);
    let mut talk = Talk::on(server.port());
    assert_eq!(talk.say("HELO test"), "250");
    assert_eq!(talk.say("MAIL FROM:<us@example.com>"), "530");

    let said = openssl(server.port(), &certificates, &["-starttls", "smtp"]);
    assert!(said.contains("Verification: OK"), "{said}");
    assert!(server.received().is_empty());
}
