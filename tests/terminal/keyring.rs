//! Keys in a real Secret Service: stored, used, bound to their server, removed; and the service locked, hung or missing.

use std::time::Duration;

use crate::provider::Provider;
use crate::pty::USUAL;
use crate::secret_service::{Bus, HungBus, SecretService, is_wanted, no_bus};
use crate::stage::{KEY, Ran, Stage, mode};

/// Longest time until a keyring that does not answer is given up.
const PATIENCE: Duration = Duration::from_millis(3500);

const ADD: &[&str] =
    &["add-llm-profile", "or-claude", "--no-input", "--provider", "openrouter", "--model", "anthropic/claude-sonnet-4", "--api-key-stdin"];

const NAMED: &str = "\
llm_profiles:
  or-claude:
    model: anthropic/claude-sonnet-4
    api_key: keyring://amx/or-claude/api_key
active_llm_profile: or-claude
";

/// A stage with a profile whose key was stored by amx.
fn stage_with_key(service: &SecretService) -> Stage {
    let stage = Stage::bare().with_bus(service.address());
    stage.run_with_input(ADD, KEY).ok();
    stage
}

fn bearer(stage: &Stage) -> Option<String> {
    stage.provider.chats().pop().unwrap().authorization
}

#[test]
fn the_key_goes_to_the_keyring_and_to_no_file() {
    if !is_wanted("the_key_goes_to_the_keyring_and_to_no_file") {
        return;
    }
    let service = SecretService::unlocked();
    let stage = Stage::bare().with_bus(service.address());
    let ran = stage.run_with_input(ADD, &format!("{KEY}\n")).ok();
    assert!(!ran.stdout.contains(KEY) && !ran.stderr.contains(KEY), "{ran:#?}");
    assert_eq!(service.lookup("or-claude/api_key").as_deref(), Some(KEY));
    let config = stage.config();
    assert!(config.contains("api_key: keyring://amx/or-claude/api_key"), "{config}");
    assert!(config.contains("active_llm_profile: or-claude"), "{config}");
    stage.assert_on_no_disk(KEY);
    assert_eq!((mode(&stage.amx_folder()), mode(&stage.config_file())), (0o700, 0o600));
}

#[test]
fn modes_do_not_depend_on_the_umask() {
    if !is_wanted("modes_do_not_depend_on_the_umask") {
        return;
    }
    let service = SecretService::unlocked();
    let stage = Stage::bare().with_bus(service.address());
    let script = format!("umask 000; printf %s {KEY} | \"$AMX\" {}", ADD.join(" "));
    assert!(stage.shell(&script).status().unwrap().success());
    assert_eq!((mode(&stage.amx_folder()), mode(&stage.config_file())), (0o700, 0o600));
}

#[test]
fn chat_uses_the_stored_key() {
    if !is_wanted("chat_uses_the_stored_key") {
        return;
    }
    let service = SecretService::unlocked();
    let stage = stage_with_key(&service);
    stage.run(&["chat", "hello"]).ok().prints(&["scripted answer"]);
    assert_eq!(bearer(&stage), Some(format!("Bearer {KEY}")));
}

#[test]
fn a_key_of_the_environment_wins_and_is_not_stored() {
    if !is_wanted("a_key_of_the_environment_wins_and_is_not_stored") {
        return;
    }
    let service = SecretService::unlocked();
    let other = KEY.replace("5tage", "0ther");
    let stage = stage_with_key(&service).with("OPENROUTER_API_KEY", &other);
    stage.run(&["chat", "hello"]).ok();
    assert_eq!(bearer(&stage), Some(format!("Bearer {other}")));
    assert_eq!(service.lookup("or-claude/api_key").as_deref(), Some(KEY));
    stage.assert_on_no_disk(&other);
}

#[test]
fn a_stored_key_stays_away_from_another_server() {
    if !is_wanted("a_stored_key_stays_away_from_another_server") {
        return;
    }
    let service = SecretService::unlocked();
    let elsewhere = Provider::start();
    let stage = stage_with_key(&service).with("OPENROUTER_BASE_URL", &elsewhere.url());
    stage.run(&["chat", "hello"]).fails_with(4).says(&["hint: amx add-llm-profile"]);
    let stage = stage.without("OPENROUTER_BASE_URL");
    let moved = stage.config().replace("model:", &format!("base_url: {}\n    model:", elsewhere.url()));
    let stage = stage.with_config(&moved);
    stage.run(&["chat", "hello"]).fails_with(4).says(&["hint: amx add-llm-profile"]);
    assert_eq!(elsewhere.asked().len(), 0, "the other server was asked");
}

#[test]
fn removing_a_profile_removes_its_key() {
    if !is_wanted("removing_a_profile_removes_its_key") {
        return;
    }
    let service = SecretService::unlocked();
    let stage = stage_with_key(&service);
    stage.run(&["profiles", "remove", "or-claude", "--yes"]).ok();
    assert_eq!(service.lookup("or-claude/api_key"), None);
    assert!(!stage.config().contains("or-claude"), "{}", stage.config());
}

#[test]
fn renaming_a_profile_moves_its_key() {
    if !is_wanted("renaming_a_profile_moves_its_key") {
        return;
    }
    let service = SecretService::unlocked();
    let stage = stage_with_key(&service);
    stage.run(&["profiles", "rename", "or-claude", "claude"]).ok();
    assert_eq!(service.lookup("or-claude/api_key"), None);
    assert_eq!(service.lookup("claude/api_key").as_deref(), Some(KEY));
    let config = stage.config();
    assert!(config.contains("keyring://amx/claude/api_key") && config.contains("active_llm_profile: claude"), "{config}");
    stage.run(&["chat", "hello"]).ok();
    assert_eq!(bearer(&stage), Some(format!("Bearer {KEY}")));
}

#[test]
fn references_of_the_ancestor_are_read() {
    if !is_wanted("references_of_the_ancestor_are_read") {
        return;
    }
    let service = SecretService::unlocked();
    service.store("llm_profiles/old/api_key", KEY);
    let config = "llm_profiles:\n  old:\n    model: a/b\n    api_key: keyring:llm_profiles/old/api_key\nactive_llm_profile: old\n";
    let stage = Stage::bare().with_bus(service.address()).with_config(config);
    // A key that another program stored may go to the provider's own server only.
    let ran = stage.run(&["chat", "hello"]).fails_with(4);
    assert!(!ran.stderr.contains("has no key"), "the reference was not read: {ran:#?}");
    assert_eq!(stage.provider.asked().len(), 0);
    service.store("llm_profiles/old/api_key.origin", stage.provider.url().strip_suffix("/api/v1").unwrap());
    stage.run(&["chat", "hello"]).ok();
    assert_eq!(bearer(&stage), Some(format!("Bearer {KEY}")));
}

#[test]
fn a_locked_keyring_is_exit_4() {
    if !is_wanted("a_locked_keyring_is_exit_4") {
        return;
    }
    let service = SecretService::unlocked();
    let stage = stage_with_key(&service);
    let locked = service.locked_again();
    let stage = stage.with("DBUS_SESSION_BUS_ADDRESS", locked.address());
    assert!(stage.run(&["chat", "hello"]).fails_with(4).took < PATIENCE);
    let stage = Stage::bare().with_bus(locked.address());
    assert_nothing_stored(&stage, stage.run_with_input(ADD, KEY));
}

/// A failed attempt to add a profile: exit 4 in time, nothing written, the three other ways named.
fn assert_nothing_stored(stage: &Stage, ran: Ran) {
    assert!(ran.took < PATIENCE, "{ran:#?}");
    let ran = ran.fails_with(4).says(&["OPENROUTER_API_KEY", "cmd:", "file:"]);
    assert!(!ran.stderr.contains(KEY) && !ran.stdout.contains(KEY), "{ran:#?}");
    stage.assert_nothing_written();
}

#[test]
fn without_a_keyring_nothing_is_written_and_the_choices_are_named() {
    let hung = HungBus::start();
    for address in [&hung.address(), no_bus()] {
        let stage = Stage::bare().with_bus(address);
        assert_nothing_stored(&stage, stage.run_with_input(ADD, KEY));
    }
    let stage = Stage::bare();
    assert_nothing_stored(&stage, stage.run_with_input(ADD, KEY));
    if is_wanted("a bus without a Secret Service") {
        let bus = Bus::start();
        let stage = Stage::bare().with_bus(&bus.address);
        assert_nothing_stored(&stage, stage.run_with_input(ADD, KEY));
    }
}

#[test]
fn a_hung_keyring_ends_the_wizard() {
    let hung = HungBus::start();
    let stage = Stage::bare().with_bus(&hung.address());
    let terminal = stage.terminal(&["add-llm-profile", "or-claude", "--provider", "openrouter", "--model", "a/b"], USUAL);
    assert_eq!(terminal.wait_exit(), 4, "{}", terminal.transcript());
    terminal.wait_for("cmd:");
    terminal.assert_restored();
    stage.assert_nothing_written();
}

#[test]
fn a_hung_keyring_is_given_up_in_time() {
    let hung = HungBus::start();
    let stage = Stage::bare().with_bus(&hung.address()).with_config(NAMED);
    let ran = stage.run(&["chat", "hello"]).fails_with(4);
    assert!(ran.took < PATIENCE, "{ran:#?}");
    assert_eq!(stage.provider.asked().len(), 0);
    assert!(hung.was_touched());
}

#[test]
fn a_key_of_the_environment_needs_no_keyring() {
    let hung = HungBus::start();
    let stage = Stage::bare().with_bus(&hung.address()).with_config(NAMED).with("OPENROUTER_API_KEY", KEY);
    let ran = stage.run(&["chat", "hello"]).ok();
    assert!(ran.took < Duration::from_secs(2) && !hung.was_touched(), "{ran:#?}");
}

#[test]
fn commands_without_a_key_never_touch_the_keyring() {
    let hung = HungBus::start();
    let stage = Stage::bare().with_bus(&hung.address()).with_config(NAMED);
    let commands: &[&[&str]] = &[
        &["--help"],
        &["--version"],
        &["chat", "--help"],
        &["config", "path"],
        &["config", "show"],
        &["config", "explain", "model"],
        &["config", "explain", "api_key"],
        &["config", "validate"],
        &["profiles", "list"],
        &["profiles", "show", "or-claude"],
        &["profiles", "use", "or-claude"],
        &["chat", "--dry-run", "hello"],
        &["chat", "-p", "demo", "hello"],
        &["completions", "bash"],
    ];
    for arguments in commands {
        let ran = stage.run(arguments).ok();
        assert!(!hung.was_touched(), "{arguments:?} touched the keyring");
        assert!(ran.took < Duration::from_secs(2), "{arguments:?} took {:?}", ran.took);
    }
}

#[test]
fn amx_no_keyring_is_obeyed() {
    let hung = HungBus::start();
    let stage = Stage::bare().with_config(NAMED).with("DBUS_SESSION_BUS_ADDRESS", &hung.address());
    stage.run(&["chat", "hello"]).fails_with(4).says(&["AMX_NO_KEYRING"]);
    assert!(!hung.was_touched());
}
