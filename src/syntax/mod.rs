//! From bytes to structure, without evaluating: encodings and the plain formats that hold credentials.

pub mod dotenv;
pub mod encoding;
