//! ssh and its folder end with composegen, whatever ends composegen.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::fake::{Answer, Fake};
use crate::outside::succeed;

pub(super) const SIGNALS: [&str; 4] = ["INT", "TERM", "HUP", "KILL"];

/// How long a busy machine may take for what takes a moment.
const LONG: Duration = Duration::from_secs(10);

/// Waits until something is so.
pub(crate) fn wait(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < LONG, "{what}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// Whether a process runs; one that has ended and was not asked for is none.
fn runs(process: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let state = stat.rsplit(')').next().unwrap_or_default().trim_start();
    !state.is_empty() && !state.starts_with('Z') && !state.starts_with('X')
}

/// A run that waits for an engine, in a process group of its own, as a shell starts it. The tests may have been started with
/// signals ignored, as by `nohup`; composegen must not inherit that.
pub(super) fn start(engine: &Fake, temporary: &Path) -> Child {
    let file = engine.folder().join("compose.yml");
    fs::write(&file, "services: { web: { image: 'stub:1' } }\n").unwrap();
    Command::new("/usr/bin/env")
        .args(["--default-signal", env!("CARGO_BIN_EXE_composegen")])
        .args([
            "drift",
            "--timeout",
            "60",
            "--docker",
            &engine.url(),
            "--file",
        ])
        .arg(file)
        .env_clear()
        .envs(engine.variables())
        .env("TMPDIR", temporary)
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

pub(super) fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).unwrap().next().is_none()
}

/// An `ssh` that says which processes it is, with one of its own as a `ProxyCommand` is.
const PROCESSES: &str =
    "sleep 61 &\necho $$ $! >\"$PROCESSES.half\"; mv \"$PROCESSES.half\" \"$PROCESSES\"\n";
const FORWARD: &str = "ln -s \"$ENGINE\" \"$LOCAL\"\n";

/// Sends a signal to composegen once its ssh is there, and waits for what must end.
fn ends(script: &str, signal: &str, to_group: bool, is_connected: bool) {
    let what = format!("{signal}, to the group: {to_group}, connected: {is_connected}: {script}");
    let engine = Fake::new(|_| Answer::Stall(Vec::new())).through_ssh(script);
    let at = |name: &str| -> PathBuf { engine.folder().join(name) };
    let (processes, temporary) = (at("processes"), at("tmp"));
    fs::create_dir(&temporary).unwrap();
    let engine_folder = engine.folder().to_owned();
    let engine = engine.with(
        "PROCESSES",
        &engine_folder.join("processes").display().to_string(),
    );
    let mut run = start(&engine, &temporary);
    wait(&what, || processes.exists());
    if is_connected {
        wait(&what, || !engine.requests().is_empty());
    }
    assert!(!is_empty(&temporary), "{what}");
    let process = run.id().to_string();
    let target = if to_group {
        format!("-{process}")
    } else {
        process
    };
    succeed(Command::new("kill").args(["-s", signal, "--", &target]));
    run.wait().unwrap();
    let listed = fs::read_to_string(&processes).unwrap();
    let listed: Vec<&str> = listed.split_whitespace().collect();
    assert_eq!(listed.len(), 2, "{what}: {listed:?}");
    for process in listed {
        wait(&format!("{what}: {process} runs"), || !runs(process));
    }
    wait(&format!("{what}: something is left"), || {
        is_empty(&temporary)
    });
}

#[test]
fn ssh_ends_with_composegen() {
    thread::scope(|scope| {
        for signal in SIGNALS {
            scope.spawn(move || {
                let logs_in = format!("{PROCESSES}exec sleep 60\n");
                ends(&logs_in, signal, false, false);
                let forwards = format!("{FORWARD}{PROCESSES}exec sleep 60\n");
                ends(&forwards, signal, false, true);
                ends(&forwards, signal, true, true);
                let is_stubborn = format!(
                    "trap '' INT TERM HUP\n{FORWARD}{PROCESSES}while :; do sleep 1; done\n"
                );
                ends(&is_stubborn, signal, true, true);
            });
        }
    });
}

/// Killed at any moment of its start, it leaves nothing.
#[test]
fn nothing_is_left_of_a_run_that_is_killed_early() {
    let script = format!("{FORWARD}{PROCESSES}exec sleep 60\n");
    let engine = Fake::new(|_| Answer::Stall(Vec::new())).through_ssh(&script);
    let temporary = engine.folder().join("tmp");
    fs::create_dir(&temporary).unwrap();
    let processes = engine.folder().join("processes").display().to_string();
    let engine = engine.with("PROCESSES", &processes);
    for moment in (0..60).step_by(2) {
        let mut run = start(&engine, &temporary);
        thread::sleep(Duration::from_millis(moment));
        run.kill().unwrap();
        run.wait().unwrap();
    }
    let own = engine.folder().display().to_string();
    wait("something is left", || is_empty(&temporary));
    wait("a shell or an ssh runs", || command_lines(&own).is_empty());
}

/// Processes whose command lines hold a text, with these.
pub(super) fn command_lines(text: &str) -> Vec<(String, String)> {
    let processes = fs::read_dir("/proc").unwrap();
    let lines = processes.filter_map(|process| {
        let process = process.ok()?;
        let line = fs::read(process.path().join("cmdline")).ok()?;
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        Some((process.file_name().into_string().ok()?, line))
    });
    lines.filter(|(_, line)| line.contains(text)).collect()
}
