//! Who may do what: the matrix over every route of the API, API keys, members, invitations, and the border between
//! workspaces.

mod hardening;
mod invitations;
mod isolation;
mod key_commands;
mod key_page;
mod keys;
mod matrix;
mod members;
mod page_matrix;
mod page_routes;
mod pages;
mod roads;
mod routes;
mod secrets;
mod spares;
mod workspaces;
