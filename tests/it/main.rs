//! The integration tests: one binary, folders that mirror what they test, two databases.

mod accounts;
mod ai;
mod api;
mod audit;
mod authz;
mod backup;
mod campaigns;
mod cli;
mod contacts;
mod engine;
mod export;
mod harness;
mod import;
mod providers;
mod schema;
mod start;
mod workers;
