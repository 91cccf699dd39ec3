//! Which entities live inside a workspace, and where their filter sits.

use sea_orm::sea_query::{IntoCondition, SimpleExpr};
use sea_orm::{ColumnTrait, EntityTrait};

use crate::Scope;

/// An entity whose every row belongs to one workspace.
pub trait Scoped: EntityTrait {
    /// The column that holds the workspace's id.
    fn workspace_column() -> Self::Column;
}

/// The filter a scope puts on an entity.
pub trait WorkspaceKey: Scoped {
    /// `workspace_id = <the scope's workspace>`.
    fn within(scope: &Scope) -> SimpleExpr {
        Self::workspace_column().eq(scope.workspace_id())
    }

    /// The same as a condition.
    fn within_condition(scope: &Scope) -> sea_orm::Condition {
        Self::within(scope).into_condition()
    }
}

impl<E: Scoped> WorkspaceKey for E {}

/// Declares that the entity of the current module lives inside a workspace (its column is `WorkspaceId`).
#[macro_export]
macro_rules! scoped {
    () => {
        impl $crate::Scoped for Entity {
            fn workspace_column() -> Column {
                Column::WorkspaceId
            }
        }
    };
}
