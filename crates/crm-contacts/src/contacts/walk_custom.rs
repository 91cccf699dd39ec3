//! Walking through the contacts by the values of a custom field, on the two indexes of migration 36: one of numbers, one
//! of everything else.
//!
//! Neither database seeks in an index over an expression by `(expression, id) > (key, id)` alike, so the rest of the
//! equals is one query and what lies beyond them the next.
//!
//! Contacts without a value come last, in both directions. They are found by asking each contact whether it has one.

use crm_core::{Scope, Scoped as _};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, EntityTrait, IntoSimpleExpr, Iterable as _, JoinType, QueryFilter, QueryOrder,
    QuerySelect, RelationDef,
};

use super::walk::{Seen, Step, Walk};
use crate::entity::base_contacts;
use crate::entity::custom_fields::{Column, Entity};

/// Characters of a text that are sorted by; what differs later is ordered by id.
pub(super) const CHARS: usize = 200;

/// What one page asks.
pub(super) fn steps(walk: &Walk, scope: &Scope, field: &str, is_number: bool) -> Vec<Step> {
    let values = Values { walk, scope, field, is_number };
    let mut steps = Vec::new();
    match &walk.seen {
        Some(seen) if seen.value.is_none() => {
            steps.push(values.without(Some(seen)));
            if walk.backwards {
                steps.push(values.all());
            }
        }
        Some(seen) => {
            steps.extend(values.behind(seen));
            if !walk.backwards {
                steps.push(values.without(None));
            }
        }
        None => steps.extend([values.all(), values.without(None)]),
    }
    steps
}

struct Values<'a> {
    walk: &'a Walk,
    scope: &'a Scope,
    field: &'a str,
    is_number: bool,
}

impl Values<'_> {
    /// All values.
    fn all(&self) -> Step {
        self.ordered(None, true)
    }

    /// The values behind one: equal ones of later contacts, then all others.
    fn behind(&self, seen: &Seen) -> [Step; 2] {
        let key = || self.of_text(seen.value.as_deref().unwrap_or_default());
        let id = Column::ContactId.into_simple_expr();
        let later = self.walk.beyond(id, Expr::val(seen.id));
        let equal = self.stored().eq(key()).and(later);
        let beyond = self.walk.beyond(self.stored(), key());
        [self.ordered(Some(equal), false), self.ordered(Some(beyond), true)]
    }

    /// Contacts without a value, by id.
    fn without(&self, seen: Option<&Seen>) -> Step {
        use base_contacts::Column as Contact;
        let has = Entity::find()
            .select_only()
            .expr_as(Expr::val(1), "one")
            .filter(
                Expr::col(Column::ContactId.as_column_ref()).equals(Contact::Id.as_column_ref()),
            )
            .filter(Column::FieldName.eq(self.field))
            .filter(self.of_type())
            .filter(Entity::workspace_column().eq(self.scope.workspace_id()));
        let mut select = base_contacts::Entity::find()
            .filter(self.walk.filter.clone())
            .filter(Expr::not_exists(sea_orm::QueryTrait::into_query(has)));
        if let Some(seen) = seen {
            let id = Contact::Id.into_simple_expr();
            select = select.filter(self.walk.beyond(id, Expr::val(seen.id)));
        }
        Step::Contacts(select.order_by(Contact::Id, self.walk.direction()))
    }

    /// Values that meet `condition` in their order, each with its contact. Equal values need no order by value.
    fn ordered(&self, condition: Option<Expr>, by_value: bool) -> Step {
        let direction = self.walk.direction();
        // A crossed join is written without its condition.
        let theirs = Expr::col(Column::ContactId.as_column_ref())
            .equals(base_contacts::Column::Id.as_column_ref());
        let is_wanted = sea_orm::Condition::all()
            .add(theirs)
            .add(Column::FieldName.eq(self.field))
            .add(self.of_type())
            .add_option(condition);
        if self.walk.sqlite && self.walk.few {
            // From the few contacts to their values, sorted afterwards.
            let mut select = base_contacts::Entity::find()
                .join(JoinType::CrossJoin, to_contact().rev())
                .filter(self.walk.filter.clone())
                .filter(Column::WorkspaceId.eq(self.scope.workspace_id()))
                .filter(is_wanted);
            if by_value {
                select = select.order_by(self.stored(), direction.clone());
            }
            return Step::Contacts(select.order_by(Column::ContactId, direction));
        }
        // SQLite keeps to the order in which crossed joins are written, and so walks on the index of values.
        let join = if self.walk.sqlite { JoinType::CrossJoin } else { JoinType::InnerJoin };
        let mut select = Entity::find()
            .select_only()
            .columns(base_contacts::Column::iter())
            .join(join, to_contact())
            .filter(base_contacts::Column::WorkspaceId.eq(self.scope.workspace_id()))
            .filter(self.walk.filter.clone())
            .filter(is_wanted);
        if by_value {
            select = select.order_by(self.stored(), direction.clone());
        }
        Step::Values(select.order_by(Column::ContactId, direction))
    }

    /// The condition of the index, word for word.
    fn of_type(&self) -> Expr {
        Expr::cust(if self.is_number {
            "\"custom_fields\".\"field_type\" = 'number'"
        } else {
            "\"custom_fields\".\"field_type\" <> 'number'"
        })
    }

    /// The expression of the index, word for word.
    fn stored(&self) -> Expr {
        Expr::cust(match (self.is_number, self.walk.sqlite) {
            (true, true) => "CAST(\"custom_fields\".\"field_value\" AS REAL)",
            (true, false) => {
                "CASE WHEN \"custom_fields\".\"field_type\" = 'number' \
                 THEN CAST(\"custom_fields\".\"field_value\" AS double precision) END"
            }
            (false, _) => "lower(substr(\"custom_fields\".\"field_value\", 1, 200))",
        })
    }

    /// What the database makes of a value of this text. It is asked rather than told, so that equal values are equal.
    fn of_text(&self, text: &str) -> Expr {
        let sql = match (self.is_number, self.walk.sqlite) {
            (true, true) => "CAST(? AS REAL)",
            (true, false) => "CAST($1 AS text)::double precision",
            (false, true) => "lower(substr(?, 1, 200))",
            (false, false) => "lower(substr($1, 1, 200))",
        };
        Expr::cust_with_values(sql, [text])
    }
}

fn to_contact() -> RelationDef {
    Entity::belongs_to(base_contacts::Entity)
        .from(Column::ContactId)
        .to(base_contacts::Column::Id)
        .into()
}
