//! `cargo xtask bench send`: a campaign to a mail server on this machine that takes everything, beside a bare `mail-send`
//! loop over as many connections to the same server in the same run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::json;

use super::figures::per_second;
use super::server::{Server, text};
use crate::command::{cargo, find, output, run as run_command};
use crate::dev::target_directory;

const SINK_PORT: u16 = 18_997;

/// How often a campaign is looked at; each look costs the server something.
const EVERY: Duration = Duration::from_millis(250);

/// Sends `recipients` messages over `connections` both ways and prints how they compare.
pub(super) fn run(binary: &Path, recipients: usize, connections: usize) -> Result<()> {
    ensure!(find("sqlite3").is_some(), "sqlite3 is not installed");
    let bare = bare()?;
    let _sink = Sink::start()?;
    let loop_before = bare_seconds(&bare, recipients, connections)?;
    let campaign = campaign(binary, recipients, connections, None)?;
    let loop_after = bare_seconds(&bare, recipients, connections)?;
    let floor = f64::midpoint(loop_before, loop_after);
    let (bare, ours) = (per_second(recipients, floor), per_second(campaign.sent, campaign.seconds));
    println!("{:<34} {bare:>10.0} messages/s", "a bare mail-send loop");
    println!(
        "{:<34} {ours:>10.0} messages/s of {}",
        "the engine, every outcome durable", campaign.sent
    );
    println!("{:<34} {:>10.0} %  (the bar: 50 %)", "that is", ours / bare * 100.0);
    println!("{:<34} {:>10.1} MiB, at most", "resident memory", campaign.peak);
    println!(
        "{:<34} {:>10.2} ms, {:.2} ms of it for each message",
        "processor time",
        campaign.cpu * 1000.0,
        campaign.cpu * 1000.0 / to_float(campaign.sent)
    );
    if find("strace").is_some() {
        let log = std::env::temp_dir().join(format!("pi-crm-strace-{}", std::process::id()));
        let counted = self::campaign(binary, recipients, connections, Some(&log))?;
        let syncs = syncs(&fs::read_to_string(&log).unwrap_or_default());
        let _ = fs::remove_file(&log);
        println!(
            "{:<34} {syncs:>10} for {} messages, {:.1} messages each (with strace)",
            "fsyncs of the whole run",
            counted.sent,
            to_float(counted.sent) / to_float(syncs.max(1))
        );
    }
    Ok(())
}

/// What a campaign took.
struct Campaign {
    sent: usize,
    /// From the first claim to the last outcome.
    seconds: f64,
    peak: f64,
    cpu: f64,
}

fn campaign(
    binary: &Path,
    recipients: usize,
    connections: usize,
    strace: Option<&Path>,
) -> Result<Campaign> {
    let server = Server::start_under(binary, recipients, strace)?;
    let id_of = |answer: &serde_json::Value| {
        text(answer, "/data/id").map(ToOwned::to_owned).context("no id")
    };
    let provider = json!({
        "kind": "email", "provider_type": "smtp", "is_default": false,
        "config": {
            "host": "127.0.0.1", "port": SINK_PORT, "security": "none", "connections": connections,
            "from_email": "hello@acme.example", "from_name": "Acme",
        },
    });
    let provider = id_of(&server.post("/api/providers", &provider.to_string())?)?;
    let template = json!({
        "name": "Bench", "channel": "email", "format": "html", "subject": "News for {{ contact.first_name }}",
        "body_html": "<p>Dear {{ contact.first_name }}, all is well.</p>",
    });
    let template = id_of(&server.post("/api/templates", &template.to_string())?)?;
    let campaign = json!({
        "name": "Bench", "type": "email", "template_id": template, "segment_json": {"all": []},
        "provider_id": provider,
    });
    let id = id_of(&server.post("/api/campaigns", &campaign.to_string())?)?;
    let step = |name: &str| format!("/api/campaigns/{id}/{name}");
    server.post(&step("submit"), "{}")?;
    // Whoever made it may not approve it where somebody else could.
    server.post_as_colleague(&step("approve"), "{}")?;
    let cpu = server.cpu()?;
    server.post(&step("send"), "{}")?;
    loop {
        std::thread::sleep(EVERY);
        let now = server.get(&format!("/api/campaigns/{id}"))?;
        match text(&now, "/data/status") {
            Some("sent") => break,
            Some("sending") => {}
            _ => bail!("the campaign came to a stop: {now}"),
        }
    }
    let cpu = server.cpu()? - cpu;
    let (_, peak) = server.memory()?;
    let said = server.sql(&format!(
        "SELECT count(*), (julianday(max(sent_at)) - julianday(min(claimed_at))) * 86400 FROM campaign_recipients \
         WHERE campaign_id = '{id}' AND state = 'sent'"
    ))?;
    let (sent, seconds) = said.trim().split_once('|').context("no count")?;
    Ok(Campaign { sent: sent.parse()?, seconds: seconds.parse()?, peak, cpu })
}

/// The bare loop, built for release.
fn bare() -> Result<PathBuf> {
    // Both packages, so that what they are built on is built once.
    let chosen = ["--package", "pi-crm", "--package", "crm-providers", "--example", "bare_send"];
    run_command(cargo().args(["build", "--release", "--locked"]).args(chosen))?;
    Ok(target_directory()?.join("release/examples/bare_send"))
}

fn bare_seconds(bare: &Path, messages: usize, connections: usize) -> Result<f64> {
    let numbers = [usize::from(SINK_PORT), connections, messages].map(|number| number.to_string());
    Ok(output(Command::new(bare).args(numbers))?.trim().parse()?)
}

/// Postfix's smtp-sink, which takes everything and keeps nothing.
struct Sink(Child);

impl Sink {
    fn start() -> Result<Self> {
        let program = [
            "/usr/sbin/smtp-sink",
            "/usr/libexec/postfix/smtp-sink",
            "/usr/lib/postfix/sbin/smtp-sink",
        ]
        .into_iter()
        .find(|path| Path::new(path).exists())
        .context("smtp-sink is not installed (cargo xtask setup installs it)")?;
        let mut sink = Command::new(program);
        if output(Command::new("id").arg("-u"))?.trim() == "0" {
            sink.args(["-u", "root"]);
        }
        sink.args([&format!("127.0.0.1:{SINK_PORT}"), "128"]);
        let sink = Self(sink.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?);
        let begin = std::time::Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", SINK_PORT)).is_err() {
            ensure!(begin.elapsed() < Duration::from_secs(10), "smtp-sink does not answer");
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(sink)
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The calls in a summary of strace.
fn syncs(summary: &str) -> usize {
    let line = summary.lines().filter(|line| line.ends_with("sync"));
    line.filter_map(|line| line.split_whitespace().nth(3)?.parse::<usize>().ok()).sum()
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn to_float(count: usize) -> f64 {
    count as f64
}
