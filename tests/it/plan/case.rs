//! One case: a project, what is changed of it, the plan, and what `up` then did.

use std::fs;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::happened::{State, agree, compare};
use super::mutations::Mutation;
use super::projects::Project;
use crate::drift::kiosk::Kiosk;
use crate::outside::{Outside, everything};
use crate::project::Ran;

/// A project and its changes.
pub(super) struct Case {
    project: &'static Project,
    mutations: Vec<&'static Mutation>,
}

/// A project that runs, while it is changed.
pub(super) struct Setup {
    pub(super) kiosk: Kiosk,
    file: Value,
    is_changed: bool,
    /// Whether the date of the file is older than what runs.
    pub(super) is_old: bool,
    /// The options of `up` and of `plan`.
    options: Vec<String>,
    service: Option<&'static str>,
}

impl Setup {
    /// Sets a value of the Compose file.
    pub(super) fn set(&mut self, path: &str, value: Value) {
        self.edit(|file| {
            let mut at = file;
            for key in path.split('/') {
                at = &mut at[key];
            }
            *at = value;
        });
    }

    /// Removes a key of the Compose file.
    pub(super) fn remove(&mut self, path: &str) {
        self.edit(|file| {
            let (parent, key) = path.rsplit_once('/').unwrap();
            let mut at = file;
            for key in parent.split('/') {
                at = &mut at[key];
            }
            at.as_object_mut().unwrap().remove(key);
        });
    }

    pub(super) fn edit(&mut self, change: impl FnOnce(&mut Value)) {
        change(&mut self.file);
        self.is_changed = true;
    }

    pub(super) fn docker(&self, arguments: &str) {
        self.kiosk.docker(arguments);
    }

    pub(super) fn option(&mut self, options: &[&str]) {
        self.options
            .extend(options.iter().map(|&one| one.to_owned()));
    }

    /// `up` is for one service.
    pub(super) fn service(&mut self, service: &'static str, options: &[&str]) {
        self.service = Some(service);
        self.option(options);
    }

    /// Writes the file as if it was changed after all that runs was created.
    pub(super) fn save(&self) {
        let path = self.kiosk.path("compose.yml");
        fs::write(&path, self.kiosk.own(&self.file.to_string())).unwrap();
        let file = fs::File::options().append(true).open(path).unwrap();
        let now = SystemTime::now();
        let date = if self.is_old {
            now - Duration::from_secs(86_400)
        } else {
            now + Duration::from_secs(2)
        };
        file.set_modified(date).unwrap();
    }

    fn plan(&self) -> Result<Value, String> {
        let mut arguments = vec!["plan", "-f", "compose.yml", "--format", "json"];
        arguments.extend(["--docker", self.kiosk.outside.url()]);
        arguments.extend(self.options.iter().map(String::as_str));
        if let Some(service) = self.service {
            arguments.extend(["--service", service]);
        }
        let Ran {
            code,
            stdout,
            stderr,
        } = self.kiosk.run(&arguments);
        match code {
            Some(0 | 1) => {
                let plan: Value = serde_json::from_str(&stdout).unwrap();
                let compose = &plan["hosts"][0]["compose"];
                assert_eq!(compose["origin"], "cli", "{compose}");
                Ok(plan)
            }
            code => Err(format!("plan ended with {code:?}: {stderr}")),
        }
    }

    /// Runs `up`; whether it worked, and what it said.
    fn up(&self) -> (bool, String) {
        let mut command = self.kiosk.outside.docker(&["compose", "-f"]);
        command.arg(self.kiosk.path("compose.yml"));
        command
            .env("FROM_SHELL", "here")
            .args(["up", "-d", "-t", "0"])
            .args(&self.options);
        let output = command.args(self.service).output().unwrap();
        (output.status.success(), everything(&output))
    }
}

impl Case {
    pub(super) fn of(project: &'static Project, mutations: &[&'static Mutation]) -> Self {
        Self {
            project,
            mutations: mutations.to_vec(),
        }
    }

    pub(super) fn name(&self) -> String {
        let names: Vec<&str> = self.mutations.iter().map(|one| one.name).collect();
        format!("{}: {}", self.project.name, names.join(" + "))
    }

    /// Compares the plan with what happens on an engine. Whether a part of it is not certain.
    pub(super) fn try_on(&self, engine: Outside) -> Result<bool, String> {
        // Where the docker CLI and Compose are; they are the same in every case.
        let config = engine.setting("DOCKER_CONFIG").to_owned().leak();
        let kiosk = Kiosk::on(engine)
            .set("PATH", "/usr/local/bin:/usr/bin:/bin")
            .set("DOCKER_CONFIG", config)
            .set("FROM_SHELL", "here");
        let file = (self.project.file)();
        kiosk.write("compose.yml", &file.to_string());
        kiosk.docker("tag composegen-stub:latest NAME-image:latest");
        if self.project.name == "office" {
            kiosk.docker("network create NAME-outer-there");
            kiosk.docker("volume create NAME-theirs");
        }
        let kiosk = kiosk.up();
        let mut setup = Setup {
            kiosk,
            file,
            is_changed: false,
            is_old: false,
            options: Vec::new(),
            service: None,
        };
        for mutation in &self.mutations {
            (mutation.apply)(&mut setup);
        }
        if setup.is_changed {
            setup.save();
        }
        // A job ends by itself.
        if self.project.name == "jobs" {
            let job = setup.kiosk.container("job");
            let list = setup.kiosk.docker("ps -aq --filter name=NAME-job-1");
            if !list.is_empty() {
                setup
                    .kiosk
                    .wait_for(&job, |one| one["State"]["Running"] == false);
            }
        }
        let before = State::of(&setup.kiosk);
        let plan = setup.plan()?;
        if setup.options.is_empty() && setup.service.is_none() {
            agree(&plan, &setup.kiosk.drift().findings)?;
        }
        let (is_done, said) = setup.up();
        let after = State::of(&setup.kiosk);
        let drift = setup.kiosk.drift();
        let is_whole = setup.service.is_none() && !setup.options.contains(&"--scale".to_owned());
        let found = drift.findings.as_slice();
        let compared = compare(&plan, (&before, &after), is_done, (found, is_whole));
        compared.map_err(|why| {
            let operations = serde_json::to_string(&plan["operations"]).unwrap();
            format!("{why}\n  plan: {operations}\n  up (worked: {is_done}): {said}")
        })
    }
}
