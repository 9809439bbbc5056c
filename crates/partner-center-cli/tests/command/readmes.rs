//! The session of the README works as it is printed.

use std::process::Command;

use crate::home::Home;

#[test]
fn the_session_of_the_readme_is_what_a_newcomer_sees() {
    let readme = partner_center_tests::root().join("README.md");
    let readme = std::fs::read_to_string(readme).expect("the README");
    let session = readme.split_once("```console\n").and_then(|(_, rest)| rest.split_once("```"));
    let (session, _) = session.expect("a session");
    let lines = session.lines().collect::<Vec<_>>();
    let commands = lines.iter().filter_map(|line| line.strip_prefix("$ "));
    assert!(commands.clone().count() >= 5);

    let home = Home::new();
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_partner-center"));
    let folder = program.parent().expect("a folder").display();
    let path = std::env::var("PATH").unwrap_or_default();
    let mut shown = String::new();
    for command in commands {
        // As on a terminal, where both streams end.
        let output = Command::new("sh")
            .args(["-c", &format!("{{ {command}; }} 2>&1")])
            .env_clear()
            .env("HOME", home.path())
            .env("PATH", format!("{folder}:{path}"))
            .output()
            .expect("a shell");
        shown.extend(["$ ", command, "\n", &String::from_utf8_lossy(&output.stdout)]);
    }
    assert_eq!(shown, session, "the README has another session than this");
}
