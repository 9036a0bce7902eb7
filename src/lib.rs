//! authopsy
pub mod domain;
pub mod explain;
pub mod store;
