//! A day compressed into half a minute. Another is lived with `NEXUS_DAY_SEED`; the long one is `cargo xtask prove day`.

use nexus_net::day::{Plan, run};

#[tokio::test(flavor = "multi_thread")]
async fn through_a_day_of_every_trouble_nothing_is_lost_and_in_the_evening_all_hold_the_same() {
    let seed = std::env::var("NEXUS_DAY_SEED").map_or(1, |seed| seed.parse().unwrap());
    let plan = Plan { seed, hours: 12, hour_ms: 700, times: 1, joins: 40, messages: 0 };
    run(&plan, &mut std::io::stderr()).await.unwrap();
}
