//! TLS: authorities of one's own are trusted when they are named, and nobody else is; nothing is
//! said to a server that is not trusted.

use std::time::{Duration, Instant};

use crate::front::{Front, GOAWAY, RST_STREAM, SETTINGS, Seen, h2_frame, pem};
use crate::support::double::{Double, KEY};
use crate::support::outcome::Outcome;
use crate::support::reply;
use crate::support::sandbox::Sandbox;

/// The two variables that name a file of authorities.
const VARIABLES: [&str; 2] = ["AMX_CA_BUNDLE", "SSL_CERT_FILE"];

/// A sandbox whose provider is behind TLS.
fn sandbox(front: &Front) -> Sandbox {
    let base_url = format!("https://{}/api/v1", front.address());
    Sandbox::new()
        .without("HTTPS_PROXY")
        .env("OPENROUTER_BASE_URL", base_url)
        .env("OPENROUTER_API_KEY", KEY)
}

/// Asks a server that must not be trusted: one attempt, exit 6, and not a byte inside the
/// connection.
#[track_caller]
fn assert_not_trusted(certificate: &str, prepare: impl Fn(Sandbox) -> Sandbox) -> Outcome {
    let double = Double::start([]);
    let front = Front::tls(double.address(), certificate);
    let outcome = prepare(sandbox(&front)).run(["chat", "hi"]);
    outcome
        .assert_failure(6)
        .assert_stdout("")
        .assert_stderr_has("certificate")
        .assert_stderr_lacks("retrying");
    assert_eq!(
        front.seen(),
        Seen {
            connections: 1,
            ..Seen::default()
        },
        "{outcome}"
    );
    assert!(double.requests().is_empty(), "{outcome}");
    outcome
}

#[test]
fn an_authority_that_is_named_is_trusted() {
    for variable in VARIABLES {
        let double = Double::start([reply::stream(["Hello"])]);
        let front = Front::tls(double.address(), "loopback");
        sandbox(&front)
            .env(variable, pem("authority"))
            .run(["chat", "hi"])
            .assert_answer("Hello\n");
        assert_eq!(front.seen().opened, 1);
    }
}

#[test]
fn a_certificate_is_good_for_each_of_its_names() {
    let double = Double::start([reply::stream(["Hello"])]);
    let front = Front::tls(double.address(), "loopback");
    let by_name = format!("https://localhost:{}/api/v1", front.address().port());
    let sandbox = sandbox(&front)
        .env("OPENROUTER_BASE_URL", by_name)
        .env("AMX_CA_BUNDLE", pem("authority"));
    sandbox.run(["chat", "hi"]).assert_answer("Hello\n");
}

#[test]
fn the_bundle_is_trusted_beside_what_ssl_cert_file_names() {
    let double = Double::start([reply::stream(["Hello"])]);
    let front = Front::tls(double.address(), "loopback");
    // Any other authority: this one signed nothing.
    let sandbox = sandbox(&front)
        .env("SSL_CERT_FILE", pem("elsewhere"))
        .env("AMX_CA_BUNDLE", pem("authority"));
    sandbox.run(["chat", "hi"]).assert_answer("Hello\n");
}

#[test]
fn a_bundle_may_hold_more_than_one_authority() {
    let double = Double::start([reply::stream(["Hello"])]);
    let front = Front::tls(double.address(), "loopback");
    let both = ["elsewhere", "authority"]
        .map(|name| std::fs::read_to_string(pem(name)).unwrap())
        .join("# a comment between them\n");
    let sandbox = sandbox(&front).file("bundle.pem", both);
    let bundle = sandbox.home().join("bundle.pem");
    sandbox
        .env("AMX_CA_BUNDLE", bundle)
        .run(["chat", "hi"])
        .assert_answer("Hello\n");
}

#[test]
fn an_unknown_authority_is_not_trusted() {
    let outcome = assert_not_trusted("loopback", |sandbox| sandbox);
    outcome.assert_stderr_has("hint: export AMX_CA_BUNDLE=");
    for variable in VARIABLES {
        assert_not_trusted("loopback", |sandbox| {
            sandbox.env(variable, pem("elsewhere"))
        });
    }
}

#[test]
fn a_certificate_for_another_name_is_not_trusted() {
    for variable in VARIABLES {
        assert_not_trusted("elsewhere", |sandbox| {
            sandbox.env(variable, pem("authority"))
        });
    }
}

#[test]
fn a_plain_server_behind_https_is_an_error_of_the_connection() {
    let front = Front::plain();
    let outcome = sandbox(&front)
        .env("AMX_CA_BUNDLE", pem("authority"))
        .run(["chat", "hi"]);
    outcome
        .assert_failure(6)
        .assert_stdout("")
        .assert_stderr_has(&format!("https://{}", front.address()));
    assert_eq!(
        front.seen(),
        Seen {
            connections: 4,
            ..Seen::default()
        },
        "{outcome}"
    );
}

#[test]
fn an_invalid_certificate_file_is_found_before_connecting() {
    let no_base64 = b"-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n".to_vec();
    let key = std::fs::read(pem("authority").with_file_name("test-only-server.key")).unwrap();
    let words = b"not a certificate\n".to_vec();
    let files = [
        ("empty.pem", Vec::new()),
        ("words.pem", words),
        ("no_base64.pem", no_base64),
        ("key.pem", key),
    ];
    for variable in VARIABLES {
        let double = Double::start([]);
        let front = Front::tls(double.address(), "loopback");
        let sandbox = files
            .iter()
            .fold(sandbox(&front), |sandbox, (name, content)| {
                sandbox.file(name, content)
            });
        let home = sandbox.home().to_owned();
        let mut sandbox = sandbox;
        for name in files
            .iter()
            .map(|(name, _)| *name)
            .chain(["missing.pem", ""])
        {
            sandbox = sandbox.env(variable, home.join(name));
            let outcome = sandbox.run(["chat", "hi"]);
            outcome
                .assert_failure(3)
                .assert_stdout("")
                .assert_stderr_has(name)
                .assert_stderr_has("AMX_CA_BUNDLE");
            assert_eq!(
                front.seen(),
                Seen::default(),
                "{variable}={name}\n{outcome}"
            );
        }
    }
}

/// GOAWAY with the last stream that the server takes, without an error.
fn goaway(last: u32) -> Vec<u8> {
    h2_frame(GOAWAY, 0, &[last.to_be_bytes(), [0; 4]].concat())
}

#[test]
fn a_request_that_http_2_did_not_take_is_sent_again() {
    let refused = [
        h2_frame(RST_STREAM, 1, &7_u32.to_be_bytes()),
        // The connection is not used again.
        goaway(1),
    ]
    .concat();
    for frames in [refused, goaway(0)] {
        let double = Double::start([reply::stream(["Hello"])]);
        let frames = [h2_frame(SETTINGS, 0, &[]), frames].concat();
        let front = Front::h2_then_tls(double.address(), frames);
        sandbox(&front)
            .env("AMX_CA_BUNDLE", pem("authority"))
            .run(["chat", "hi"])
            .assert_code(0)
            .assert_stdout("Hello\n")
            .assert_stderr_has("(2 of 4)")
            .assert_stderr_has("did not take the request")
            .assert_stderr_lacks("billed");
        assert_eq!(front.seen().heads, ["h2"]);
    }
}

#[test]
fn a_request_that_http_2_took_is_not_sent_again() {
    let cancelled = h2_frame(RST_STREAM, 1, &8_u32.to_be_bytes());
    for frames in [goaway(1), cancelled] {
        let double = Double::start([]);
        let frames = [h2_frame(SETTINGS, 0, &[]), frames].concat();
        let front = Front::h2_then_tls(double.address(), frames);
        sandbox(&front)
            .env("AMX_CA_BUNDLE", pem("authority"))
            .run(["chat", "hi"])
            .assert_failure(9)
            .assert_stderr_has("billed")
            .assert_stderr_lacks("retrying");
    }
}

#[test]
fn what_is_no_file_in_a_folder_of_authorities_is_skipped_at_once() {
    let double = Double::start([reply::stream(["Hello"])]);
    let front = Front::tls(double.address(), "loopback");
    let sandbox = sandbox(&front);
    let folder = sandbox.home().join("authorities");
    std::fs::create_dir(&folder).unwrap();
    std::fs::copy(pem("authority"), folder.join("0a1b2c3d.0")).unwrap();
    let pipe = folder.join("0a1b2c3d.1");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    std::os::unix::fs::symlink("/dev/zero", folder.join("0a1b2c3d.2")).unwrap();
    sandbox
        .env("SSL_CERT_DIR", folder)
        .run(["chat", "hi"])
        .assert_answer("Hello\n");
}

#[test]
fn a_handshake_that_hangs_is_tried_twice() {
    let front = Front::silent();
    let started = Instant::now();
    let outcome = sandbox(&front).run(["chat", "hi"]);
    outcome
        .assert_failure(6)
        .assert_stdout("")
        .assert_stderr_has("(2 of 2)")
        .assert_stderr_has("timed out after 10 s");
    assert_eq!(front.seen().connections, 2, "{outcome}");
    // Two timeouts of 10 s, a wait below 0.5 s, and what a loaded machine adds.
    assert!(started.elapsed() < Duration::from_secs(29), "{outcome}");
}
