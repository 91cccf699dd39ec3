//! Names of lists in one cell of a file: written with `; ` between them and a backslash before what belongs to a name;
//! files of others separate them by commas or bars.

/// Between two names; the first one is ours.
const SEPARATORS: [char; 3] = [';', ',', '|'];
/// Before a separator, or one of itself, that belongs to a name.
const ESCAPE: char = '\\';

/// Whether a character of a name needs a backslash before it.
fn is_special(letter: char) -> bool {
    letter == ESCAPE || SEPARATORS.contains(&letter)
}

/// The names as one text, from which [`split`] reads them back.
pub(crate) fn join<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let mut text = String::new();
    for name in names {
        if !text.is_empty() {
            text.push_str("; ");
        }
        for letter in name.chars() {
            if is_special(letter) {
                text.push(ESCAPE);
            }
            text.push(letter);
        }
    }
    text
}

/// The names in a text, trimmed, without empty ones, in order and each once.
pub(crate) fn split(text: &str) -> Vec<String> {
    let mut names = vec![String::new()];
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        // A backslash before anything else is a backslash: files of others know nothing of the rule.
        let escaped =
            (letter == ESCAPE).then(|| letters.next_if(|next| is_special(*next))).flatten();
        match (escaped, names.last_mut()) {
            (None, _) if SEPARATORS.contains(&letter) => names.push(String::new()),
            (escaped, Some(name)) => name.push(escaped.unwrap_or(letter)),
            (_, None) => {}
        }
    }
    let mut found: Vec<String> = names.iter().map(|name| name.trim().to_owned()).collect();
    found.retain(|name| !name.is_empty());
    found.sort_unstable();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back_whatever_is_in_them() {
        let names = ["; ", ";", "\\", "a; b", "a\\", "a\\;b", "plain", "\\\\;;", "a, b|c"];
        let mut wanted: Vec<&str> = names.iter().map(|name| name.trim()).collect();
        wanted.sort_unstable();
        wanted.dedup();
        assert_eq!(split(&join(wanted.iter().copied())), wanted);
        assert_eq!(join(["a; b", "c"]), "a\\; b; c");
    }

    #[test]
    fn files_of_others_are_read_as_meant() {
        assert_eq!(split("lead|vip"), ["lead", "vip"]);
        assert_eq!(split("lead, vip"), ["lead", "vip"]);
        assert_eq!(split(" VIP;press ;; VIP; C:\\dir"), ["C:\\dir", "VIP", "press"]);
        assert!(split(" ; ").is_empty());
    }
}
