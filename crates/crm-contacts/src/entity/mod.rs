//! The tables this crate owns.

pub(crate) mod base_contacts;
pub(crate) mod bulk_actions;
pub(crate) mod bulk_rows;
pub(crate) mod communication_logs;
pub(crate) mod consents;
pub(crate) mod contact_list_assignments;
pub(crate) mod contact_lists;
pub(crate) mod contact_search_books;
pub(crate) mod contact_trash;
pub(crate) mod custom_field_definitions;
pub(crate) mod custom_fields;
pub(crate) mod duplicate_dismissals;
pub(crate) mod import_rows;
pub(crate) mod imports;
pub(crate) mod merge_journal;
pub(crate) mod saved_segments;
pub(crate) mod tasks;
