//! Rounds of a measurement, and the rows they become.

/// One figure over several rounds.
#[derive(Clone, Debug, Default)]
pub struct Rounds(Vec<f64>);

impl Rounds {
    /// One round more.
    pub fn push(&mut self, figure: f64) {
        self.0.push(figure);
    }

    /// `median (min-max)`, rounded to so many places.
    #[must_use]
    pub fn show(&self, places: usize) -> String {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        match (sorted.first(), sorted.last()) {
            (Some(min), Some(max)) => {
                format!("{:.places$} ({min:.places$}-{max:.places$})", quantile(&sorted, 0.5))
            }
            _ => String::from("-"),
        }
    }
}

/// The value below which the share `q` of the sorted figures lies, by nearest rank.
#[must_use]
pub fn quantile(sorted: &[f64], q: f64) -> f64 {
    let rank = (q * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or(f64::NAN)
}

/// Sorts figures and gives their median and 99th percentile.
#[must_use]
pub fn p50_p99(mut figures: Vec<f64>) -> (f64, f64) {
    figures.sort_by(f64::total_cmp);
    (quantile(&figures, 0.5), quantile(&figures, 0.99))
}

/// A row of a Markdown table.
#[must_use]
pub fn row(cells: &[String]) -> String {
    format!("| {} |", cells.join(" | "))
}

/// The head of a Markdown table.
#[must_use]
pub fn head(cells: &[&str]) -> String {
    format!("| {} |\n|{}", cells.join(" | "), "---|".repeat(cells.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_show_median_and_extremes() {
        let mut rounds = Rounds::default();
        [3.0, 1.0, 2.04].into_iter().for_each(|figure| rounds.push(figure));
        assert_eq!(rounds.show(1), "2.0 (1.0-3.0)");
        assert_eq!(Rounds::default().show(1), "-");
    }

    #[test]
    fn a_percentile_is_a_figure_that_was_measured() {
        let figures: Vec<f64> = (1..=100).map(f64::from).collect();
        assert_eq!(p50_p99(figures), (50.0, 99.0));
    }
}
