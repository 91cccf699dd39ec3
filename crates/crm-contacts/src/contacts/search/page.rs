//! A page of what a search finds, newest first: read from the index itself, in its order.

use crm_core::{ContactId, Scope};
use sea_orm::sea_query::{Expr, Value};
use sea_orm::{EntityTrait, IdenStatic as _, Order, QueryFilter, QueryOrder, Select};

use super::SEARCHED;
use super::index::{Asked, RANGE, contacts_of};
use crate::compare;
use crate::entity::base_contacts::Entity;

/// Contacts found by the index of SQLite.
#[derive(Clone)]
pub(in crate::contacts) struct Found {
    asked: Asked,
    /// Whether there are so many that one comes upon them by reading the book.
    is_many: bool,
}

impl Found {
    pub(super) const fn new(asked: Asked, is_many: bool) -> Self {
        Self { asked, is_many }
    }

    /// As many contacts as are `wanted` behind the one `seen`, from the newest to the oldest or back.
    pub(in crate::contacts) fn page(
        &self,
        scope: &Scope,
        seen: Option<ContactId>,
        falls: bool,
        wanted: u64,
    ) -> Select<Entity> {
        let (mut docs, mut values) = match &self.asked {
            // Nobody sorts thousands of numbers to show fifty.
            Asked::Beginning { word, .. } if self.is_many => met(scope, word),
            asked => asked.docs(scope),
        };
        let doc = match self.asked {
            Asked::Phrases(_) => "rowid",
            Asked::Beginning { .. } => "\"doc\"",
        };
        if let Some(seen) = seen {
            let beyond = if falls { "<" } else { ">" };
            docs = format!("{docs} AND {doc} {beyond} {}", beside(falls));
            let seen = || Value::from(seen.to_string());
            let workspace = || Value::from(scope.workspace_id().to_string());
            values.extend([seen(), seen(), workspace(), workspace()]);
        }
        let direction = if falls { "DESC" } else { "ASC" };
        let docs = format!("{docs} ORDER BY {doc} {direction} LIMIT ?");
        values.push(wanted.into());
        let number = "(SELECT \"doc_id\" FROM \"contact_search_docs\" \
             WHERE \"contact_id\" = \"base_contacts\".\"id\")";
        let order = if falls { Order::Desc } else { Order::Asc };
        Entity::find().filter(contacts_of(&docs, values)).order_by(Expr::cust(number), order)
    }
}

/// The number a page begins beside: that of the contact seen or, where somebody deleted it, of the one before it.
fn beside(falls: bool) -> String {
    let next = if falls { " + 1" } else { "" };
    format!(
        "coalesce((SELECT \"doc_id\" FROM \"contact_search_docs\" WHERE \"contact_id\" = ?), \
         (SELECT \"doc_id\" FROM \"contact_search_docs\" \
          WHERE \"contact_id\" < ? AND \"doc_id\" {RANGE} ORDER BY \"contact_id\" DESC LIMIT 1){next}, 0)"
    )
}

/// The numbers of all contacts with this in one of their columns, met by reading them.
fn met(scope: &Scope, word: &str) -> (String, Vec<Value>) {
    let pattern = compare::anywhere(word);
    let holds = SEARCHED.map(|column| format!("\"read\".\"{}\" GLOB ?", column.as_str()));
    let workspace = || Value::from(scope.workspace_id().to_string());
    let mut values = vec![workspace(), workspace()];
    values.extend(SEARCHED.map(|_| Value::from(pattern.as_str())));
    let sql = format!(
        "SELECT \"book\".\"doc_id\" AS \"doc\" FROM \"contact_search_docs\" AS \"book\" \
         CROSS JOIN \"base_contacts\" AS \"read\" ON \"read\".\"id\" = \"book\".\"contact_id\" \
         WHERE \"book\".\"doc_id\" {RANGE} AND ({})",
        holds.join(" OR ")
    );
    (sql, values)
}
