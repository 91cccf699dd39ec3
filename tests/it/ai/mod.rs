//! AI drafts: against servers that behave in every way such servers do, and against a real model.

mod drafts;
mod failures;
mod insights;
mod page;
mod real;
mod rig;
mod routes;
mod settings;
mod summaries;
mod year;
