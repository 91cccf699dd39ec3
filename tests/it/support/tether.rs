//! Server processes that end with the test process, however that ends.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use crate::wait;

/// A shell that runs the command and ends it once its own standard input is closed. The pipe closes
/// when [`Tethered`] is dropped, and also when this process is killed. A line over the pipe before
/// that makes the command stand still; it is woken to be ended.
const LEASH: &str = r#"exec 3<&0; "$@" </dev/null & pid=$!
while read -r word <&3; do kill -STOP "$pid" && echo FROZEN; done
kill "$pid" 2>/dev/null; kill -CONT "$pid" 2>/dev/null; wait "$pid" 2>/dev/null; exit 0"#;

/// A running server of the tests.
pub struct Tethered {
    shell: Child,
    pipe: Option<ChildStdin>,
    log: PathBuf,
}

impl Tethered {
    /// Starts `program` with `args`; what it prints goes to the file `log`.
    pub fn start<I, S>(program: impl AsRef<OsStr>, args: I, log: &Path) -> Self
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        let out = File::create(log).expect("the log of a server can be written");
        let mut shell = Command::new("sh")
            .args(["-c", LEASH, "leash"])
            .arg(program)
            .args(args)
            .stdin(Stdio::piped())
            .stdout(out.try_clone().expect("a file handle"))
            .stderr(out)
            .spawn()
            .expect("sh starts");
        let pipe = shell.stdin.take();
        Self { shell, pipe, log: log.to_owned() }
    }

    /// Lets the server stand still: nothing it holds open ends, and nothing answers.
    ///
    /// # Panics
    /// When the shell is gone.
    pub fn freeze(&self) {
        let mut pipe = self.pipe.as_ref().expect("the pipe is open until the end");
        pipe.write_all(b"stop\n").expect("the shell reads");
        wait::until_blocking("the server to stand still", Duration::from_secs(10), || {
            log(&self.log).contains("FROZEN").then_some(())
        });
    }
}

impl Drop for Tethered {
    fn drop(&mut self) {
        drop(self.pipe.take());
        // Nothing to do about a failure here: the shell ends by itself.
        let _ = self.shell.wait();
    }
}

/// What a server printed so far.
pub fn log(path: &Path) -> String {
    let mut text = String::new();
    if let Ok(mut file) = File::open(path) {
        let _ = file.read_to_string(&mut text);
    }
    text
}
