//! Bytes become trees and texts with places: encodings, documents, and the plain formats that hold credentials. Nothing
//! is evaluated here, and nothing is judged.

pub mod dockerfile;
pub mod document;
pub mod dotenv;
pub mod encoding;
pub mod hcl;
pub mod json;
pub mod server_config;
pub mod systemd;
pub mod yaml;
