//! Who may do what: members, invitations, and the border between workspaces.

mod invitations;
mod members;
mod workspaces;
