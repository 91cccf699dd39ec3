//! Complaints: somebody said at their mail provider that a message is spam (RFC 5965).

use super::fields::blocks;

/// Whether a report of this text complains. Providers also report the opposite.
pub(super) fn complains(text: &str) -> bool {
    let blocks = blocks(text);
    let kind = blocks.iter().find_map(|block| block.get("feedback-type"));
    kind.is_some_and(|kind| !kind.eq_ignore_ascii_case("not-spam"))
}

/// The address a report says the message was sent from: it may carry a token.
pub(super) fn sent_from(text: &str) -> Option<String> {
    blocks(text).iter().find_map(|block| block.get("original-mail-from").map(ToOwned::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_may_also_say_that_it_is_no_spam() {
        assert!(complains("Feedback-Type: abuse\nVersion: 1\nUser-Agent: x\n"));
        assert!(complains("Version: 1\nFeedback-Type: fraud\n"));
        assert!(!complains("Feedback-Type: Not-Spam\n"));
        assert!(!complains("Version: 1\n"));
        assert_eq!(sent_from("Original-Mail-From: <a+b@c.d>\n").as_deref(), Some("<a+b@c.d>"));
    }
}
