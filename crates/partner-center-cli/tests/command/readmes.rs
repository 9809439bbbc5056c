//! The sessions of the README work as they are printed.

use std::process::Command;

use crate::home::Home;

#[test]
fn the_sessions_of_the_readme_are_what_a_newcomer_sees() {
    let readme = partner_center_tests::root().join("README.md");
    let readme = std::fs::read_to_string(readme).expect("the README");
    let sessions: Vec<_> = readme.split("```console\n").skip(1).collect();
    assert_eq!(sessions.len(), 2);
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_partner-center"));
    let folder = program.parent().expect("a folder").display();
    let path = std::env::var("PATH").unwrap_or_default();
    for session in sessions {
        let (session, _) = session.split_once("```").expect("an end");
        let commands = session.lines().filter_map(|line| line.strip_prefix("$ "));
        assert!(commands.clone().count() >= 4);
        let home = Home::new();
        let mut shown = String::new();
        for command in commands {
            // As on a terminal, where both streams end.
            let output = Command::new("sh")
                .args(["-c", &format!("{{ {command}; }} 2>&1")])
                .current_dir(home.path())
                .env_clear()
                .env("HOME", home.path())
                .env("PATH", format!("{folder}:{path}"))
                .output()
                .expect("a shell");
            shown.extend(["$ ", command, "\n", &String::from_utf8_lossy(&output.stdout)]);
        }
        assert_eq!(at_any_time(&shown), at_any_time(session), "the README has another session");
    }
}

/// Without the times of changes.
fn at_any_time(text: &str) -> String {
    let line = |line: &str| match line.split_once("Z  ") {
        Some((time, who)) if time.len() == "2026-11-28 20:12:25".len() => {
            format!("[time]  {who}\n")
        }
        _ => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}
