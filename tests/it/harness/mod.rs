//! Tests of the harness: a harness that cannot fail proves nothing.

mod db;
mod smtp;
