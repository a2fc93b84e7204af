//! What values look like, by tables.

use super::*;
use crate::secret::generate::expand;

#[test]
fn what_hides_nothing() {
    for value in [
        "",
        "abc",
        "changeme",
        "${DB_PASSWORD}",
        "$DB_PASSWORD",
        "{{ password }}",
        "%s:%s@",
        "%(password)s",
        "#{password}",
        "<password>",
        "[password]",
        "%PASSWORD%",
        "@@password@@",
        "********",
        "xxxxxxxxxxxx",
        "abc...xyz",
        "Mot de passe",
        "Enter your password",
        "Contrase\u{f1}a",
        "\u{43f}\u{430}\u{440}\u{43e}\u{43b}\u{44c}",
        "user_password",
        "db-password",
        "settings.DB_PASSWORD",
        "getPassword()",
        "DB_PASSWORD",
        "myPasswordField",
        "X-Auth-Token",
        "com.acme.Password",
        "Acme::Password",
        "https://acme.io/reset",
        "/run/secrets/db_password",
        "./secret.txt",
        "~/.pgpass",
        "password.txt",
        "keystore.p12",
        "me@acme.io",
        "8080",
        "2024-01-31",
        "12:30:00",
        "0x1f2e3d4c",
        "1.2.3-4",
        "^[a-z0-9]{8,}$",
        "[a-zA-Z0-9]+",
        "(?i)password",
        "\\d{4,6}",
        "asdfasdf",
        "qwertyuiop",
        "1qaz2wsx",
        "0123456789abcdef0123456789abcdef",
        "12345678901234567890",
        "aaaaaaaaaaaaaaaa",
        "sha1:aae8550c0a44:9507d45e087d5ee4",
        "$2a$10$abcdefghijklmnopqrstuv",
        "{SSHA}9507d45e087d5ee4",
        "vault:secret/db#password",
        "arn:aws:secretsmanager:eu-west-1:1:secret:db",
        "op://vault/db/password",
        "ENC[AES256_GCM,data]",
        "cGFzc3dvcmQ=",
        "YWRtaW4=",
        "</password>",
        "a=>b",
        "your_api_key_goes_here_12",
        "test",
        "Password1",
        "postgres",
        "secret123",
        "todo",
        "null",
    ] {
        assert_eq!(look(value), Look::Nothing, "{value}");
    }
}

#[test]
fn words_and_what_is_made_up() {
    for value in [
        "centipede",
        "contoso",
        "abuser123456",
        "conta1n3rize14",
        "wrongpassword",
        "passphrase",
        "somethingobtuse",
        "P@ssw0rd!2",
        "utf8mb4x",
    ] {
        assert!(look(value) <= Look::Word, "{value}: {:?}", look(value));
    }
}

#[test]
fn passwords_that_a_person_chose() {
    for value in [
        "zebra2x9Q",
        "Sne3sd8AZjq",
        "Sjdn43ss@!",
        "dipPr127Gg!",
        "1qay@WXS????",
        "sK!g2Ex_=jJ6Gx5v",
        ")d!~ORI8ed7293eg@w8&()",
        "va$27dC}9382G7ac6?V",
    ] {
        assert!(look(value) >= Look::Chosen, "{value}: {:?}", look(value));
    }
}

#[test]
fn what_chance_makes_is_seen() {
    for (template, at_least) in [
        ("{hex-32}", 995),
        ("{hex-40}", 995),
        ("{alnum-20}", 900),
        ("{alnum-32}", 970),
        ("{alnum-40}", 970),
        ("{base64-44}", 930),
        ("{base64url-43}", 900),
        ("{alnum-64}", 970),
    ] {
        let seen = (0..1000).filter(|seed| look(&expand(template, *seed).expect("known")) == Look::Random).count();
        assert!(seen >= at_least, "{template}: {seen} of 1,000");
    }
    for (template, at_least) in [("{alnum-10}", 930), ("{alnum-12}", 950), ("{alnum-14}", 960)] {
        let seen = (0..1000).filter(|seed| look(&expand(template, *seed).expect("known")) >= Look::Chosen).count();
        assert!(seen >= at_least, "{template}: {seen} of 1,000");
    }
}

#[test]
fn names_are_not_made_by_chance() {
    for value in [
        "AuthenticationTokenProcessingFilter2",
        "org.springframework.security.oauth2.client",
        "application/vnd.api+json",
        "getUserByEmailAndPassword",
        "aws_secretsmanager_secret_version.db1",
        "my-organization-name-here",
        "PBKDF2WithHmacSHA512",
        "components/schemas/UserPasswordReset",
        "arn-like-resource-name-00001",
        "some-kubernetes-secret-name-v2",
        "text-gray-700-hover-bg-blue",
        "MAX_TOKENS_PER_REQUEST_2",
        "data-testid-password-input1",
    ] {
        assert!(look(value) < Look::Random && !is_random(value), "{value}");
    }
    assert!(is_uuid("9e858021-953f-4dd3-8842-f2c782780422") && !is_uuid("9e858021-953f-4dd3-8842"));
}
