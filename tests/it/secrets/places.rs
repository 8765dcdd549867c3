//! Secrets in every place that can hold one.
