//! What the things of audit entries are called, and where they are shown.

use std::collections::{HashMap, HashSet};

use crm_audit::AuditEntry;
use crm_core::{ContactId, Scope, UserId};

use super::audit::only_named;
use crate::error::AppError;
use crate::state::Services;
use crate::views::common::Link;

/// Names of one page's things, by kind and id.
pub(super) struct Names(HashMap<(String, String), Link>);

impl Names {
    /// Looks up what `entries` are about. What is gone is named by its entry, if at all.
    pub(super) async fn of(
        services: &Services,
        scope: &Scope,
        entries: &[AuditEntry],
    ) -> Result<Self, AppError> {
        let mut names = Self(HashMap::new());
        let mut ids: HashMap<&str, HashSet<&str>> = HashMap::new();
        for entry in entries {
            if let Some(id) = &entry.entity_id {
                ids.entry(entry.entity_type.as_str()).or_default().insert(id);
            }
        }
        let of = |kind: &str| ids.get(kind).cloned().unwrap_or_default();
        let contacts: Vec<ContactId> =
            of("contact").iter().filter_map(|id| id.parse().ok()).collect();
        for contact in services.contacts.get_many(scope, &contacts).await? {
            let id = contact.id.to_string();
            names.add("contact", &id, Link::new(contact.display_name(), format!("/contacts/{id}")));
        }
        for id in of("campaign") {
            let Ok(campaign_id) = id.parse() else { continue };
            if let Some(found) = services.campaigns.get(scope, campaign_id).await? {
                names.add("campaign", id, Link::new(found.name, format!("/campaigns/{id}")));
            }
        }
        for id in of("template") {
            let Ok(template_id) = id.parse() else { continue };
            if let Some(found) = services.templates.get(scope, template_id).await? {
                names.add(
                    "template",
                    id,
                    Link::new(found.content.name, format!("/templates/{id}")),
                );
            }
        }
        for id in of("list") {
            let Ok(list_id) = id.parse() else { continue };
            if let Some(found) = services.lists.get(scope, list_id).await? {
                names.add("list", id, Link::new(found.name, "/lists"));
            }
        }
        for id in of("provider") {
            let Ok(provider_id) = id.parse() else { continue };
            if let Some(found) = services.providers.get(scope, provider_id).await? {
                names.add("provider", id, Link::new(found.name, "/settings/providers"));
            }
        }
        for id in of("import") {
            let Ok(import_id) = id.parse() else { continue };
            if let Some(found) = services.imports.get(scope, import_id).await? {
                names.add("import", id, Link::new(found.file_name, format!("/import/{id}")));
            }
        }
        let strangers = entries.iter().filter_map(|entry| entry.user_id).map(|id| id.to_string());
        let mut people: HashSet<String> = of("user").into_iter().map(str::to_owned).collect();
        people.extend(strangers);
        if !people.is_empty() {
            for user in services.accounts.users().await? {
                let id = user.id.to_string();
                if people.contains(&id) {
                    names.add("user", &id, only_named(user.name));
                }
            }
        }
        Ok(names)
    }

    fn add(&mut self, kind: &str, id: &str, link: Link) {
        self.0.insert((kind.to_owned(), id.to_owned()), link);
    }

    /// A user's name.
    pub(super) fn person(&self, id: UserId) -> Option<String> {
        self.0.get(&("user".to_owned(), id.to_string())).map(|link| link.label.clone())
    }

    /// What an entry is about. Who signed in or out is in the sentence already.
    pub(super) fn thing(&self, entry: &AuditEntry) -> Option<Link> {
        let detail = |name: &str| entry.details.get(name).and_then(|value| value.as_str());
        match entry.action.as_str() {
            "session.created" | "session.ended" if entry.user_id.is_some() => return None,
            "login.failed" => return Some(only_named(detail("address").unwrap_or("nobody known"))),
            "access.refused" => return detail("route").map(only_named),
            _ => {}
        }
        let key = (entry.entity_type.clone(), entry.entity_id.clone().unwrap_or_default());
        let named = || {
            let name =
                ["name", "file_name", "key", "email", "description"].into_iter().find_map(detail);
            name.map(only_named)
        };
        self.0.get(&key).cloned().or_else(named)
    }
}
