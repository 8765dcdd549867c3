//! Another program, run within limits of time and output, and ended with all that it started.

use std::io;
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use group::Group;
use pipes::Pipes;

/// How often a program is looked at.
const PAUSE: Duration = Duration::from_millis(5);

/// How long a program may take, and how much it may print, in bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) time: Duration,
    pub(crate) output: usize,
}

/// What becomes of what a program prints on standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Complaints {
    /// It is dropped.
    Dropped,
    /// It is kept with the rest.
    Kept,
}

/// How a program ended.
#[derive(Debug)]
pub(crate) enum End {
    /// By itself.
    Status(ExitStatus),
    /// It took too long.
    Late,
    /// It printed too much.
    TooLong,
}

/// A program that has ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) end: End,
    /// What it printed, as far as the limit goes.
    pub(crate) output: Vec<u8>,
}

/// Runs a program with an input to its end, or to one of the limits. What it started and left running is ended
/// with it, also where this process ends first.
///
/// # Errors
/// A program that cannot be started.
pub(crate) fn run(
    mut command: Command,
    input: &[u8],
    complaints: Complaints,
    limits: Limits,
) -> io::Result<Ended> {
    let (output, writer) = io::pipe()?;
    command
        .stdin(if input.is_empty() {
            Stdio::null()
        } else {
            Stdio::piped()
        })
        .stderr(match complaints {
            Complaints::Dropped => Stdio::null(),
            Complaints::Kept => writer.try_clone()?.into(),
        })
        .stdout(writer);
    let group = Group::new(&mut command)?;
    let mut child = command.spawn()?;
    // It holds the other end of the pipe.
    drop(command);
    let mut pipes = Pipes::new(output, child.stdin.take(), input, limits.output)?;
    let start = Instant::now();
    let end = loop {
        // What it printed before it ended is read after it has.
        let ended = child.try_wait()?;
        let has_moved = pipes.go_on();
        if pipes.is_too_long() {
            break End::TooLong;
        }
        match ended {
            Some(_) if has_moved => {}
            Some(status) => break End::Status(status),
            None if start.elapsed() >= limits.time => break End::Late,
            None if has_moved => {}
            None => thread::sleep(PAUSE),
        }
    };
    group.end(&mut child);
    let mut output = pipes.output();
    output.truncate(limits.output);
    Ok(Ended { end, output })
}

#[cfg(unix)]
mod group {
    use std::io;
    use std::os::unix::process::CommandExt as _;
    use std::process::{Child, Command, Stdio};

    /// A shell that waits for the end of a pipe that only this process holds open, and then ends its process group,
    /// itself included. The kernel closes the pipe if this process is killed, too.
    const SCRIPT: &str = "trap '' HUP INT QUIT TERM; read -r _; kill -s KILL 0";

    /// A process group, which ends with this value.
    #[derive(Debug)]
    pub(super) struct Group(Child);

    impl Group {
        /// A group in which a program will run.
        #[allow(
            clippy::disallowed_methods,
            reason = "nothing but these words is given to it"
        )]
        pub(super) fn new(command: &mut Command) -> io::Result<Self> {
            let shell = Command::new("/bin/sh")
                .args(["-c", SCRIPT])
                .process_group(0)
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()?;
            let group = i32::try_from(shell.id()).map_err(io::Error::other)?;
            command.process_group(group);
            Ok(Self(shell))
        }

        /// Ends the program and the group.
        pub(super) fn end(self, child: &mut Child) {
            drop(self);
            // It may have ended the shell.
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    impl Drop for Group {
        fn drop(&mut self) {
            drop(self.0.stdin.take());
            let _ = self.0.wait();
        }
    }
}

#[cfg(not(unix))]
mod group {
    use std::io;
    use std::process::{Child, Command};

    /// Nothing: there are no process groups.
    #[derive(Debug)]
    pub(super) struct Group;

    impl Group {
        pub(super) fn new(_: &mut Command) -> io::Result<Self> {
            Ok(Self)
        }

        pub(super) fn end(self, child: &mut Child) {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

#[cfg(unix)]
mod pipes {
    use std::io::{self, PipeReader, Read as _, Write as _};
    use std::os::fd::AsFd;
    use std::process::ChildStdin;

    use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};

    /// The pipes of a program. Neither is waited for: what left the process group may keep them open.
    #[derive(Debug)]
    pub(super) struct Pipes<'a> {
        reader: PipeReader,
        kept: Vec<u8>,
        most: usize,
        writer: Option<ChildStdin>,
        left: &'a [u8],
    }

    impl<'a> Pipes<'a> {
        pub(super) fn new(
            reader: PipeReader,
            writer: Option<ChildStdin>,
            left: &'a [u8],
            most: usize,
        ) -> io::Result<Self> {
            without_waiting(&reader)?;
            if let Some(writer) = &writer {
                without_waiting(writer)?;
            }
            Ok(Self {
                reader,
                kept: Vec::new(),
                most,
                writer,
                left,
            })
        }

        /// Reads and writes what can be now. Whether anything could.
        pub(super) fn go_on(&mut self) -> bool {
            let mut part = [0; 4096];
            let read = self.reader.read(&mut part).unwrap_or_default();
            self.kept
                .extend_from_slice(part.get(..read).unwrap_or_default());
            read > 0 || self.write()
        }

        fn write(&mut self) -> bool {
            let Some(writer) = &mut self.writer else {
                return false;
            };
            match writer.write(self.left) {
                Ok(written) => self.left = self.left.get(written..).unwrap_or_default(),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return false,
                // A program need not read it.
                Err(_) => self.left = &[],
            }
            if self.left.is_empty() {
                self.writer = None;
            }
            true
        }

        pub(super) fn is_too_long(&self) -> bool {
            self.kept.len() > self.most
        }

        pub(super) fn output(self) -> Vec<u8> {
            self.kept
        }
    }

    fn without_waiting(pipe: &impl AsFd) -> io::Result<()> {
        let flags = fcntl_getfl(pipe)?;
        Ok(fcntl_setfl(pipe, flags | OFlags::NONBLOCK)?)
    }
}

#[cfg(not(unix))]
mod pipes {
    use std::io::{self, PipeReader, Read as _, Write as _};
    use std::process::ChildStdin;
    use std::sync::mpsc::{Receiver, channel};
    use std::thread;

    /// The pipes of a program, each with a thread that waits for it.
    #[derive(Debug)]
    pub(super) struct Pipes {
        parts: Receiver<Vec<u8>>,
        kept: Vec<u8>,
        most: usize,
    }

    impl Pipes {
        pub(super) fn new(
            mut reader: PipeReader,
            writer: Option<ChildStdin>,
            input: &[u8],
            most: usize,
        ) -> io::Result<Self> {
            if let Some(mut writer) = writer {
                let input = input.to_vec();
                // A program need not read it.
                thread::spawn(move || writer.write_all(&input));
            }
            let (sender, parts) = channel();
            thread::spawn(move || {
                let mut part = [0; 4096];
                while let Ok(read @ 1..) = reader.read(&mut part) {
                    let part = part.get(..read).unwrap_or_default().to_vec();
                    if sender.send(part).is_err() {
                        break;
                    }
                }
            });
            Ok(Self {
                parts,
                kept: Vec::new(),
                most,
            })
        }

        pub(super) fn go_on(&mut self) -> bool {
            let part = self.parts.try_recv();
            self.kept.extend(part.iter().flatten());
            part.is_ok()
        }

        pub(super) fn is_too_long(&self) -> bool {
            self.kept.len() > self.most
        }

        pub(super) fn output(self) -> Vec<u8> {
            self.kept
        }
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    #![allow(clippy::disallowed_methods, reason = "tests run programs of their own")]

    use std::process::Command;
    use std::time::{Duration, Instant};

    use super::{Complaints, End, Ended, Limits, run};

    /// What a shell does within a second and 64 KiB, and how long that took.
    fn ran(script: &str, input: &str) -> (Ended, Duration) {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        let limits = Limits {
            time: Duration::from_secs(1),
            output: 64 << 10,
        };
        let start = Instant::now();
        let ended = run(command, input.as_bytes(), Complaints::Kept, limits).unwrap();
        (ended, start.elapsed())
    }

    #[test]
    fn a_program_gets_its_input_and_what_it_prints_is_kept() {
        let long = "x".repeat(200 << 10);
        let (ended, _) = ran("wc -c; echo no >&2; exit 3", &long);
        assert_eq!(String::from_utf8_lossy(&ended.output), "204800\nno\n");
        assert!(matches!(ended.end, End::Status(status) if status.code() == Some(3)));
        // It need not read it.
        let (ended, took) = ran("exit 0", &long);
        assert!(matches!(ended.end, End::Status(status) if status.success()));
        assert!(took < Duration::from_secs(1));
    }

    #[test]
    fn what_hangs_prints_without_end_or_forks_is_ended_with_all_of_it() {
        let long = "x".repeat(200 << 10);
        for (script, is_late) in [
            ("sleep 600 & sleep 600", true),
            ("trap '' TERM INT HUP; while :; do sleep 600; done", true),
            ("(while :; do sleep 600 & wait; done) & wait", true),
            ("yes", false),
            ("yes >&2 & wait", false),
            ("cat /dev/zero & sleep 600", false),
        ] {
            let mark = format!("exec 2>&1; : composegen-{}; {script}", std::process::id());
            let (ended, took) = ran(&mark, &long);
            assert_eq!(matches!(ended.end, End::Late), is_late, "{script}");
            assert_eq!(matches!(ended.end, End::TooLong), !is_late, "{script}");
            assert!(ended.output.len() <= 64 << 10, "{script}");
            assert!(took < Duration::from_secs(20), "{script}: {took:?}");
            let left = Command::new("pgrep")
                .args(["-f", &format!("composegen-{};", std::process::id())])
                .output();
            assert_eq!(
                String::from_utf8_lossy(&left.unwrap().stdout),
                "",
                "{script}"
            );
        }
    }

    #[test]
    fn what_a_program_leaves_running_is_not_waited_for() {
        for script in [
            "sleep 600 & echo done",
            // It is in a session of its own, and keeps the pipe.
            "setsid sleep 2 & echo done",
        ] {
            let (ended, took) = ran(script, "");
            assert!(
                matches!(ended.end, End::Status(status) if status.success()),
                "{script}"
            );
            assert_eq!(ended.output, b"done\n", "{script}");
            assert!(took < Duration::from_secs(1), "{script}: {took:?}");
        }
    }
}
