//! People of the contact book that a text names, so that their names do not leave.

use crm_contacts::Contact;
use crm_contacts::contacts::ContactQuery;
use crm_core::{PageRequest, Scope};

use super::{Result, SeaDrafts};

/// Most pairs of words that are looked up.
const MOST: usize = 40;
/// Most people of one name.
const SAME_NAME: u64 = 5;

/// The contacts whose first and last name stand beside each other in `text`. A first name alone is no name here: too
/// many words are one.
pub(crate) async fn named_in(on: &SeaDrafts, scope: &Scope, text: &str) -> Result<Vec<Contact>> {
    let mut people: Vec<Contact> = Vec::new();
    for name in pairs(text) {
        let query = ContactQuery {
            search: name.clone(),
            page: PageRequest { limit: SAME_NAME, cursor: None },
            ..ContactQuery::default()
        };
        let found = on.contacts.list(scope, query).await?;
        let same = |contact: &Contact| {
            let full = format!("{} {}", contact.first_name.trim(), contact.last_name.trim());
            full.to_lowercase() == name.to_lowercase()
        };
        // One is enough: it is the name that is looked for.
        people.extend(found.items.into_iter().find(same));
    }
    Ok(people)
}

/// Words beside each other that begin with a capital letter.
fn pairs(text: &str) -> Vec<String> {
    let words: Vec<&str> = text
        .split_whitespace()
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
        .collect();
    let is_name = |word: &str| word.chars().next().is_some_and(char::is_uppercase);
    let mut pairs: Vec<String> = Vec::new();
    for two in words.windows(2) {
        let [first, second] = two else { continue };
        let pair = format!("{first} {second}");
        if is_name(first) && is_name(second) && !pairs.contains(&pair) {
            pairs.push(pair);
        }
    }
    pairs.truncate(MOST);
    pairs
}

#[cfg(test)]
mod tests {
    use super::pairs;

    #[test]
    fn names_are_pairs_of_capital_words() {
        let text = "Tell Grace Hopper, and Θεοδώρα Παπαδοπούλου: the rye is in. Grace Hopper!";
        assert_eq!(pairs(text), ["Tell Grace", "Grace Hopper", "Θεοδώρα Παπαδοπούλου"]);
    }
}
