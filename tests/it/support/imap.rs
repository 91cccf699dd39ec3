//! A real mailbox: Dovecot over a Maildir, and Postfix that delivers into it and gets refusals for everything sent to
//! `refused.example`. Both are private instances with files of their own, and nothing leaves the machine.

use std::fs::{self, File, Permissions};
use std::io::Read as _;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

use crate::smtp::SmtpSink;
use crate::smtp::tls::Certificates;
use crate::tether::{self, Tethered};
use crate::{ports, wait};

/// How long they may take to start on a busy machine.
const START_LIMIT: Duration = Duration::from_secs(30);
/// The user whose mailbox it is.
pub const USER: &str = "crm";
/// Their password.
pub const PASSWORD: &str = "s3cret-pass";
/// Mail to any address of this domain ends up in the mailbox.
pub const DOMAIN: &str = "acme.example";

/// Dovecot with one mailbox.
pub struct Dovecot {
    dir: TempDir,
    port: u16,
    tls_port: u16,
    delivered: AtomicU32,
    server: Option<Tethered>,
}

impl Dovecot {
    /// Starts it.
    ///
    /// # Panics
    /// When it is not installed.
    pub fn start(certificates: &Certificates) -> Self {
        Self::with(certificates, None)
    }

    /// The same, also for whoever has a token that the service at `userinfo` knows (`XOAUTH2`). Whoever it is, it is the
    /// same mailbox.
    ///
    /// # Panics
    /// When it is not installed.
    pub fn with_tokens(certificates: &Certificates, userinfo: &str) -> Self {
        Self::with(certificates, Some(userinfo))
    }

    fn with(certificates: &Certificates, userinfo: Option<&str>) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        // Its processes run under other users where it is started by root.
        fs::set_permissions(dir.path(), Permissions::from_mode(0o755)).expect("a folder of ours");
        for folder in ["run", "mail", "mail/crm", "mail/crm/cur", "mail/crm/new", "mail/crm/tmp"] {
            fs::create_dir(dir.path().join(folder)).expect("a folder in the temporary one");
        }
        let path = dir.path().display().to_string();
        let (mail_user, internal, login) = if is_root() {
            ("mail".to_owned(), "dovecot".to_owned(), "dovenull".to_owned())
        } else {
            let me = run("id", &["-un"]).trim().to_owned();
            (me.clone(), me.clone(), me)
        };
        let group = run("id", &["-gn", &mail_user]).trim().to_owned();
        let internal_group = run("id", &["-gn", &internal]).trim().to_owned();
        if is_root() {
            run("chown", &["-R", &format!("{mail_user}:{group}"), &format!("{path}/mail")]);
        }
        let (port, tls_port) = (ports::free(), ports::free());
        // It reads them again and again, and the folder of the certificates may be gone by then.
        let (certificate, key) = (dir.path().join("server.pem"), dir.path().join("server.key"));
        fs::copy(certificates.certificate(), &certificate).expect("a certificate");
        fs::copy(certificates.key(), &key).expect("a key");
        let mut tokens = String::new();
        if let Some(userinfo) = userinfo {
            let asking = format!(
                "introspection_url = {userinfo}\nintrospection_mode = auth\nusername_attribute = email\n\
                 pass_attrs = user={USER}\n"
            );
            fs::write(dir.path().join("tokens.conf"), asking).expect("a file in the folder");
            tokens = format!(
                "passdb {{\n driver = oauth2\n mechanisms = xoauth2\n args = {path}/tokens.conf\n}}\n"
            );
        }
        let mechanisms = if userinfo.is_some() { "plain login xoauth2" } else { "plain login" };
        let config = format!(
            "base_dir = {path}/run\nstate_dir = {path}/run\nlog_path = {path}/log\nprotocols = imap\nlisten = 127.0.0.1\n\
             default_internal_user = {internal}\ndefault_internal_group = {internal_group}\ndefault_login_user = {login}\n\
             ssl = yes\nssl_cert = <{}\nssl_key = <{}\ndisable_plaintext_auth = no\nauth_mechanisms = {mechanisms}\n\
             auth_failure_delay = 0\nmail_location = maildir:{path}/mail/%n\nmail_uid = {mail_user}\nmail_gid = {group}\n\
             first_valid_uid = 0\nfirst_valid_gid = 0\n\
             {tokens}passdb {{\n driver = passwd-file\n args = scheme=PLAIN {path}/users\n}}\n\
             userdb {{\n driver = static\n args = uid={mail_user} gid={group} home={path}/mail/%n allow_all_users=yes\n}}\n\
             service anvil {{\n chroot =\n}}\nservice stats {{\n chroot =\n}}\n\
             service imap-login {{\n chroot =\n inet_listener imap {{\n  port = {port}\n }}\n\
             inet_listener imaps {{\n  port = {tls_port}\n  ssl = yes\n }}\n}}\n",
            certificate.display(),
            key.display(),
        );
        fs::write(dir.path().join("dovecot.conf"), config).expect("a file in the folder");
        fs::write(dir.path().join("users"), format!("{USER}:{{PLAIN}}{PASSWORD}\n"))
            .expect("a file in the folder");
        let mut dovecot = Self { dir, port, tls_port, delivered: AtomicU32::new(0), server: None };
        dovecot.resume();
        dovecot
    }

    /// Starts it again after [`Self::stop`].
    pub fn resume(&mut self) {
        let config = self.dir.path().join("dovecot.conf").display().to_string();
        let binary = installed(&["/usr/sbin/dovecot", "/usr/local/sbin/dovecot"], "dovecot-imapd");
        let log = self.dir.path().join("out");
        self.server = Some(Tethered::start(binary, ["-F", "-c", &config], &log));
        wait::until_accepting("Dovecot, TLS", self.tls_port, START_LIMIT);
        // It accepts before it can answer.
        wait::until_blocking("Dovecot to greet", START_LIMIT, || {
            let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
            stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
            let mut greeting = [0; 4];
            stream.read_exact(&mut greeting).ok()?;
            (&greeting == b"* OK").then_some(())
        });
    }

    /// Stops it; what is in the mailbox stays.
    pub fn stop(&mut self) {
        self.server = None;
    }

    /// Where it listens in clear, with STARTTLS.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where it listens with TLS from the first byte.
    pub fn tls_port(&self) -> u16 {
        self.tls_port
    }

    /// The Maildir.
    pub fn maildir(&self) -> PathBuf {
        self.dir.path().join("mail/crm")
    }

    /// Puts a message into the mailbox, as taken at this time.
    ///
    /// # Panics
    /// When the folder cannot be written.
    pub fn deliver_at(&self, raw: &[u8], at: SystemTime) {
        let number = self.delivered.fetch_add(1, Ordering::SeqCst);
        let name = format!("{:010}.t{number}.test", 1_700_000_000 + u64::from(number));
        let (tmp, new) =
            (self.maildir().join("tmp").join(&name), self.maildir().join("new").join(&name));
        fs::write(&tmp, raw).expect("the Maildir can be written");
        let file = File::options().write(true).open(&tmp).expect("a file just written");
        file.set_modified(at).expect("a time can be set");
        fs::rename(tmp, new).expect("the Maildir can be written");
    }

    /// The same, taken now.
    pub fn deliver(&self, raw: &str) {
        self.deliver_at(raw.as_bytes(), SystemTime::now());
    }

    /// How many messages are in it.
    ///
    /// # Panics
    /// When the folder cannot be read.
    pub fn count(&self) -> usize {
        let of = |name: &str| fs::read_dir(self.maildir().join(name)).expect("a Maildir").count();
        of("new") + of("cur")
    }

    /// Says that the numbers of messages mean something else from now on, and numbers them anew.
    pub fn renumber(&mut self) {
        self.stop();
        for entry in fs::read_dir(self.maildir()).expect("a Maildir") {
            let path = entry.expect("a readable folder").path();
            if path.is_file() {
                fs::remove_file(path).expect("a file of Dovecot's");
            }
        }
        // A new list of numbers with a mark that no clock makes.
        fs::write(
            self.maildir().join("dovecot-uidlist"),
            "3 V4711 N1 G0123456789abcdef0123456789abcdef\n",
        )
        .expect("the Maildir can be written");
        if is_root() {
            run("chown", &["-R", "mail:mail", &self.maildir().display().to_string()]);
        }
        self.resume();
    }
}

/// Postfix that takes mail and delivers what is for [`DOMAIN`] into a mailbox. It needs root.
pub struct Postfix {
    port: u16,
    dir: TempDir,
    refusing: SmtpSink,
    _server: Tethered,
}

impl Postfix {
    /// Starts it. `refusal` is what is said to everybody at `refused.example`; mail to `taken.example` arrives nowhere.
    /// `None` where this is not root: Postfix has to be.
    ///
    /// # Panics
    /// When it is not installed.
    pub fn start(into: &Dovecot, refusal: &str) -> Option<Self> {
        if !is_root() {
            return None;
        }
        let refusing = SmtpSink::with(&["-B", refusal, "-f", "RCPT"]);
        let dir = tempfile::tempdir().expect("a temporary folder");
        fs::set_permissions(dir.path(), Permissions::from_mode(0o755)).expect("a folder of ours");
        for folder in ["conf", "queue", "data"] {
            fs::create_dir(dir.path().join(folder)).expect("a folder in the temporary one");
        }
        let path = dir.path().display().to_string();
        run("chown", &["postfix", &format!("{path}/data")]);
        let (port, refusing_port) = (ports::free(), refusing.port());
        let (uid, gid) = (run("id", &["-u", "mail"]), run("id", &["-g", "mail"]));
        let maildir = into.maildir();
        let base = maildir.parent().expect("a folder").display();
        let daemons = daemons();
        let main = format!(
            "compatibility_level = 3.6\nqueue_directory = {path}/queue\ndata_directory = {path}/data\n\
             command_directory = /usr/sbin\ndaemon_directory = {}\nmail_owner = postfix\nsetgid_group = postdrop\n\
             maillog_file = {path}/log\nmaillog_file_prefixes = {path}\ninet_interfaces = 127.0.0.1\n\
             inet_protocols = ipv4\nmyhostname = mx.{DOMAIN}\nmydestination =\nmynetworks = 127.0.0.0/8\n\
             recipient_delimiter = +\nalias_maps =\nalias_database =\nlocal_recipient_maps =\n\
             virtual_mailbox_domains = {DOMAIN}\nvirtual_mailbox_base = {base}\n\
             virtual_mailbox_maps = inline:{{ {{@{DOMAIN} = crm/}} }}\n\
             virtual_uid_maps = static:{}\nvirtual_gid_maps = static:{}\nvirtual_minimum_uid = 1\n\
             transport_maps = inline:{{ {{refused.example = smtp:[127.0.0.1]:{refusing_port}}}, {{taken.example = discard:}} }}\n\
             default_transport = error:nothing leaves\nrelay_transport = error:nothing leaves\n\
             smtp_host_lookup = native\ndisable_dns_lookups = yes\n\
             smtpd_recipient_restrictions = permit_mynetworks, reject\nsmtp_tls_security_level = none\n",
            daemons.display(),
            uid.trim(),
            gid.trim(),
        );
        let services = [
            "pickup unix n - n 60 1 pickup",
            "cleanup unix n - n - 0 cleanup",
            "qmgr unix n - n 300 1 qmgr",
            "rewrite unix - - n - - trivial-rewrite",
            "bounce unix - - n - 0 bounce",
            "defer unix - - n - 0 bounce",
            "trace unix - - n - 0 bounce",
            "verify unix - - n - 1 verify",
            "flush unix n - n 1000? 0 flush",
            "proxymap unix - - n - - proxymap",
            "smtp unix - - n - - smtp",
            "error unix - - n - - error",
            "retry unix - - n - - error",
            "discard unix - - n - - discard",
            "local unix - n n - - local",
            "virtual unix - n n - - virtual",
            "anvil unix - - n - 1 anvil",
            "scache unix - - n - 1 scache",
            "postlog unix-dgram n - n - 1 postlogd",
        ];
        let master = format!("127.0.0.1:{port} inet n - n - - smtpd\n{}\n", services.join("\n"));
        fs::write(dir.path().join("conf/main.cf"), main).expect("a file in the folder");
        fs::write(dir.path().join("conf/master.cf"), master).expect("a file in the folder");
        let conf = format!("{path}/conf");
        run("/usr/sbin/postfix", &["-c", &conf, "check"]);
        let log = dir.path().join("out");
        let server = Tethered::start(daemons.join("master"), ["-c", &conf, "-d"], &log);
        wait::until_accepting("Postfix", port, START_LIMIT);
        Some(Self { port, dir, refusing, _server: server })
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What it logged.
    pub fn log(&self) -> String {
        tether::log(&self.dir.path().join("log"))
    }

    /// How many messages the refusing server took all the same.
    pub fn slipped_through(&self) -> usize {
        self.refusing.received().len()
    }
}

fn daemons() -> PathBuf {
    let places = ["/usr/lib/postfix/sbin/master", "/usr/libexec/postfix/master"];
    let master = installed(&places, "postfix");
    master.parent().expect("a folder").to_owned()
}

fn installed(places: &[&str], package: &str) -> PathBuf {
    let found = places.iter().map(Path::new).find(|path| path.exists());
    found
        .unwrap_or_else(|| {
            panic!(
                "{} is not installed (Debian: {package}; cargo xtask setup installs it)",
                places[0]
            )
        })
        .to_owned()
}

fn run(program: &str, args: &[&str]) -> String {
    let done = Command::new(program)
        .args(args)
        .output()
        .unwrap_or_else(|error| panic!("{program}: {error}"));
    assert!(done.status.success(), "{program} {args:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8_lossy(&done.stdout).into_owned()
}

fn is_root() -> bool {
    run("id", &["-u"]).trim() == "0"
}
