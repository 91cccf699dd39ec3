//! Duplicates in a book too large to be looked through while somebody waits.

use std::sync::Arc;
use std::time::Duration;

use crm_campaigns::campaigns::ContactLedger;
use crm_contacts::Contacts;
use crm_contacts::contacts::{Contact, NewContact};
use crm_contacts::merge::{Merges, Reason, SeaMerges, Suspicions};
use support::{both_databases, wait};

use super::book::Book;

/// More than are looked through at once.
const CROWD: u32 = 10_050;
const LIMIT: Duration = Duration::from_mins(1);

async fn person(book: &Book, first_name: &str, email: &str) -> Contact {
    book.add(NewContact {
        first_name: first_name.to_owned(),
        last_name: "Lovelace".to_owned(),
        primary_email: Some(email.to_owned()),
        company: "Engines".to_owned(),
        ..NewContact::default()
    })
    .await
}

/// What is known once nobody is looking any more.
async fn settled(merges: &SeaMerges, book: &Book) -> Suspicions {
    wait::until("the end of a look", LIMIT, async || {
        let known = merges.duplicates(&book.here).await.unwrap();
        (!known.is_looking).then_some(known)
    })
    .await
}

fn pairs(known: &Suspicions) -> Vec<(String, String, Vec<Reason>)> {
    let name = |contact: &Contact| contact.first_name.clone();
    let items = known.items.iter();
    items.map(|pair| (name(&pair.first), name(&pair.second), pair.reasons.clone())).collect()
}

both_databases! {
    async fn a_large_book_is_looked_through_behind_the_callers_back(book: Book) {
        let merges = SeaMerges::new(book.ctx.clone(), Arc::new(ContactLedger::new(book.ctx.clone())));
        let first = person(&book, "Ada", "ada.lovelace@gmail.com").await;
        book.crowd(&book.here, CROWD).await;
        let second = person(&book, "Adah", "adalovelace+crm@googlemail.com").await;

        let asked = merges.duplicates(&book.here).await.unwrap();
        assert!(asked.is_looking && asked.looked_at.is_none() && asked.items.is_empty());
        let known = settled(&merges, &book).await;
        let found = ("Ada".to_owned(), "Adah".to_owned(), vec![Reason::SameEmail, Reason::SimilarName]);
        assert_eq!((pairs(&known), known.total), (vec![found.clone()], 1));
        assert!(known.looked_at.is_some());

        // A second look waits for a minute, and what was found before stands while it goes on.
        person(&book, "Ada", "ada@elsewhere.org").await;
        let known = merges.duplicates(&book.here).await.unwrap();
        assert_eq!((pairs(&known), known.is_looking), (vec![found.clone()], false));
        book.clock.advance(Duration::from_secs(61));
        let known = merges.duplicates(&book.here).await.unwrap();
        assert_eq!((pairs(&known), known.is_looking), (vec![found], true));
        let known = settled(&merges, &book).await;
        assert_eq!(known.total, 3, "{:?}", pairs(&known));

        // What people do in between shows at once.
        merges.dismiss(&book.here, second.id, first.id).await.unwrap();
        let known = merges.duplicates(&book.here).await.unwrap();
        assert_eq!((known.total, known.is_looking), (2, false));
        book.contacts.delete(&book.here, first.id).await.unwrap();
        let known = merges.duplicates(&book.here).await.unwrap();
        assert_eq!((known.total, known.items.len(), known.is_looking), (1, 1, false));

        let elsewhere = merges.duplicates(&book.elsewhere).await.unwrap();
        assert!(elsewhere.items.is_empty() && elsewhere.looked_at.is_some(), "a small book is looked through at once");
    }
}
