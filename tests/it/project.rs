//! A project in a folder of its own, and the binary run in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// The repository's root.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A copy of a project, removed when it goes out of scope.
pub(crate) struct Project {
    folder: TempDir,
}

/// What a run of the binary gave.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The binary, without the variables of this process.
pub(crate) fn composegen() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_composegen"));
    command.env_clear();
    command
}

impl Ran {
    /// Runs a command to its end.
    pub(crate) fn of(command: &mut Command) -> Self {
        Self::from(command.output().unwrap())
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Project {
    /// The small project that the fixtures of broken ones are made from.
    pub(crate) fn sound() -> Self {
        Self::copy_of(&root().join("tests/fixtures/sound"))
    }

    /// The specs and templates of this repository.
    pub(crate) fn nata() -> Self {
        Self::copy_of(root())
    }

    /// A folder with nothing in it.
    pub(crate) fn empty() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("composegen-")
            .tempdir()
            .unwrap();
        Self { folder }
    }

    pub(crate) fn copy_of(from: &Path) -> Self {
        let project = Self::empty();
        for part in ["environments", "templates", "fixtures"] {
            if from.join(part).is_dir() {
                copy(&from.join(part), &project.path(part));
            }
        }
        project
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn remove(&self, name: &str) {
        fs::remove_file(self.path(name)).unwrap();
    }

    /// Replaces a text that must stand in the file.
    pub(crate) fn edit(&self, name: &str, old: &str, new: &str) {
        let text = self.read(name);
        assert!(text.contains(old), "{name} holds {old:?}");
        self.write(name, &text.replacen(old, new, 1));
    }

    /// An edit: `edit FILE`, the lines that go (`- `) and those that come (`+ `); or `delete FILE`.
    pub(crate) fn apply(&self, edit: &str) {
        let mut file = String::new();
        let (mut old, mut new): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
        let flush = |file: &str, old: &mut Vec<&str>, new: &mut Vec<&str>| {
            if old.is_empty() {
                return;
            }
            let gone = if new.is_empty() { "\n" } else { "" };
            self.edit(file, &(old.join("\n") + gone), &new.join("\n"));
            old.clear();
            new.clear();
        };
        for line in edit.lines() {
            match line.split_once(' ').unwrap_or((line, "")) {
                ("edit", name) => {
                    flush(&file, &mut old, &mut new);
                    name.clone_into(&mut file);
                }
                ("delete", name) => self.remove(name),
                ("-", text) => {
                    if !new.is_empty() {
                        flush(&file, &mut old, &mut new);
                    }
                    old.push(text);
                }
                ("+", text) => new.push(text),
                _ => panic!("not an edit: {line:?}"),
            }
        }
        flush(&file, &mut old, &mut new);
    }

    /// Runs the binary in the project, without colours and without the variables of this process.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, &[])
    }

    pub(crate) fn run_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Ran {
        let mut command = composegen();
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .envs(variables.iter().copied());
        Ran::of(&mut command)
    }

    /// Every file below the project's folder with its content, for "nothing was written".
    pub(crate) fn everything(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut found = Vec::new();
        list(self.folder.path(), &mut found);
        found.sort();
        found
    }
}

pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn list(folder: &Path, found: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.push((path.clone(), Vec::new()));
            list(&path, found);
        } else {
            // What a process that was killed had begun to delete may be gone by now.
            match fs::read(&path) {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                content => found.push((path, content.unwrap())),
            }
        }
    }
}
