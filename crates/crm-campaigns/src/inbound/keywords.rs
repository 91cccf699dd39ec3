//! Words that ask for something, as the whole of a text message.

/// Words that end text messages at Twilio's long codes and toll-free numbers.
const STOP: [&str; 8] =
    ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"];
/// Words that begin them again.
const START: [&str; 3] = ["START", "YES", "UNSTOP"];
/// Words that ask what this is.
const HELP: [&str; 2] = ["HELP", "INFO"];
/// Words in a text that may ask to hear no more, in other words.
const MAYBE: [&str; 12] = [
    "stop",
    "unsubscribe",
    "opt out",
    "remove me",
    "take me off",
    "leave me alone",
    "no more",
    "don't text",
    "do not text",
    "don't write",
    "abmelden",
    "abbestellen",
];

/// What a whole text message asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keyword {
    /// To hear no more.
    Stop,
    /// To hear again.
    Start,
    /// What this is.
    Help,
}

impl Keyword {
    /// The word a text consists of, in any case and with whatever stands around it.
    pub fn of(body: &str) -> Option<Self> {
        let word: String =
            body.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect();
        let is = |words: &[&str]| words.contains(&word.as_str());
        if is(&STOP) {
            Some(Self::Stop)
        } else if is(&START) {
            Some(Self::Start)
        } else if is(&HELP) {
            Some(Self::Help)
        } else {
            None
        }
    }

    /// The word of the `kind` column.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Start => "start",
            Self::Help => "help",
        }
    }
}

/// Whether a text may ask to hear no more in words of its own, which a person has to read.
pub(super) fn may_ask_to_stop(body: &str) -> bool {
    let text = body.to_lowercase().replace('’', "'");
    MAYBE.iter().any(|words| text.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_word_counts_in_any_dress() {
        for stop in
            ["STOP", " stop. ", "Stop!", "«stop»", "opt-out", "OPT OUT", "Unsubscribe", "quit\n"]
        {
            assert_eq!(Keyword::of(stop), Some(Keyword::Stop), "{stop}");
        }
        assert_eq!(Keyword::of("start"), Some(Keyword::Start));
        assert_eq!(Keyword::of("Help?"), Some(Keyword::Help));
        for other in ["", "please stop", "stopping by at 9", "the end", "yes please"] {
            assert_eq!(Keyword::of(other), None, "{other}");
        }
    }

    #[test]
    fn other_words_are_for_a_person() {
        for asks in [
            "please stop texting me",
            "Don’t text me again",
            "Bitte abmelden",
            "take me off your list",
        ] {
            assert!(may_ask_to_stop(asks), "{asks}");
        }
        for not in ["See you at 9", "Thanks!", ""] {
            assert!(!may_ask_to_stop(not), "{not}");
        }
    }
}
