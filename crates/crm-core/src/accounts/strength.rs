//! Which passwords are accepted: how many guesses one would take from somebody who tries words, names, patterns of the
//! keyboard and what is known of the person first. All of it is in the program; nothing is looked up elsewhere.

use secrecy::{ExposeSecret as _, SecretString};

/// Fewest characters of a password.
pub const MIN_PASSWORD_LENGTH: usize = 10;
/// Most characters of a password.
pub const MAX_PASSWORD_LENGTH: usize = 256;

/// Words, names and phrases that passwords are most often made of, one a line.
const COMMON_WORDS: &str = include_str!("common_words.txt");

/// What fingers run along: rows, columns and zigzags of keyboards, the alphabet, the digits.
const LANES: [&str; 17] = [
    "01234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "qwertzuiop",
    "azertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "yxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "qazwsxedcrfvtgbyhnujmikolp",
    "zaq1xsw2cde3vfr4bgt5nhy6mju7",
    "zaqxswcdevfrbgtnhymju",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "1a2b3c4d5e6f7g8h9i0j",
    "147258369",
    "!@#$%^&*()",
];

/// Guesses a password must withstand, as a power of two: about what four common words in a row do.
const NEEDED: f64 = 34.0;

/// What each part of a password adds, in bits.
const WORD: f64 = 10.0;
const CONTEXT: f64 = 2.0;
const LANE: f64 = 5.0;
const REPEATED: f64 = 3.0;
const SAME_AGAIN: f64 = 0.5;
const YEAR: f64 = 6.0;
const SEPARATOR: f64 = 1.5;
const DIGIT: f64 = 3.0;
const LETTER: f64 = 4.7;
const OTHER: f64 = 5.0;

/// Why a password is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// Shorter than [`MIN_PASSWORD_LENGTH`].
    #[error("use at least {MIN_PASSWORD_LENGTH} characters")]
    TooShort,
    /// Longer than [`MAX_PASSWORD_LENGTH`].
    #[error("use at most {MAX_PASSWORD_LENGTH} characters")]
    TooLong,
    /// One of the first that are guessed, or made of the person's name or address.
    #[error("this password is easy to guess; use several words")]
    Common,
}

/// Checks a password for somebody of whom `known` is known: address, name.
pub(super) fn check(password: &SecretString, known: &[&str]) -> Result<(), WeakPassword> {
    let text = password.expose_secret();
    let length = text.chars().count();
    if length < MIN_PASSWORD_LENGTH {
        return Err(WeakPassword::TooShort);
    }
    if length > MAX_PASSWORD_LENGTH {
        return Err(WeakPassword::TooLong);
    }
    if bits(text, known) < NEEDED { Err(WeakPassword::Common) } else { Ok(()) }
}

/// The cheapest way to put `text` together, in bits.
fn bits(text: &str, known: &[&str]) -> f64 {
    let text: Vec<char> = text.to_lowercase().chars().collect();
    let known = context(known);
    // best[i]: the least that the first i characters cost.
    let mut best = vec![f64::INFINITY; text.len() + 1];
    if let Some(first) = best.first_mut() {
        *first = 0.0;
    }
    for at in 0..text.len() {
        let so_far = best.get(at).copied().unwrap_or(f64::INFINITY);
        let rest = text.get(at..).unwrap_or_default();
        let before = text.get(..at).unwrap_or_default();
        let mut part = |length: usize, cost: f64| {
            if let Some(there) = best.get_mut(at + length)
                && so_far + cost < *there
            {
                *there = so_far + cost;
            }
        };
        part(1, single(before.last(), rest));
        for word in COMMON_WORDS.lines() {
            if let Some(length) = begins_with(rest, word) {
                part(length, WORD);
            }
        }
        for word in &known {
            if let Some(length) = begins_with(rest, word) {
                part(length, CONTEXT);
            }
        }
        for length in 3..=along_a_lane(rest) {
            part(length, LANE);
        }
        for length in 3..=seen_before(before, rest) {
            part(length, REPEATED);
        }
        if is_year(rest) {
            part(4, YEAR);
        }
    }
    best.last().copied().unwrap_or_default()
}

/// The words of what is known of a person, and of this program.
fn context(known: &[&str]) -> Vec<String> {
    let mut words = vec!["pi-crm".to_owned(), "picrm".to_owned()];
    for text in known {
        let text = text.to_lowercase();
        words.extend(
            text.split(|c: char| !c.is_alphanumeric())
                .filter(|word| word.chars().count() >= 3)
                .map(str::to_owned),
        );
        if text.chars().count() >= 3 {
            words.push(text);
        }
    }
    words
}

fn single(previous: Option<&char>, rest: &[char]) -> f64 {
    match rest.first() {
        first if first == previous => SAME_AGAIN,
        Some(' ' | '-' | '_' | '.' | ',' | '!' | '+' | '/') => SEPARATOR,
        Some(c) if c.is_ascii_digit() => DIGIT,
        Some(c) if c.is_alphabetic() => LETTER,
        _ => OTHER,
    }
}

/// The length of `word` where `rest` begins with it, also in the usual disguises.
fn begins_with(rest: &[char], word: &str) -> Option<usize> {
    let mut length = 0;
    for wanted in word.chars() {
        if !rest.get(length).is_some_and(|c| *c == wanted || passes_for(*c, wanted)) {
            return None;
        }
        length += 1;
    }
    (length > 0).then_some(length)
}

const fn passes_for(c: char, letter: char) -> bool {
    matches!(
        (c, letter),
        ('0' | 'ö', 'o')
            | ('1' | '!', 'i' | 'l')
            | ('3', 'e')
            | ('4' | '@' | 'ä', 'a')
            | ('5' | '$', 's')
            | ('7', 't')
            | ('8', 'b')
            | ('9', 'g')
            | ('ü', 'u')
    )
}

/// How far `rest` follows one of the lanes, forward or backward.
fn along_a_lane(rest: &[char]) -> usize {
    let mut longest = 0;
    for lane in LANES {
        let forward: Vec<char> = lane.chars().collect();
        let backward: Vec<char> = lane.chars().rev().collect();
        for lane in [forward, backward] {
            for from in 0..lane.len() {
                let here = lane.iter().skip(from).zip(rest).take_while(|(a, b)| a == b).count();
                longest = longest.max(here);
            }
        }
    }
    longest
}

/// How much of `rest` stands somewhere in `before` already. One character again and again is counted as such.
fn seen_before(before: &[char], rest: &[char]) -> usize {
    let same = |length: usize| rest.iter().take(length).all(|c| Some(c) == rest.first());
    let mut longest = 0;
    for from in 0..before.len() {
        let here = before.iter().skip(from).zip(rest).take_while(|(a, b)| a == b).count();
        longest = longest.max(here);
    }
    if same(longest) { 0 } else { longest }
}

fn is_year(rest: &[char]) -> bool {
    matches!(rest, ['1', '9', a, b, ..] | ['2', '0', a, b, ..] if a.is_ascii_digit() && b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(text: &str) -> Result<(), WeakPassword> {
        check(&SecretString::from(text.to_owned()), &["ada.king@example.org", "Ada Lovelace"])
    }

    #[test]
    fn what_is_guessed_first_is_refused() {
        for weak in [
            "password1234",
            "Password123!",
            "P@ssw0rd2026",
            "picrm-picrm",
            "pi-crm pi-crm",
            "ada@example.org",
            "ada.king@example.org",
            "AdaLovelace1815",
            "lovelace-lovelace",
            "aaaaaaaaaaaa",
            "abcabcabcabc",
            "1234567890",
            "0987654321",
            "qwertyuiop",
            "qwertzuiop123",
            "1q2w3e4r5t6y",
            "1qaz2wsx3edc",
            "zaq12wsxcde3",
            "iloveyou2024",
            "liverpool1892",
            "dragonfootball",
            "Sommer2026!!",
            "letmein-letmein",
            "michael19841984",
            "3141592653",
            "changeme123456",
        ] {
            assert_eq!(verdict(weak), Err(WeakPassword::Common), "{weak}: {}", bits(weak, &[]));
        }
    }

    #[test]
    fn what_takes_long_to_guess_is_accepted() {
        for good in [
            "correct horse battery staple",
            "correct horse battery 🐎",
            "grain mill seven lantern",
            "kQ7#vRt2mZ",
            "tangled wombats adore quiet ferries",
            "ein sehr langer deutscher satz",
            &format!("{}X", "a".repeat(72)),
            &format!("🦔 {}", "hedgehog in a very long hedge 🌿 ".repeat(2)),
        ] {
            assert_eq!(verdict(good), Ok(()), "{good}: {}", bits(good, &[]));
        }
    }

    #[test]
    fn too_short_and_too_long_are_told_apart() {
        assert_eq!(verdict("vRt2mZ#kQ"), Err(WeakPassword::TooShort));
        assert_eq!(verdict(&"x y z".repeat(100)), Err(WeakPassword::TooLong));
    }

    #[test]
    fn the_words_are_sorted_lower_case_and_none_is_there_twice() {
        let words: Vec<&str> = COMMON_WORDS.lines().collect();
        assert!(words.len() > 1_000);
        assert!(words.windows(2).all(|pair| pair.first() < pair.last()));
        assert!(words.iter().all(|word| word.len() >= 3 && *word == word.to_lowercase()));
    }
}
