//! Shapes that many fields share.

use super::{BOOLEAN, NULL, NUMBER, Others, Shape, TEXT, list, map, of, unique};

pub(super) const A_TEXT: Shape = of(TEXT);

pub(super) const TEXTS: Shape = list(&A_TEXT);

pub(super) const UNIQUE_TEXTS: Shape = unique(&A_TEXT);

pub(super) const TEXT_OR_LIST: Shape = of(TEXT).or_unique(&A_TEXT);

const SCALAR: Shape = of(TEXT | NUMBER | BOOLEAN | NULL);

/// A list of `KEY=VALUE`, or a mapping.
pub(super) const PAIRS: Shape = of(0)
    .or_unique(&A_TEXT)
    .or_map(&[])
    .others(Others::Each(&SCALAR));

/// Options of a driver.
pub(super) const OPTIONS: Shape = map(&[]).others(Others::Each(&TEXT_OR_NUMBER));

pub(super) const TEXT_OR_NUMBER: Shape = of(TEXT | NUMBER);

pub(super) const HOSTS: Shape = of(0)
    .or_unique(&A_TEXT)
    .or_map(&[])
    .others(Others::Each(&HOST));

const HOST: Shape = of(TEXT).or_list(&A_TEXT);

pub(super) const COMMAND: Shape = of(TEXT | NULL).or_list(&A_TEXT);
