//! The sample orders.

use std::{fs, path::Path};

use ghlkit::order::{Order, OrderData, OrderRules};

use crate::shop::Failure;

/// Reads `orders/*.json`, by name.
pub(crate) fn read(rules: &OrderRules) -> Result<Vec<Order>, Failure> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("orders");
    let mut files =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    let read = |path: &std::path::PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        OrderData::from_json(fs::read(path)?, rules).map_err(|error| format!("{name}: {error}").into())
    };
    files.iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use ghlkit::order::Currency;

    use super::*;

    #[test]
    fn the_samples_are_sound_and_as_varied_as_they_should_be() {
        let rules = OrderRules { currency: Some(Currency::parse("USD").unwrap()) };
        let orders = read(&rules).unwrap();
        assert!(orders.len() >= 5);
        let names: String = orders.iter().map(|order| order.customer.first_name.as_str()).collect();
        assert!(names.contains('Ž') && names.contains('由') && names.contains('О'), "{names}");
        let phones: Vec<_> = orders.iter().filter_map(|order| order.customer.phone.as_deref()).collect();
        assert!(phones.contains(&"+358401234567") && phones.contains(&"+380671234567"), "{phones:?}");
        assert!(orders.iter().any(|order| order.customer.email.is_none()));
        let countries: std::collections::BTreeSet<_> =
            orders.iter().map(|o| &o.shipping_address.country).collect();
        assert_eq!(countries.len(), 5);
    }
}
