//! The limit of memory of a service.

use std::slice;

use serde_json::json;

use super::values::keys;
use super::{Edit, FindingToSettle, Tries};
use crate::fields::{self, Field};

impl FindingToSettle<'_> {
    /// The edits for a limit of memory, each with the limit with swap that the engine has: without one in the file,
    /// it would follow from that of memory.
    pub(super) fn with_swap(&self, above: &[&str], field: &Field, tries: &Tries) -> Tries {
        const SWAP: &str = "memswap_limit";
        let fields = self.observed_fields();
        let swap = fields.and_then(|fields| fields.number(SWAP));
        let Some(swap) = swap.filter(|_| field.path == "mem_limit") else {
            return Tries::new();
        };
        let swap = Edit::Set(keys(above, &[SWAP]), fields::written(SWAP, &json!(swap)));
        let with_swap = |edits: &Vec<Edit>| [edits.as_slice(), slice::from_ref(&swap)].concat();
        tries.iter().map(with_swap).collect()
    }
}
