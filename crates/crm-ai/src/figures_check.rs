//! What a model says, held against the figures it was given. A sentence is kept only if every number in it is one of its
//! evidence; everything else a sentence could do harm with is refused as well.
//!
//! A number is one of the evidence where it is the figure as it stands, or the figure without its decimal, rounded to the
//! nearest whole number (half up). Thousands may be set apart by a comma. Numbers in words are refused: nobody could
//! hold them against anything.

use crate::insights::Figure;

/// Fewest and most characters of a sentence.
const LENGTH: std::ops::RangeInclusive<usize> = 12..=240;

/// Numbers as words, and words that hide one.
const WORDS: [&str; 34] = [
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
    "thirty",
    "forty",
    "fifty",
    "sixty",
    "seventy",
    "eighty",
    "ninety",
    "hundred",
    "hundreds",
    "thousand",
    "thousands",
    "million",
    "dozen",
    "twice",
    "triple",
];

/// Whether a sentence may be shown at all: one line of plain words, without addresses or marks of a language.
pub(crate) fn is_plain(text: &str) -> bool {
    LENGTH.contains(&text.chars().count())
        && !text.chars().any(|c| c.is_control() || "<>{}[]|`@\\\u{201c}\u{201d}".contains(c))
        && !["://", "www.", "http"].iter().any(|mark| text.to_lowercase().contains(mark))
}

/// Whether every number of `text` is in `evidence`. Names, which stand in quotation marks, may hold others.
pub(crate) fn numbers_are_in(text: &str, evidence: &[Figure]) -> bool {
    let text = without_names(text);
    let words = text.to_lowercase();
    let has_words = words.split(|c: char| !c.is_alphanumeric()).any(|word| WORDS.contains(&word));
    !has_words && numbers(&text).is_some_and(|all| all.iter().all(|one| is_one_of(*one, evidence)))
}

/// The figures that stand in a text.
pub(crate) fn used(text: &str, figures: &[Figure]) -> Vec<Figure> {
    let found = numbers(&without_names(text)).unwrap_or_default();
    figures.iter().filter(|figure| found.iter().any(|one| is(*one, figure))).cloned().collect()
}

fn is_one_of(number: f64, evidence: &[Figure]) -> bool {
    evidence.iter().any(|figure| is(number, figure))
}

fn is(number: f64, figure: &Figure) -> bool {
    let same = |a: f64, b: f64| (a - b).abs() < 1e-6;
    same(number, figure.value) || same(number, (figure.value + 0.5).floor())
}

/// The numbers in a text that can be read; dates, times and the like are none.
pub(crate) fn readable(text: &str) -> Vec<f64> {
    let is_part = |c: char| c.is_numeric() || matches!(c, '.' | ',');
    let tokens = text.split(|c: char| !is_part(c)).map(|token| token.trim_matches(['.', ',']));
    tokens.filter(|token| !token.is_empty()).filter_map(number).collect()
}

/// The numbers in a text; `None` where one of them cannot be read.
fn numbers(text: &str) -> Option<Vec<f64>> {
    let mut found = Vec::new();
    let mut chars = text.chars().peekable();
    let mut token = String::new();
    loop {
        let next = chars.next();
        match next {
            Some(c) if c.is_numeric() => token.push(c),
            Some(c @ ('.' | ','))
                if !token.is_empty() && chars.peek().is_some_and(char::is_ascii_digit) =>
            {
                token.push(c);
            }
            _ => {
                if !token.is_empty() {
                    found.push(number(&std::mem::take(&mut token))?);
                }
                if next.is_none() {
                    return Some(found);
                }
            }
        }
    }
}

fn without_names(text: &str) -> String {
    let mut out = String::new();
    let mut depth = 0_usize;
    for c in text.chars() {
        match c {
            '\u{201c}' => depth += 1,
            '\u{201d}' => depth = depth.saturating_sub(1),
            c if depth == 0 => out.push(c),
            _ => {}
        }
    }
    out
}

/// `1,234.5`; groups of thousands must be whole.
fn number(token: &str) -> Option<f64> {
    let (whole, decimals) = token.split_once('.').unwrap_or((token, ""));
    let mut groups = whole.split(',');
    let first = groups.next()?;
    let rest: Vec<&str> = groups.collect();
    let is_grouped = !rest.is_empty();
    let fits = rest.iter().all(|group| group.len() == 3)
        && (!is_grouped || (1..=3).contains(&first.len()));
    let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    let joined = format!("{first}{}", rest.concat());
    (fits && digits(&joined) && digits(decimals) && !joined.is_empty())
        .then(|| format!("{joined}.{decimals}0").parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(text: &str) -> bool {
        let evidence = [("a", 41.5), ("b", 1_234.0), ("c", 30.0)].map(|(name, value)| Figure {
            name: name.to_owned(),
            label: String::new(),
            value,
            unit: String::new(),
        });
        numbers_are_in(text, &evidence)
    }

    #[test]
    fn every_number_must_be_a_figure() {
        assert!(holds("It took 41.5 days for 1,234 people, or 1234, within 30 days."));
        assert!(holds("It took about 42 days."), "rounded to the nearest whole");
        assert!(holds("Nothing is said in numbers here."));
        for bad in [
            "It took 41 days.",
            "It took 41.4 days.",
            "12,34 people",
            "1,2345 people",
            "3 in 30 days",
            "30,5 days",
            "It doubled to ٣٠ people",
            "It took twice as long as 30 days.",
            "thirty people left",
            "30.0.1",
        ] {
            assert!(!holds(bad), "{bad}");
        }
    }

    #[test]
    fn names_may_hold_numbers_of_their_own() {
        assert!(holds("\u{201c}Fair 2025\u{201d} has 30 people."));
        assert!(!holds("\u{201c}Fair\u{201d} 2025 has 30 people."));
    }

    #[test]
    fn a_sentence_is_plain() {
        assert!(is_plain("Contacts stall in S2 for 30 days."));
        for bad in [
            "short",
            "Look at http://example.com for more",
            "Write to a@b.example now",
            "<b>Bold</b> is not plain",
            "Two\nlines are not one",
            &"long ".repeat(60),
        ] {
            assert!(!is_plain(bad), "{bad}");
        }
    }
}
