//! The three lines of a program that serves: what runs, where, what to do next.

/// Says them on stdout, for the person (or the tool) that started it.
#[expect(clippy::print_stdout, reason = "three lines for the person who started it")]
pub fn announce(what: &str, place: &str, next: &str) {
    println!("{what}");
    println!("Where: {place}");
    println!("Next:  {next}");
}

/// The program as it was called.
#[must_use]
pub fn called(name: &str) -> String {
    std::env::args().next().unwrap_or_else(|| String::from(name))
}
