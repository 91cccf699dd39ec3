//! What handlers take out of a request: the caller with a right, JSON bodies, query strings, page forms.

mod administrator;
mod allow;
mod json;
mod upload;

pub use administrator::Administrator;
pub use allow::{Allow, Caller, Right, SignedIn, require, rights};
pub use json::{Json, PageQuery, Query, form_config, json_config, path_config, query_config};
pub use upload::{Part, Upload};
