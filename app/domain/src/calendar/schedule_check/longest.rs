//! The longest row of things that fit each other: what stands outside it is at fault, so that one slip is one finding.

use std::cmp::Reverse;

/// Positions of the longest row of `items` in which each fits the one before; of equally long ones that with the largest
/// sum of `weight`, then that with the earliest positions.
pub(super) fn longest_row<T>(items: &[T], fits: impl Fn(&T, &T) -> bool, weight: impl Fn(&T) -> i64) -> Vec<usize> {
    // From the end: length and weight of the best row that begins at each position, and the position after it.
    let mut best = vec![((0_usize, 0_i64), None); items.len()];
    for (i, item) in items.iter().enumerate().rev() {
        let rest = (i + 1..items.len()).filter(|j| fits(item, &items[*j])).max_by_key(|j| (best[*j].0, Reverse(*j)));
        let (length, sum) = rest.map_or((0, 0), |j| best[j].0);
        best[i] = ((length + 1, sum + weight(item)), rest);
    }
    let mut next = (0..items.len()).max_by_key(|i| (best[*i].0, Reverse(*i)));
    let mut row = Vec::new();
    while let Some(position) = next {
        row.push(position);
        next = best[position].1;
    }
    row
}
