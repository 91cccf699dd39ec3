//! Who may do what: members, invitations, and the border between workspaces.

mod invitations;
mod isolation;
mod members;
mod pages;
mod roads;
mod workspaces;
