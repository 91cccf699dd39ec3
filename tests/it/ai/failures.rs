//! Servers in every kind of trouble: each has its words and its line in the log, and none takes longer than it may.

use std::time::Instant;

use crm_ai::drafts::Environment;
use crm_ai::openai::Address;
use crm_ai::{Drafts, DraftsError, ModelError};
use support::both_databases;
use support::model::Behaviour;

use super::rig::{Rig, brief, drafts};

both_databases! {
    async fn every_trouble_has_its_words(rig: Rig) {
        let impatient = rig.impatient();
        let troubles: [(Behaviour, &str, &str); 17] = [
            (Behaviour::Silent, "stalled", "sent nothing for 1 seconds"),
            (Behaviour::Stalls, "stalled", "sent nothing for 1 seconds"),
            (Behaviour::ClosesMidStream, "cut_off", "stopped in the middle"),
            (Behaviour::EndsEarly, "cut_off", "stopped in the middle"),
            (Behaviour::WebPage, "rubbish", "no draft"),
            (Behaviour::Garbage, "rubbish", "no draft"),
            (Behaviour::Chatter, "rubbish", "no draft"),
            (Behaviour::TooLong, "too_long", "ask for a shorter text"),
            (Behaviour::Declines, "declined", "other words"),
            (Behaviour::BreaksInStream, "refused", "out of memory"),
            (Behaviour::Busy, "busy", "in 20 seconds"),
            (Behaviour::NoCredit, "no_credit", "no credit"),
            (Behaviour::KeyRefused, "key_refused", "refused the key"),
            (Behaviour::UnknownModel, "unknown_model", "no model of this name"),
            (Behaviour::Refuses, "refused", "this model takes no schema"),
            (Behaviour::Faulty, "faulty", "status 500"),
            (Behaviour::Redirects, "refused", "leads to another address"),
        ];
        for (number, (behaviour, word, words)) in troubles.into_iter().enumerate() {
            rig.server.behave(behaviour);
            let begun = Instant::now();
            let drafting = impatient.start(&rig.desk.here, brief("The rye is in")).await.unwrap();
            let error = drafting.whole().await.unwrap_err();
            assert!(begun.elapsed().as_secs() < 15, "{behaviour:?} took {:?}", begun.elapsed());
            let said = error.to_string();
            assert!(said.contains(words), "{behaviour:?}: {said}");
            assert!(!said.contains("sk-"), "{behaviour:?} tells the key: {said}");
            let uses = impatient.usage(&rig.desk.here).await.unwrap();
            assert_eq!(uses.uses, u64::try_from(number + 1).unwrap());
            let last = uses.last.iter().max_by_key(|one| one.id).unwrap();
            assert_eq!(last.outcome, word, "{behaviour:?}");
            // A trouble before the question was read costs nothing.
            let free = matches!(word, "busy" | "no_credit" | "key_refused" | "unknown_model" | "faulty");
            let total = last.tokens.prompt + last.tokens.completion;
            assert_eq!(total == 0, free || matches!(behaviour, Behaviour::Refuses | Behaviour::Redirects), "{behaviour:?}: {last:?}");
        }
        // Each was asked once: nothing is tried again behind anybody's back.
        assert_eq!(rig.server.requests().len(), troubles.len());
        // And afterwards all is well.
        rig.server.behave(Behaviour::Well);
        impatient.start(&rig.desk.here, brief("The rye is in")).await.unwrap().whole().await.unwrap();
    }

    async fn a_server_that_is_not_there_is_not_reached(rig: Rig) {
        let address = Address::parse(&format!("http://127.0.0.1:{}", support::ports::free())).unwrap();
        let environment = Environment { address: Some(address), ..Environment::default() };
        let drafts = drafts(&rig.desk, environment, "");
        let error = drafts.start(&rig.desk.here, brief("x")).await.unwrap().whole().await.unwrap_err();
        assert!(matches!(error, DraftsError::Model(ModelError::Unreachable(_))), "{error:?}");
    }
}
