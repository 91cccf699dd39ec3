//! The settings of a workspace: its own server and key, and where that server may be.

use crm_ai::drafts::{
    DEFAULT_MODEL, DEFAULT_MONTHLY_TOKENS, Environment, KeyChange, NewAiSettings, NotReady,
};
use crm_ai::{Drafts, DraftsError, ModelError};
use support::both_databases;
use support::model::{Behaviour, ModelServer};

use super::rig::{KEY, Rig, brief, drafts};

fn own(base_url: &str, key: KeyChange) -> NewAiSettings {
    NewAiSettings {
        is_enabled: true,
        base_url: base_url.to_owned(),
        model: "own".to_owned(),
        key,
        monthly_tokens: 0,
        ..NewAiSettings::default()
    }
}

fn secret(text: &str) -> KeyChange {
    KeyChange::Set(text.to_owned().into())
}

both_databases! {
    async fn without_anything_set_it_is_off(rig: Rig) {
        let drafts = drafts(&rig.desk, Environment::default(), "");
        let settings = drafts.settings(&rig.desk.here).await.unwrap();
        assert_eq!((settings.is_enabled, settings.not_ready), (false, Some(NotReady::Off)));
        assert_eq!(settings.monthly_tokens, DEFAULT_MONTHLY_TOKENS);
        let refused = drafts.start(&rig.desk.here, brief("x")).await.err();
        assert!(matches!(refused, Some(DraftsError::Off)), "{refused:?}");
        let on = NewAiSettings { is_enabled: true, ..NewAiSettings::default() };
        let settings = drafts.change_settings(&rig.desk.here, None, on).await.unwrap();
        assert_eq!(settings.not_ready, Some(NotReady::NoKey));
        assert_eq!(settings.effective_model, DEFAULT_MODEL);
        let refused = drafts.start(&rig.desk.here, brief("x")).await.err();
        assert!(matches!(refused, Some(DraftsError::NoKey)), "{refused:?}");
        // Elsewhere nothing has changed.
        assert_eq!(drafts.settings(&rig.desk.elsewhere).await.unwrap().version, 0);
    }

    async fn a_private_address_needs_leave(rig: Rig) {
        let refused = rig.drafts.change_settings(&rig.desk.here, None, own(rig.server.base(), KeyChange::Keep)).await;
        assert!(matches!(refused, Err(DraftsError::OutboundBlocked(_))), "{refused:?}");
        let allowing = drafts(&rig.desk, Environment::default(), "127.0.0.0/8");
        allowing.change_settings(&rig.desk.here, None, own(rig.server.base(), KeyChange::Keep)).await.unwrap();
        allowing.start(&rig.desk.here, brief("x")).await.unwrap().whole().await.unwrap();
        // And it is asked again when the connection is made.
        let error = rig.drafts.start(&rig.desk.here, brief("x")).await.unwrap().whole().await.unwrap_err();
        assert!(matches!(error, DraftsError::Model(ModelError::Blocked(_))), "{error:?}");
        for (bad, field) in [("ftp://x", "base_url"), ("http://8.8.8.8/v1", "base_url"), ("nonsense", "base_url")] {
            let refused = rig.drafts.change_settings(&rig.desk.here, None, own(bad, KeyChange::Keep)).await;
            assert!(matches!(refused, Err(DraftsError::InvalidSetting { field: named, .. }) if named == field), "{bad}: {refused:?}");
        }
    }

    async fn a_key_goes_to_its_own_server_and_to_no_other(rig: Rig) {
        let theirs = ModelServer::start(Behaviour::Well).await;
        let environment = Environment {
            key: Some(KEY.to_owned().into()),
            address: Some(crm_ai::openai::Address::parse(rig.server.base()).unwrap()),
            model: None,
        };
        let drafts = drafts(&rig.desk, environment, "127.0.0.1");
        // The operator's key is not sent to an address somebody else has chosen.
        let change = async |change| drafts.change_settings(&rig.desk.here, None, change).await;
        change(own(theirs.base(), KeyChange::Keep)).await.unwrap();
        drafts.start(&rig.desk.here, brief("x")).await.unwrap().whole().await.unwrap();
        assert_eq!(theirs.requests().remove(0).header("authorization"), "");
        // Their own is, and it is stored sealed.
        let changed = change(own(theirs.base(), secret("their-own-key"))).await.unwrap();
        assert!(changed.has_key);
        drafts.start(&rig.desk.here, brief("x")).await.unwrap().whole().await.unwrap();
        assert_eq!(theirs.requests().remove(1).header("authorization"), "Bearer their-own-key");
        for (column, table) in [("setting_value", "system_settings"), ("details", "audit_logs")] {
            let dump = format!("SELECT CAST({column} AS text) FROM {table} WHERE {column} IS NOT NULL");
            let dump = rig.desk.db.texts(&dump).await;
            assert!(!dump.is_empty() && !dump.iter().any(|row| row.contains("their-own-key")), "{table}");
        }
        // It stays as long as the address does.
        assert!(change(own(theirs.base(), KeyChange::Keep)).await.unwrap().has_key);
        let moved = change(own("https://ai.example.com/v1", KeyChange::Keep)).await;
        assert!(matches!(moved, Err(DraftsError::InvalidSetting { field: "api_key", .. })), "{moved:?}");
        assert!(!change(own("", KeyChange::Keep)).await.unwrap().has_key, "it goes with its address");
        assert!(change(own(theirs.base(), secret("their-own-key"))).await.unwrap().has_key);
        assert!(!change(own("https://ai.example.com/v1", KeyChange::Clear)).await.unwrap().has_key);
        let odd = change(own("https://ai.example.com/v1", secret("a b\n"))).await;
        assert!(matches!(odd, Err(DraftsError::InvalidSetting { field: "api_key", .. })), "{odd:?}");
    }

    async fn a_change_of_what_was_changed_meanwhile_is_refused(rig: Rig) {
        let on = || NewAiSettings { is_enabled: true, ..NewAiSettings::default() };
        let first = rig.drafts.change_settings(&rig.desk.here, Some(0), on()).await.unwrap();
        let late = rig.drafts.change_settings(&rig.desk.here, Some(0), on()).await;
        assert!(matches!(late, Err(DraftsError::Stale)), "{late:?}");
        rig.drafts.change_settings(&rig.desk.here, Some(first.version), on()).await.unwrap();
        let audited = rig.desk.db.count("SELECT count(*) FROM audit_logs WHERE action = 'ai.settings_changed'").await;
        assert_eq!(audited, 2);
    }
}
