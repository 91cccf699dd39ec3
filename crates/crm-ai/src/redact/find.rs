//! Finding what looks like an address or a phone number.

/// Fewest digits of a phone number.
const FEWEST_DIGITS: usize = 7;

/// E-mail addresses in a text, each once.
pub(super) fn emails(text: &str) -> Vec<String> {
    let is_part = |c: char| !(c.is_whitespace() || "<>()[]{},;:\"'|".contains(c));
    let mut found = Vec::new();
    for word in text.split(|c: char| !is_part(c)) {
        let word = word.trim_matches(['.', '!', '?', '/', '-']);
        let Some((name, host)) = word.split_once('@') else { continue };
        let is_host = host.contains('.') && !host.contains('@');
        if !name.is_empty() && is_host && !found.iter().any(|known| known == word) {
            found.push(word.to_owned());
        }
    }
    found
}

/// Phone numbers in a text, and other long numbers, each once; dates are none.
pub(super) fn phones(text: &str) -> Vec<String> {
    let is_part = |c: char| c.is_ascii_digit() || " +-./()\u{a0}".contains(c);
    let mut found: Vec<String> = Vec::new();
    for run in text.split(|c: char| !is_part(c)) {
        let run = run.trim_matches(|c: char| !(c.is_ascii_digit() || c == '+'));
        let digits = run.chars().filter(char::is_ascii_digit).count();
        if digits >= FEWEST_DIGITS && !is_date(run) && !found.iter().any(|known| known == run) {
            found.push(run.to_owned());
        }
    }
    found
}

/// Whether a run of digits is a date like 2026-11-16 or 16.11.2026.
fn is_date(run: &str) -> bool {
    let parts: Vec<&str> = run.split(['-', '.', '/']).map(str::trim).collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    let whole = parts.iter().all(|part| part.chars().all(|c| c.is_ascii_digit()));
    whole && matches!(lengths.as_slice(), [4, 1..=2, 1..=2] | [1..=2, 1..=2, 4])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_numbers_are_found_and_dates_are_not() {
        let text = "Write to <ada@example.com>, bob.b@mail.example.org. Or call +43 664 123 45 67 \
                    (or 0664/1234567) before 16.11.2026 or 2026-11-16; 120 bags, 15 %.";
        assert_eq!(emails(text), ["ada@example.com", "bob.b@mail.example.org"]);
        assert_eq!(phones(text), ["+43 664 123 45 67", "0664/1234567"]);
        assert!(emails("a@b, @c.d, e@").is_empty());
    }
}
