//! What GitLab reads: findings of security (secret detection, and SAST for what is no credential) in version 15.2.1 of its
//! report formats, and Code Quality.

mod code_quality;
mod security;

pub use code_quality::render as render_code_quality;
pub use security::{render_sast, render_secret_detection};
