//! The invariants over many seeds. A failing one prints the command that replays it.

use simulation::simulate;

const SEEDS: u64 = 500;

fn all_hold(orders: usize) {
    let mut failures = String::new();
    let mut edits = 0;
    for seed in 0..SEEDS {
        let report = simulate(seed, orders);
        edits += report.edits;
        if !report.violations.is_empty() {
            let replay = format!("cargo xtask simulate --orders {orders} --seed {seed}");
            failures += &format!("{replay}\n  {}\n", report.violations.join("\n  "));
        }
    }
    assert!(failures.is_empty(), "broken invariants; replay with:\n{failures}");
    // A simulation in which nothing happens would hold every invariant.
    assert!(edits > SEEDS as usize / 2, "people made only {edits} edits");
}

#[test]
fn one_order() {
    all_hold(1);
}

#[test]
fn two_orders_of_one_customer() {
    all_hold(2);
}

#[test]
fn a_seed_replays_to_the_same_trace() {
    for seed in [3, 17, 99] {
        assert_eq!(simulate(seed, 2).trace, simulate(seed, 2).trace, "seed {seed}");
    }
}
