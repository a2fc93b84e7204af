//! The bans of `deny.toml`, held without cargo-deny.

use std::fs;
use std::path::Path;

#[test]
fn no_banned_crate_is_locked() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let deny = fs::read_to_string(root.join("deny.toml")).expect("deny.toml");
    let lock = fs::read_to_string(root.join("Cargo.lock")).expect("Cargo.lock");
    let banned: Vec<&str> = deny.lines().filter_map(|line| line.trim().strip_prefix("{ crate = \"")?.split('"').next()).collect();
    assert!(banned.contains(&"serde_yaml"), "the list is where this test looks: {banned:?}");
    for name in banned {
        assert!(!lock.contains(&format!("\nname = \"{name}\"\n")), "{name} is banned by deny.toml");
    }
}
