//! What there is to read: every help page, the man pages, the completions.

use crate::home::{Home, Ran};

const COMMANDS: &[&str] = &[
    "",
    "login",
    "logout",
    "status",
    "customer",
    "customer list",
    "customer show",
    "customer billing-profile",
    "customer billing-profile show",
    "customer billing-profile history",
    "customer billing-profile set",
    "customer billing-profile edit",
    "export",
    "apply",
    "web",
    "address",
    "address validate",
    "address rules",
    "billing-profile",
    "billing-profile show",
    "billing-profile set",
    "billing-profile edit",
    "emulator",
    "completions",
    "man",
];

fn help(command: &str) -> Ran {
    let mut arguments: Vec<_> = command.split_whitespace().collect();
    arguments.push("--help");
    let home = Home::new();
    let output = home.command(&arguments).output().expect("a process");
    home.ran(&arguments, &output)
}

#[test]
fn every_page_is_as_it_was_read() {
    for command in COMMANDS {
        let page = help(command);
        assert_eq!((page.code, &*page.stderr), (Some(0), ""), "{command}");
        let name = format!("help-{}", if command.is_empty() { "partner-center" } else { command });
        insta::with_settings!({
            snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true
        }, {
            insta::assert_snapshot!(name.replace(' ', "-"), page.stdout);
        });
    }
}

#[test]
fn every_page_has_an_example_and_no_command_is_left_out() {
    for command in COMMANDS {
        let page = help(command).stdout;
        assert!(page.contains("Example:\n  "), "{command}");
        assert!(page.lines().all(|line| line.chars().count() <= 100), "{command}");
        let listed = page.lines().skip_while(|line| *line != "Commands:").skip(1);
        for line in listed.take_while(|line| !line.is_empty()) {
            let name = line.split_whitespace().next().expect("a name");
            let whole = format!("{command} {name}");
            assert!(name == "help" || COMMANDS.contains(&whole.trim()), "{whole}");
        }
    }
}

#[test]
fn the_short_help_and_the_version_are_there() {
    let home = Home::new();
    crate::snapshot!("help-short", home.run(&["-h"]));
    let version = home.run(&["--version"]);
    assert_eq!(version.stdout, concat!("partner-center ", env!("CARGO_PKG_VERSION"), "\n"));
    // Nothing was asked for: the same page, as an error.
    assert_eq!(home.run(&[]).code, Some(2));
}

#[test]
fn the_exit_codes_are_in_the_man_page_and_there_is_a_page_for_each_command() {
    let home = Home::new();
    let page = home.command(&["man"]).output().expect("a process");
    let page = String::from_utf8(page.stdout).expect("UTF-8");
    assert!(page.starts_with(".ie"), "{page}");
    for text in ["Exit status:", "3  a conflict is left", "AZURE_CLIENT_SECRET"] {
        assert!(page.contains(text), "{text}");
    }
    let pages = home.path().join("pages");
    let ran = home.run(&["man", "--dir", &pages.display().to_string()]);
    assert_eq!((ran.code, &*ran.stderr), (Some(0), ""));
    for command in COMMANDS {
        let name = format!("partner-center {command}").trim().replace(' ', "-");
        assert!(pages.join(format!("{name}.1")).is_file(), "{name}");
    }
    let file = home.write("a-file", "");
    let ran = home.run(&["man", "--dir", &file.display().to_string()]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
}

#[test]
fn completions_know_the_members() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = home.command(&["completions", shell]).output().expect("a process");
        let script = String::from_utf8(script.stdout).expect("UTF-8");
        assert!(script.contains("PARTNER_CENTER_COMPLETE"), "{shell}: {script}");
        let words = ["billing-profile", "set", "--purchase"];
        let offered = home.completions(shell, &words);
        assert!(offered.starts_with("--purchase-order-number"), "{shell}: {offered}");
    }
    assert_eq!(home.run(&["completions", "cmd"]).code, Some(2));
}
