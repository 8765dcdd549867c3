//! What becomes of a network, a volume or a container.

/// What becomes of something that is there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Outcome {
    /// It stays as it is.
    #[default]
    Kept,
    /// A new one takes its place.
    Recreated,
    /// A new one may take its place: it depends on what is not known.
    Unknown,
    /// It is removed.
    Removed,
    /// `up` fails because of it.
    Fails,
    /// A new one would take its place, which `up` fails to create.
    NotRecreated,
    /// It is asked whether a new and empty one takes its place.
    Asked,
}
