//! What several values share, and what is different in each.

use serde_yaml::{Mapping, Value};

/// What all values share: of mappings the keys that all have, each with what it shares; anything else only where it is
/// equal. `None` where they share nothing.
pub(super) fn shared(values: &[&Value]) -> Option<Value> {
    let (first, others) = values.split_first()?;
    if others.iter().all(|other| other == first) {
        return Some((*first).clone());
    }
    let maps: Option<Vec<&Mapping>> = values.iter().map(|value| value.as_mapping()).collect();
    let maps = maps?;
    let mut common = Mapping::new();
    for key in maps.first()?.keys() {
        let below: Option<Vec<&Value>> = maps.iter().map(|map| map.get(key)).collect();
        if let Some(value) = below.and_then(|below| shared(&below)) {
            common.insert(key.clone(), value);
        }
    }
    (!common.is_empty()).then_some(Value::Mapping(common))
}

/// What a value has beyond what is shared; `None` where that is nothing. Merged over what is shared, it is the value.
pub(super) fn own(value: &Value, shared: Option<&Value>) -> Option<Value> {
    let Some(shared) = shared else {
        return Some(value.clone());
    };
    if value == shared {
        return None;
    }
    let (Value::Mapping(map), Value::Mapping(common)) = (value, shared) else {
        return Some(value.clone());
    };
    let own: Mapping = map
        .iter()
        .filter_map(|(key, value)| Some((key.clone(), own(value, common.get(key))?)))
        .collect();
    Some(Value::Mapping(own))
}

#[cfg(test)]
mod tests {
    use serde_yaml::Value;

    use super::{own, shared};

    #[test]
    fn mappings_are_shared_key_by_key_and_lists_whole() {
        let value = |text: &str| -> Value { serde_yaml::from_str(text).unwrap() };
        let a = value("{image: a, env: {A: 1, B: 2}, ports: [1, 2], only: 1}");
        let b = value("{image: a, env: {A: 1, B: 3}, ports: [1, 3]}");
        let both = shared(&[&a, &b]).unwrap();
        assert_eq!(both, value("{image: a, env: {A: 1}}"));
        let of_a = own(&a, Some(&both)).unwrap();
        assert_eq!(of_a, value("{env: {B: 2}, ports: [1, 2], only: 1}"));
        assert_eq!(own(&both, Some(&both)), None);
        assert_eq!(shared(&[&a, &value("[1]")]), None);
        assert_eq!(own(&a, None), Some(a));
    }
}
