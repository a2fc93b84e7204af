//! Bytes become trees and texts with places. Nothing is evaluated here, and nothing is judged.

pub mod document;
pub mod hcl;
pub mod json;
pub mod yaml;
