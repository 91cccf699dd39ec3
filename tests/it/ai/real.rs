//! A real language model behind llama.cpp's server: real text over the real protocol.
//!
//! `cargo xtask test` installs both, where there are packages of them for the machine, and names their Python in
//! `PI_CRM_MODEL_PYTHON`; without it these tests say that they were left out.

use std::process::Stdio;
use std::time::Duration;

use crm_ai::drafts::{Environment, Event};
use crm_ai::openai::{Address, Limits};
use crm_ai::{Drafts, DraftsError, Insights, ModelError, SeaInsights};
use support::{Backend, PerBackend, paths};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::rig::{brief, drafts};
use super::year::Year;
use crate::campaigns::desk::Desk;

/// How often a model this small may write what is no draft.
const TRIES: usize = 4;

/// The server; it ends with this value.
struct Llama {
    _child: Child,
    address: Address,
    key: String,
}

impl Llama {
    /// `None` where it is not installed.
    #[expect(clippy::print_stderr, reason = "a test that is left out says so")]
    async fn start() -> Option<Self> {
        let Some(python) = std::env::var_os("PI_CRM_MODEL_PYTHON") else {
            eprintln!("left out: there is no language model here (cargo xtask test installs one)");
            return None;
        };
        let mut child = Command::new(python)
            .arg(paths::root().join("tests/servers/model.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("the model's server starts");
        let mut line = String::new();
        let mut output = BufReader::new(child.stdout.take().expect("its output"));
        let reading = tokio::time::timeout(Duration::from_mins(2), output.read_line(&mut line));
        reading.await.expect("the model is ready in time").expect("it says where it is");
        let (base, key) = line.trim().split_once(' ').expect("an address and a key");
        Some(Self { _child: child, address: Address::parse(base).unwrap(), key: key.to_owned() })
    }

    fn environment(&self, key: &str) -> Environment {
        Environment {
            key: Some(key.to_owned().into()),
            address: Some(self.address.clone()),
            model: Some("smollm2-135m".to_owned()),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_real_model_writes_a_draft() {
    let Some(llama) = Llama::start().await else { return };
    let desk = Desk::fresh(Backend::Sqlite).await;
    // A model of this size on two busy cores writes a word or two in a second.
    let limits = Limits { silence: Duration::from_mins(3), whole: Duration::from_mins(8) };
    let ready = drafts(&desk, llama.environment(&llama.key), "").with_limits(limits);
    for _ in 0..TRIES {
        let goal = "Tell bakeries that the winter rye has come. They can order now.";
        let mut drafting = ready.start(&desk.here, brief(goal)).await.unwrap();
        let mut pieces = 0;
        while let Some(event) = drafting.next().await {
            match event {
                Event::More(_) => pieces += 1,
                Event::Done(done) => {
                    assert!(pieces > 5, "it comes in pieces");
                    assert!(
                        !done.draft.subject.is_empty() && done.draft.body_html.starts_with("<p>"),
                        "{done:?}"
                    );
                    assert!(done.tokens.prompt > 100 && done.tokens.completion > 10, "{done:?}");
                    assert_eq!(done.model, "smollm2-135m");
                    let used = ready.usage(&desk.here).await.unwrap();
                    assert!(used.last.iter().any(|one| one.outcome == "done" && !one.is_estimate));
                    // The same server takes no other key.
                    let refused = drafts(&desk, llama.environment("another"), "");
                    let refused =
                        refused.start(&desk.here, brief(goal)).await.unwrap().whole().await;
                    assert!(
                        matches!(refused, Err(DraftsError::Model(ModelError::KeyRefused))),
                        "{refused:?}"
                    );
                    return;
                }
                // Its size shows in what it writes, not in how it is asked.
                Event::Failed(ModelError::TooLong | ModelError::Rubbish) => {}
                Event::Failed(error) => panic!("{error}"),
            }
        }
    }
    panic!("no draft in {TRIES} tries");
}

/// What is planted in the year is found whatever the model says, and nothing of what it says is stored that its figures do
/// not bear out.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::print_stderr, reason = "what a model of this size found is worth knowing")]
async fn a_real_model_reads_the_figures() {
    let Some(llama) = Llama::start().await else { return };
    let year = Year::fresh(Backend::Sqlite).await;
    let limits = Limits { silence: Duration::from_mins(3), whole: Duration::from_mins(8) };
    let drafts = drafts(&year.desk, llama.environment(&llama.key), "").with_limits(limits);
    let insights = SeaInsights::new(drafts.clone());
    let mut looked = insights.analyze(&year.desk.here).await.unwrap();
    let by_rule = looked.insights.len();
    looked.wait(Duration::from_mins(9)).await;
    let found = insights.after(&year.desk.here, looked).await.unwrap();
    let phrased = found.insights.iter().filter(|one| one.model.is_some()).count();
    let look = insights.last_look(&year.desk.here).await.unwrap().unwrap();
    eprintln!("{:?}: {phrased} phrased by the model, {} refused", found.model, look.refused);
    assert!(found.insights.len() >= by_rule, "{:#?}", found.insights);
    year.expect_planted(&found.insights);
    let used = drafts.usage(&year.desk.here).await.unwrap();
    let newest = used.last.first().unwrap();
    assert_eq!(newest.purpose, "insights");
    assert!(newest.tokens.prompt > 200, "{newest:?}");
}
