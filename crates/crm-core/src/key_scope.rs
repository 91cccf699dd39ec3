//! What an API key may be used for: words like `contacts:write`, which can only narrow what its person may do.

use std::collections::BTreeSet;
use std::fmt;

use crate::{ApiKeyId, Permission};

/// Declares an enum whose values are words.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$about:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$about])* $variant,)+
        }

        impl $name {
            /// All of them, in the order they are shown.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Its word.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }
    };
}

words! {
    /// What a scope is about.
    Resource {
        /// Contacts and their imports.
        Contacts = "contacts",
        /// Stages and tags.
        Lists = "lists",
        /// Definitions of custom fields.
        Fields = "fields",
        /// Timelines.
        Logs = "logs",
        /// Follow-ups.
        Tasks = "tasks",
        /// Templates.
        Templates = "templates",
        /// Campaigns.
        Campaigns = "campaigns",
        /// What the AI found.
        Insights = "insights",
        /// Providers.
        Providers = "providers",
        /// Workspaces and their members.
        Workspaces = "workspaces",
        /// The audit log.
        Audit = "audit",
    }
}

words! {
    /// What a scope lets do with it.
    Verb {
        /// See it.
        Read = "read",
        /// Change it; holds `read` too.
        Write = "write",
        /// Start and stop the sending of campaigns.
        Send = "send",
        /// Approve and reject campaigns.
        Approve = "approve",
    }
}

/// One scope of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyScope {
    /// Everything the person's role allows.
    Admin,
    /// One kind of action on one kind of thing.
    Of(Resource, Verb),
}

impl KeyScope {
    /// Every scope there is.
    pub fn all() -> impl Iterator<Item = Self> {
        let of = |resource| {
            Verb::ALL
                .iter()
                .filter(move |verb| {
                    resource == Resource::Campaigns || matches!(verb, Verb::Read | Verb::Write)
                })
                .map(move |verb| Self::Of(resource, *verb))
        };
        std::iter::once(Self::Admin).chain(Resource::ALL.iter().copied().flat_map(of))
    }

    /// Reads a word like `contacts:write`.
    pub fn parse(word: &str) -> Option<Self> {
        Self::all().find(|scope| scope.to_string() == word)
    }

    /// Whether a key with this scope has `wanted` too.
    pub fn holds(self, wanted: Self) -> bool {
        match (self, wanted) {
            (Self::Admin, _) => true,
            (Self::Of(have, Verb::Write), Self::Of(resource, Verb::Read)) => have == resource,
            (have, wanted) => have == wanted,
        }
    }
}

impl fmt::Display for KeyScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Admin => f.write_str("admin"),
            Self::Of(resource, verb) => write!(f, "{}:{}", resource.as_str(), verb.as_str()),
        }
    }
}

impl serde::Serialize for KeyScope {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl utoipa::PartialSchema for KeyScope {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .enum_values(Some(Self::all().map(|scope| scope.to_string())))
            .description(Some("What an API key may be used for"))
            .into()
    }
}

impl utoipa::ToSchema for KeyScope {}

/// The key a call shows, and how far it reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyGrant {
    /// The key.
    pub id: ApiKeyId,
    /// Its scopes.
    pub scopes: BTreeSet<KeyScope>,
}

impl KeyGrant {
    /// Whether the key reaches as far as `permission`.
    pub fn allows(&self, permission: Permission) -> bool {
        self.scopes.iter().any(|scope| scope.holds(permission.scope()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back() {
        let all: Vec<KeyScope> = KeyScope::all().collect();
        assert_eq!(all.len(), 1 + 11 * 2 + 2);
        for scope in &all {
            assert_eq!(KeyScope::parse(&scope.to_string()), Some(*scope));
        }
        for wrong in
            ["", "contacts", "contacts:send", "contacts:write ", "Admin", "everything:read"]
        {
            assert_eq!(KeyScope::parse(wrong), None, "{wrong}");
        }
        for permission in Permission::ALL {
            assert!(all.contains(&permission.scope()), "{}", permission.as_str());
        }
    }

    #[test]
    fn writing_holds_reading_of_the_same_thing_and_nothing_else() {
        let of = KeyScope::Of;
        let write = of(Resource::Contacts, Verb::Write);
        assert!(write.holds(of(Resource::Contacts, Verb::Read)) && write.holds(write));
        assert!(!write.holds(of(Resource::Lists, Verb::Read)) && !write.holds(KeyScope::Admin));
        assert!(!of(Resource::Contacts, Verb::Read).holds(write));
        for verb in [Verb::Send, Verb::Approve] {
            assert!(!of(Resource::Campaigns, Verb::Write).holds(of(Resource::Campaigns, verb)));
            assert!(!of(Resource::Campaigns, verb).holds(of(Resource::Campaigns, Verb::Read)));
        }
        assert!(KeyScope::all().all(|scope| KeyScope::Admin.holds(scope)));
    }
}
