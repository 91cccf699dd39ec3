//! The words of the command line itself.

use support::process::Site;
use support::{Backend, PerBackend};

#[tokio::test]
async fn xtask_passes_every_command_on() {
    let site = Site::fresh(Backend::Sqlite).await;
    let help = String::from_utf8_lossy(&site.run(&["--help"]).stdout).into_owned();
    let commands = help.split_once("Commands:").unwrap().1.split_once("Options:").unwrap().0;
    let xtask = std::fs::read_to_string(support::paths::root().join("xtask/src/main.rs")).unwrap();
    let passed_on = xtask.split_once("const PASSED_ON").unwrap().1.split_once("];").unwrap().0;
    let mut seen = 0;
    for line in commands.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   ")) {
        let word = line.split_whitespace().next().unwrap();
        assert!(
            word == "help" || passed_on.contains(&format!("\"{word}\"")),
            "xtask does not know {word}"
        );
        seen += 1;
    }
    assert!(seen > 5, "{commands}");
}
