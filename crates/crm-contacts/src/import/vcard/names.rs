//! A full name as a first and a last one.

/// Splits a name where nothing says how: at the comma of `Lovelace, Ada`, else before the last word and the small words
/// that belong to it, as in `Ludwig van Beethoven`. A single word is a first name.
pub(super) fn split(full: &str) -> (String, String) {
    if let Some((last, first)) = full.split_once(',') {
        return (joined(first.split_whitespace()), joined(last.split_whitespace()));
    }
    let words: Vec<&str> = full.split_whitespace().collect();
    let Some(before_last) = words.len().checked_sub(1).filter(|last| *last > 0) else {
        return (joined(words.into_iter()), String::new());
    };
    let is_small = |word: &&&str| word.chars().all(char::is_lowercase);
    let small = words.iter().take(before_last).skip(1).rev().take_while(is_small).count();
    let (first, last) = words.split_at(before_last - small);
    (joined(first.iter().copied()), joined(last.iter().copied()))
}

fn joined<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_split_as_people_would() {
        for (full, first, last) in [
            ("Ada Lovelace", "Ada", "Lovelace"),
            ("  Ada   King  Lovelace ", "Ada King", "Lovelace"),
            ("Lovelace, Ada King", "Ada King", "Lovelace"),
            ("Ludwig van Beethoven", "Ludwig", "van Beethoven"),
            ("Annette von der Leyen", "Annette", "von der Leyen"),
            ("ada lovelace", "ada", "lovelace"),
            ("van Gogh", "van", "Gogh"),
            ("Madonna", "Madonna", ""),
            ("山田太郎", "山田太郎", ""),
            ("", "", ""),
            (",", "", ""),
        ] {
            assert_eq!(split(full), (first.to_owned(), last.to_owned()), "{full:?}");
        }
    }
}
