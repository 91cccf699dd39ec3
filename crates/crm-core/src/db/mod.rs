//! The door to the database. It owns the connections and lends none out: rows inside a workspace can only be read and
//! written with a [`Scope`], and the filter on its workspace is added here, so that a query which forgets its
//! workspace does not compile.

mod connect;
mod read;
mod scoped;
mod snapshot;
mod tx;

pub use connect::{ConnectError, Connections, connect};
pub use scoped::{Scoped, WorkspaceKey};
pub use snapshot::Snapshot;
pub use tx::Tx;

#[expect(clippy::disallowed_types, reason = "this module is the owner of the connections")]
use sea_orm::DatabaseConnection;
use sea_orm::{ConnectionTrait as _, DatabaseBackend, Statement};

/// Read and write connections of one database.
///
/// On SQLite writes go through a pool of one connection, so that writers queue in the program instead of meeting
/// `database is locked`, while readers have their own connections and never wait for them (WAL). On PostgreSQL both
/// are the same pool.
#[derive(Clone)]
pub struct Db {
    #[expect(clippy::disallowed_types, reason = "this module is the owner of the connections")]
    read: DatabaseConnection,
    #[expect(clippy::disallowed_types, reason = "this module is the owner of the connections")]
    write: DatabaseConnection,
}

impl Db {
    /// Wraps opened connections.
    pub fn new(connections: Connections) -> Self {
        Self { read: connections.read, write: connections.write }
    }

    /// Which database this is.
    pub fn backend(&self) -> DatabaseBackend {
        self.read.get_database_backend()
    }

    /// Whether this is SQLite.
    pub fn is_sqlite(&self) -> bool {
        self.backend() == DatabaseBackend::Sqlite
    }

    /// Which database of which server this is, so that a copy elsewhere can be told from it; `None` for a file, and where
    /// the server does not say.
    pub async fn server_identity(&self) -> Option<String> {
        if self.is_sqlite() {
            return None;
        }
        let statement = Statement::from_string(
            self.backend(),
            "SELECT (SELECT system_identifier FROM pg_control_system())::text || '/' || \
             (SELECT oid FROM pg_database WHERE datname = current_database())::text",
        );
        let row = self.read.query_one_raw(statement).await.ok()??;
        row.try_get_by_index(0).ok()
    }

    /// Asks the database for an answer.
    ///
    /// # Errors
    /// [`crate::StoreError`] where it gives none.
    pub async fn ping(&self) -> Result<(), crate::StoreError> {
        Ok(self.read.ping().await?)
    }
}
