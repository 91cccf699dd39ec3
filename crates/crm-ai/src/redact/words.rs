//! Replacing whole words, whatever their case.

/// `text` with `with` wherever `value` stands as whole words.
pub(super) fn replace_words(text: &str, value: &str, with: &str) -> String {
    let value: Vec<char> = value.trim().chars().map(plain).collect();
    if value.is_empty() {
        return text.to_owned();
    }
    let chars: Vec<char> = text.chars().collect();
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    while let Some(&here) = chars.get(at) {
        let is_match = chars
            .get(at..at + value.len())
            .is_some_and(|part| part.iter().map(|c| plain(*c)).eq(value.iter().copied()));
        let before = at.checked_sub(1).and_then(|at| chars.get(at));
        let after = chars.get(at + value.len());
        // A name that happens to be that of a placeholder.
        let in_placeholder = before == Some(&'[') && after == Some(&']');
        let is_whole = is_edge(before, value.first()) && is_edge(after, value.last());
        if is_match && is_whole && !in_placeholder {
            out.push_str(with);
            at += value.len();
        } else {
            out.push(here);
            at += 1;
        }
    }
    out
}

/// A letter as it is compared.
fn plain(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}

/// Whether a word may begin or end between two characters.
fn is_edge(outside: Option<&char>, inside: Option<&char>) -> bool {
    let is_word = |c: Option<&char>| c.is_some_and(|c| c.is_alphanumeric() || *c == '_');
    !(is_word(outside) && is_word(inside))
}

#[cfg(test)]
mod tests {
    use super::replace_words;

    #[test]
    fn only_whole_words_are_replaced_whatever_their_case() {
        let said = |text: &str, value: &str| replace_words(text, value, "X");
        assert_eq!(said("Ada, ADA and Adam", "ada"), "X, X and Adam");
        assert_eq!(said("Ada Lovelace's", "Ada Lovelace"), "X's");
        assert_eq!(said("Θεοδώρα and ΘΕΟΔΏΡΑ", "Θεοδώρα"), "X and X");
        assert_eq!(said("call +43 1", "+43 1"), "call X");
        assert_eq!(
            said("[COMPANY] of Company, [FIRST_NAME]", "company"),
            "[COMPANY] of X, [FIRST_NAME]"
        );
        assert_eq!(said("[FIRST_NAME]", "name"), "[FIRST_NAME]");
        assert_eq!(said("nothing", ""), "nothing");
    }
}
