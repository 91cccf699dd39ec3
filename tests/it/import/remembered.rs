//! What was mapped once is suggested the next time.

use crm_contacts::import::{ImportPlan, Imports, Mapping};
use support::both_databases;

use super::rig::Rig;

both_databases! {
    async fn the_last_mapping_of_a_header_is_suggested_again(rig: Rig) {
        let suggested = async |file: &str| {
            let stored = rig.imports.upload(&rig.scope, "x.csv", file.as_bytes().to_vec()).await.unwrap();
            let preview = rig.imports.preview(&rig.scope, stored.id).await.unwrap().unwrap();
            preview.columns.into_iter().map(|column| column.suggested).collect::<Vec<_>>()
        };
        let file = "Kunde,Mail\nEngines,ada@example.org\n";
        assert_eq!(suggested(file).await, [None, Some("primary_email".to_owned())]);
        let pairs = [("Kunde", "company"), ("Mail", "primary_email")];
        let mapping: Mapping = pairs.map(|(header, target)| (header.to_owned(), target.to_owned())).into();
        rig.import(file, ImportPlan { mapping: Some(mapping), ..ImportPlan::default() }).await;
        let again = "mail,KUNDE,Vorname\nbob@example.org,Mills,Bob\n";
        let named = ["primary_email", "company", "first_name"];
        assert_eq!(suggested(again).await, named.map(|target| Some(target.to_owned())));
        // Said otherwise, the newer word holds.
        let mapping: Mapping = [("Kunde".to_owned(), "last_name".to_owned())].into();
        rig.import("Kunde,Mail\nMills,\n", ImportPlan { mapping: Some(mapping), ..ImportPlan::default() }).await;
        assert_eq!(suggested("Kunde,Note\nX,\n").await, [Some("last_name".to_owned()), None]);
    }
}
