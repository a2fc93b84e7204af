//! Bytes become trees and texts with places: encodings, documents, and the plain formats that hold credentials. Nothing
//! is evaluated here, and nothing is judged.

pub mod address;
pub mod colon;
pub mod command;
pub mod dockerfile;
pub mod document;
pub mod dotenv;
pub mod encoding;
pub mod hcl;
pub mod ini;
pub mod json;
mod line;
pub mod loose;
pub mod netrc;
pub mod php;
pub mod server_config;
pub mod sql;
pub mod systemd;
pub mod xml;
pub mod yaml;
