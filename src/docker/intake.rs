//! Taking in an engine's answers while they come: a record is read as soon as it is complete, and only
//! what was read is kept. What is held of all answers together is limited.

use std::cell::Cell;

use super::answer::Answer;
use super::cutter::{Cutter, List};
use super::failure::{Failure, FailureKind};
use super::json::Json;
use super::reading::{Misread, Reading};
use super::transport::Server;

/// How much is held of all answers together, in bytes: what has come in and is not read yet, and what
/// was read. An engine with 10,000 containers of one project takes some 140 MiB.
const MAX_HELD: usize = 160 << 20;
/// How many fields of all answers together may be unreadable before the engine is.
const MAX_MISREAD: usize = 1000;

/// Takes the next bytes of an answer.
pub(super) type Take<'a> = &'a mut dyn FnMut(&[u8]) -> Result<(), String>;

/// Where answers come from.
pub(super) trait Source {
    /// What people call it.
    fn name(&self) -> &str;

    /// The server, as far as the headers of the answers so far name it.
    fn server(&self) -> Option<&Server>;

    /// Asks for a path, and gives the bytes of the answer to `take` as they come.
    ///
    /// # Errors
    /// An answer that does not come in time or is not a success, and what `take` fails with.
    async fn get(&self, path: &str, take: Take<'_>) -> Result<(), Failure>;

    /// Asks what is at a place in a container, by the path of its archive.
    ///
    /// # Errors
    /// An answer that does not come in time, is not a success, or does not say it.
    async fn stat(&self, path: &str) -> Result<Stat, Failure>;
}

/// What an engine says of a place in a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stat {
    /// Its type and permissions, as Go writes them (`os.FileMode`).
    pub(super) mode: u32,
    /// When it was last changed, in RFC 3339.
    pub(super) modified: Option<String>,
}

/// What was read of a record.
#[derive(Debug)]
pub(super) struct Read<T> {
    pub(super) value: T,
    /// The fields that could not be read.
    pub(super) misread: Vec<Misread>,
}

/// What takes in the answers of one engine.
#[derive(Debug)]
pub(super) struct Intake<'a, S> {
    source: &'a S,
    /// About how much is held of answers, in bytes.
    held: Cell<usize>,
    /// How many fields could not be read.
    misread: Cell<usize>,
    /// How the fields of each record were read.
    #[cfg(test)]
    pub(super) fields: std::cell::RefCell<super::damaged::Fields>,
}

impl<'a, S: Source> Intake<'a, S> {
    pub(super) fn new(source: &'a S) -> Self {
        Self {
            source,
            held: Cell::new(0),
            misread: Cell::new(0),
            #[cfg(test)]
            fields: std::cell::RefCell::default(),
        }
    }

    /// Where the answers come from, as people write it.
    pub(super) fn name(&self) -> &str {
        self.source.name()
    }

    /// The server, as far as the headers of the answers so far name it.
    pub(super) fn server(&self) -> Option<&Server> {
        self.source.server()
    }

    /// What an answer says of one thing.
    ///
    /// # Errors
    /// An answer that does not come in time, is too large, is not a success, is not valid JSON or not an
    /// object, and what `read` fails with.
    pub(super) async fn get<T>(
        &self,
        path: &str,
        what: &str,
        read: impl FnOnce(&Answer<'_>) -> Result<T, String>,
    ) -> Result<Read<T>, Failure> {
        let rest = self.cut_records(path, List::None, |_| Ok(())).await?;
        self.record((path, 0), &rest.bytes, what, read)
            .map_err(|why| self.failure(path, why))
    }

    /// What an answer lists.
    ///
    /// # Errors
    /// As of [`Intake::get`], and a list that is of another form.
    pub(super) async fn list<T>(
        &self,
        path: &str,
        list: List,
        what: &str,
        read: impl Fn(&Answer<'_>) -> Result<T, String>,
    ) -> Result<Vec<Read<T>>, Failure> {
        let mut records = Vec::new();
        let each = |bytes: &[u8]| {
            let place = (path, records.len());
            records.push(self.record(place, bytes, what, &read)?);
            Ok(())
        };
        let rest = self.cut_records(path, list, each).await?;
        Json::parse(&rest.bytes)
            .and_then(|rest| is_list(&rest, list, what))
            .map_err(|why| self.failure(path, why))?;
        Ok(records)
    }

    /// The bytes of an answer as they come, of which `take` keeps no more than it must.
    ///
    /// # Errors
    /// As of [`Source::get`].
    pub(super) async fn stream(&self, path: &str, take: Take<'_>) -> Result<(), Failure> {
        self.source.get(path, take).await
    }

    /// What is at a place in a container.
    ///
    /// # Errors
    /// As of [`Source::stat`].
    pub(super) async fn stat(&self, path: &str) -> Result<Stat, Failure> {
        self.source.stat(path).await
    }

    /// Reads one record, and counts what is kept of it.
    #[cfg_attr(not(test), allow(unused_variables))]
    fn record<T>(
        &self,
        place: (&str, usize),
        bytes: &[u8],
        what: &str,
        read: impl FnOnce(&Answer<'_>) -> Result<T, String>,
    ) -> Result<Read<T>, String> {
        let json = Json::parse(bytes)?;
        if !matches!(json, Json::Object(_)) {
            return Err(format!(
                "the answer cannot be read: expected {what}, found {}",
                json.kind()
            ));
        }
        let reading = Reading::default();
        let value = read(&Answer::record(&json, &reading))?;
        self.hold(reading.weight() + size_of::<T>())?;
        #[cfg(test)]
        self.fields.borrow_mut().insert(
            (place.0.to_owned(), place.1),
            reading.fields.borrow().clone(),
        );
        let misread = reading.misread();
        self.misread.set(self.misread.get() + misread.len());
        if self.misread.get() > MAX_MISREAD {
            return Err(format!(
                "more than {MAX_MISREAD} fields of the answers cannot be read"
            ));
        }
        Ok(Read { value, misread })
    }

    /// Asks, and gives each record of the answer's list to `each`; what is around them is given back.
    async fn cut_records(
        &self,
        path: &str,
        list: List,
        mut each: impl FnMut(&[u8]) -> Result<(), String>,
    ) -> Result<Rest<'_>, Failure> {
        let mut cutter = Cutter::new(list);
        let mut rest = Rest {
            bytes: Vec::new(),
            counted: 0,
            held: &self.held,
        };
        let mut take = |bytes: &[u8]| {
            cutter.push(bytes, &mut each)?;
            // What is held of one answer only grows while it comes in.
            let more = cutter.held().saturating_sub(rest.counted);
            rest.counted += more;
            self.hold(more)
        };
        self.source.get(path, &mut take).await?;
        rest.bytes = cutter.into_rest();
        Ok(rest)
    }

    fn hold(&self, bytes: usize) -> Result<(), String> {
        self.held.set(self.held.get() + bytes);
        if self.held.get() > MAX_HELD {
            let size = MAX_HELD >> 20;
            return Err(format!("all answers together take more than {size} MiB"));
        }
        Ok(())
    }

    fn failure(&self, path: &str, why: String) -> Failure {
        Failure {
            endpoint: self.name().to_owned(),
            doing: path.to_owned(),
            why,
            kind: FailureKind::Unusable,
        }
    }
}

/// An answer without the records of its list. It counts as held until it is dropped.
struct Rest<'a> {
    bytes: Vec<u8>,
    counted: usize,
    held: &'a Cell<usize>,
}

impl Drop for Rest<'_> {
    fn drop(&mut self) {
        self.held.set(self.held.get().saturating_sub(self.counted));
    }
}

/// Whether an answer has its list. A list that is absent is not a list without records.
fn is_list(rest: &Json<'_>, list: List, what: &str) -> Result<(), String> {
    let found = match (rest, list) {
        (Json::Object(fields), List::Field(name)) => {
            let mut values = fields.iter().filter(|(field, _)| field == name);
            match (values.next(), values.next()) {
                // Go writes null for a list without records.
                (Some((_, Json::List(_) | Json::Null)), None) => return Ok(()),
                (Some((_, other)), None) => other.kind(),
                (None, _) => "absent",
                (Some(_), Some(_)) => "several lists",
            }
        }
        (Json::List(_), List::Whole | List::Optional) | (Json::Null, List::Optional) => {
            return Ok(());
        }
        (other, _) => other.kind(),
    };
    Err(format!(
        "the answer cannot be read: expected a list (each of it {what}), found {found}"
    ))
}
