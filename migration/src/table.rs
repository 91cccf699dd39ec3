//! A table as its migration writes it down, and how it becomes DDL on both databases.
//!
//! Every constraint and index is named after its table and columns (`uq_`, `fk_`, `ck_`, `ix_`), so that an error
//! message names what it is about. Released migrations go through this file: what it generates for them may not change.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// One table with its constraints and indexes.
pub(crate) struct NewTable {
    name: &'static str,
    create: TableCreateStatement,
    indexes: Vec<IndexCreateStatement>,
    limits: Vec<(&'static str, u32)>,
}

impl NewTable {
    /// Begins a table without columns.
    pub(crate) fn new(name: &'static str) -> Self {
        Self {
            name,
            create: Table::create().table(name).take(),
            indexes: Vec::new(),
            limits: Vec::new(),
        }
    }

    /// A single text column as the primary key.
    pub(crate) fn key(self, column: &'static str) -> Self {
        self.col(ColumnDef::new(column).text().not_null().primary_key())
    }

    /// A primary key over columns that are declared by themselves.
    pub(crate) fn key_of(mut self, columns: &[&'static str]) -> Self {
        let mut index = Index::create();
        index.name(self.named("pk", columns));
        for column in columns {
            index.col(*column);
        }
        self.create.primary_key(&mut index);
        self
    }

    /// Text that is always there: ids, times (RFC 3339, UTC, milliseconds), words.
    pub(crate) fn text(self, column: &'static str) -> Self {
        self.col(ColumnDef::new(column).text().not_null())
    }

    /// Text that is always there and starts as `default`.
    pub(crate) fn text_or(self, column: &'static str, default: &'static str) -> Self {
        self.col(ColumnDef::new(column).text().not_null().default(default))
    }

    /// Text that may be absent.
    pub(crate) fn text_null(self, column: &'static str) -> Self {
        self.col(ColumnDef::new(column).text().null())
    }

    /// One of a closed list of words; the database refuses any other.
    pub(crate) fn word(self, column: &'static str, words: &[&'static str]) -> Self {
        self.text(column).one_of(column, words)
    }

    /// One of a closed list of words, starting as `default`.
    pub(crate) fn word_or(
        self,
        column: &'static str,
        words: &[&'static str],
        default: &'static str,
    ) -> Self {
        self.text_or(column, default).one_of(column, words)
    }

    /// One of a closed list of words, or absent.
    pub(crate) fn word_null(self, column: &'static str, words: &[&'static str]) -> Self {
        self.text_null(column).one_of(column, words)
    }

    /// A 64-bit number that is always there.
    pub(crate) fn number(self, column: &'static str) -> Self {
        self.col(ColumnDef::new(column).big_integer().not_null())
    }

    /// A 64-bit number starting as `default`.
    pub(crate) fn number_or(self, column: &'static str, default: i64) -> Self {
        self.col(ColumnDef::new(column).big_integer().not_null().default(default))
    }

    /// A 64-bit number that may be absent.
    pub(crate) fn number_null(self, column: &'static str) -> Self {
        self.col(ColumnDef::new(column).big_integer().null())
    }

    /// A share between 0 and 1.
    pub(crate) fn share(self, column: &'static str) -> Self {
        self.col(ColumnDef::new(column).double().not_null())
            .check(column, Expr::col(column).between(0.0, 1.0))
    }

    /// A truth value that is always there.
    pub(crate) fn flag(self, column: &'static str) -> Self {
        self.col(ColumnDef::new(column).boolean().not_null())
    }

    /// A truth value starting as `default`.
    pub(crate) fn flag_or(self, column: &'static str, default: bool) -> Self {
        self.col(ColumnDef::new(column).boolean().not_null().default(default))
    }

    /// A JSON document that is always there.
    pub(crate) fn json(self, column: &'static str) -> Self {
        self.col(ColumnDef::new(column).json_binary().not_null())
    }

    /// A JSON document that may be absent.
    pub(crate) fn json_null(self, column: &'static str) -> Self {
        self.col(ColumnDef::new(column).json_binary().null())
    }

    /// No two rows agree in all of `columns`; rows with an absent value never clash.
    pub(crate) fn unique(mut self, columns: &[&'static str]) -> Self {
        let mut index = Index::create();
        index.unique().name(self.named("uq", columns));
        for column in columns {
            index.col(*column);
        }
        self.create.index(&mut index);
        self
    }

    /// No two rows that meet `condition` agree in all of `columns`.
    pub(crate) fn unique_where(mut self, columns: &[&'static str], condition: Expr) -> Self {
        let mut index = self.indexed(columns);
        index.unique().name(self.named("ux", columns)).and_where(condition);
        self.indexes.push(index);
        self
    }

    /// An index over `columns`, in this order.
    pub(crate) fn index(mut self, columns: &[&'static str]) -> Self {
        self.indexes.push(self.indexed(columns));
        self
    }

    /// `column` holds the id of a row of `target`.
    pub(crate) fn references(
        self,
        column: &'static str,
        target: &'static str,
        on_delete: ForeignKeyAction,
    ) -> Self {
        self.foreign_key(&[column], target, &["id"], on_delete, None)
    }

    /// The row belongs to a workspace and goes with it.
    pub(crate) fn in_workspace(self) -> Self {
        self.text("workspace_id").references(
            "workspace_id",
            "workspaces",
            ForeignKeyAction::Cascade,
        )
    }

    /// `column` holds the id of a row of `target` in the *same* workspace, and this row goes with that one.
    ///
    /// The pair `(workspace_id, column)` is what is referenced, so that the database itself refuses a link across
    /// workspaces. It cannot be used where deleting the target only empties the link: that would empty
    /// `workspace_id` too.
    pub(crate) fn belongs_to(self, column: &'static str, target: &'static str) -> Self {
        self.foreign_key(
            &["workspace_id", column],
            target,
            &["workspace_id", "id"],
            ForeignKeyAction::Cascade,
            None,
        )
    }

    /// Any other foreign key: `columns` hold what `target_columns` of a row of `target` hold, with what happens when the target is deleted or its referenced columns change.
    pub(crate) fn foreign_key(
        mut self,
        columns: &[&'static str],
        target: &'static str,
        target_columns: &[&'static str],
        on_delete: ForeignKeyAction,
        on_update: Option<ForeignKeyAction>,
    ) -> Self {
        let mut key = ForeignKey::create();
        key.name(self.named("fk", columns)).from_tbl(self.name).to_tbl(target).on_delete(on_delete);
        for column in columns {
            key.from_col(*column);
        }
        for column in target_columns {
            key.to_col(*column);
        }
        if let Some(action) = on_update {
            key.on_update(action);
        }
        self.create.foreign_key(&mut key);
        self
    }

    /// `column` holds at most `bytes` bytes of UTF-8.
    pub(crate) fn at_most(mut self, column: &'static str, bytes: u32) -> Self {
        self.limits.push((column, bytes));
        self
    }

    /// Rows whose `column` does not meet `condition` are refused.
    pub(crate) fn check(mut self, column: &'static str, condition: Expr) -> Self {
        self.create.check((self.named("ck", &[column]), condition));
        self
    }

    /// Name of the table.
    pub(crate) const fn name(&self) -> &'static str {
        self.name
    }

    /// Creates the table, then its indexes.
    pub(crate) async fn create(mut self, manager: &SchemaManager<'_>) -> Result<(), DbErr> {
        for (column, bytes) in std::mem::take(&mut self.limits) {
            // Text on SQLite is measured in characters unless it is read as a blob.
            let length = match manager.get_database_backend() {
                DbBackend::Sqlite => format!("length(CAST({column} AS BLOB))"),
                _ => format!("octet_length({column})"),
            };
            self = self.check(column, Expr::cust(format!("{length} <= {bytes}")));
        }
        manager.create_table(self.create).await?;
        for index in self.indexes {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    fn col(mut self, column: &mut ColumnDef) -> Self {
        self.create.col(column);
        self
    }

    fn one_of(self, column: &'static str, words: &[&'static str]) -> Self {
        self.check(column, Expr::col(column).is_in(words.iter().copied()))
    }

    fn indexed(&self, columns: &[&'static str]) -> IndexCreateStatement {
        let mut index = Index::create();
        index.table(self.name).name(self.named("ix", columns));
        for column in columns {
            index.col(*column);
        }
        index
    }

    fn named(&self, kind: &str, columns: &[&'static str]) -> String {
        format!("{kind}_{}_{}", self.name, columns.join("_"))
    }
}
