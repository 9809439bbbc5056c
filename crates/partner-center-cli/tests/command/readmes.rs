//! The sessions of the README work as they are printed.

use std::process::Command;

use crate::home::Home;

#[test]
fn the_sessions_of_the_readme_are_what_a_newcomer_sees() {
    let readme = partner_center_tests::root().join("README.md");
    let readme = std::fs::read_to_string(readme).expect("the README");
    let sessions: Vec<_> = readme.split("```console\n").skip(1).collect();
    assert_eq!(sessions.len(), 3);
    for session in sessions {
        let (session, _) = session.split_once("```").expect("an end");
        // Nobody else has this port.
        let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr());
        let session = session.replace("4711", &port.expect("a port").port().to_string());
        let shown = typed(&session);
        assert_eq!(at_any_time(&shown), at_any_time(&session), "the README has another session");
    }
}

/// What a shell shows of the commands of a session, as on a terminal, where both streams end.
fn typed(session: &str) -> String {
    let commands = session.lines().filter_map(|line| line.strip_prefix("$ "));
    assert!(commands.clone().count() >= 4);
    let mut script = String::from("exec 2>&1\n");
    for command in commands {
        let shown = command.replace('\'', "'\\''");
        script.extend(["printf '%s\\n' '$ ", &shown, "'\n", command, "\n"]);
    }
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_partner-center"));
    let folder = program.parent().expect("a folder").display();
    let path = std::env::var("PATH").unwrap_or_default();
    let home = Home::new();
    let output = Command::new("sh")
        .args(["-c", &script])
        .current_dir(home.path())
        .env_clear()
        .env("HOME", home.path())
        .env("PATH", format!("{folder}:{path}"))
        .output()
        .expect("a shell");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Without the times of changes, how many a command wrote before it was killed, what the shell says of that, and the mark
/// of the order of bytes.
fn at_any_time(text: &str) -> String {
    let line = |line: &str| match (line.split_once("Z  "), line.split_once(" of ")) {
        (Some((time, who)), _) if time.len() == "2026-11-28 20:12:25".len() => {
            format!("[time]  {who}\n")
        }
        (_, Some((number, left))) if left.ends_with("are left") => {
            assert!(number.parse::<u32>().is_ok(), "{line}");
            format!("[number] of {left}\n")
        }
        _ if line.starts_with("Killed") || line.ends_with("Killed") => String::new(),
        _ => format!("{}\n", line.trim_start_matches('\u{feff}')),
    };
    text.lines().map(line).collect()
}
