//! Environments of containers, in the files of Docker Compose: `environment:` as a map or as a list of `KEY=value`.
//! <https://docs.docker.com/reference/compose-file/services/#environment>

use super::credentials::Setting;
use super::documents::yaml;

/// The variables of all services, and what else stands under a name.
pub(super) fn environments(bytes: &[u8]) -> Vec<Setting> {
    let mut settings = yaml(bytes);
    for setting in settings.iter_mut().filter(|setting| setting.key == "environment") {
        let Some(equals) = memchr::memchr(b'=', &bytes[setting.value.clone()]) else { continue };
        let (start, sign) = (setting.value.start, setting.value.start + equals);
        setting.key = String::from_utf8_lossy(&bytes[start..sign]).chars().take(64).collect();
        setting.value.start = sign + 1;
    }
    settings
}
