//! The fields of a service that are a list or a mapping, and mean the same.

use std::sync::LazyLock;

use super::{Field, Merge, SERVICE};

/// What the items of such a list are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ListItems {
    /// `KEY=VALUE`, or a key alone.
    Pairs,
    /// `HOST=ADDRESS` or `HOST:ADDRESS`.
    Hosts,
    /// Names of which nothing more is said.
    Names,
    /// Services that have to be started.
    Dependencies,
}

/// The fields, by their paths.
pub(crate) static IN_TWO_FORMS: LazyLock<Vec<(Vec<&str>, ListItems)>> =
    LazyLock::new(|| SERVICE.select(items));

fn items(field: &Field) -> Option<ListItems> {
    field.list.and(field.map)?;
    match field.merge {
        Merge::Pairs => Some(ListItems::Pairs),
        Merge::Hosts => Some(ListItems::Hosts),
        Merge::Names => Some(ListItems::Names),
        Merge::Dependencies => Some(ListItems::Dependencies),
        Merge::ByKind | Merge::Replace | Merge::Build | Merge::Logging | Merge::Subnets => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{IN_TWO_FORMS, ListItems};

    #[test]
    fn fields_in_two_forms_are_those_that_compose_merges_by_key() {
        let of = |wanted| {
            let paths = IN_TWO_FORMS.iter().filter(|(_, items)| *items == wanted);
            paths.map(|(path, _)| path.join(".")).collect::<Vec<_>>()
        };
        let pairs = [
            "annotations",
            "build.additional_contexts",
            "build.args",
            "build.labels",
            "deploy.labels",
            "environment",
            "labels",
            "sysctls",
        ];
        assert_eq!(of(ListItems::Pairs), pairs);
        assert_eq!(of(ListItems::Hosts), ["build.extra_hosts", "extra_hosts"]);
        assert_eq!(of(ListItems::Names), ["models", "networks"]);
        assert_eq!(of(ListItems::Dependencies), ["depends_on"]);
    }
}
