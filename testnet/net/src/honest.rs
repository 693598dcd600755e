//! What honest people notice meanwhile.

use crate::company::Company;
use crate::person::{Person, Place};
use anyhow::{Context as _, Result};
use nexus_load::gateway::{GUILD_MESSAGES, Session};
use serde_json::Value;
use std::time::{Duration, Instant};

/// How long so many messages took, one at a time, from before Ada's request to the dispatch at Bob's window, ms.
///
/// # Errors
/// Where one is refused, or not heard within a minute.
pub async fn delays_ms(company: &Company, name: &str, messages: usize) -> Result<Vec<f64>> {
    let place = company.place(&company.at_ada).await?;
    delays_between_ms((&company.at_ada, &place), &company.at_bob, name, messages).await
}

/// .. from before one person's request to the dispatch at another's window, ms.
///
/// # Errors
/// Where one is refused, or not heard within a minute.
pub async fn delays_between_ms(
    (writer, place): (&Person, &Place),
    listener: &Person,
    name: &str,
    messages: usize,
) -> Result<Vec<f64>> {
    let mut session = Session::open(&listener.api, GUILD_MESSAGES).await?;
    let mut delays = Vec::new();
    for number in 0..messages {
        let words = format!("{name} {number}");
        let begun = Instant::now();
        writer.say(place, &words).await?;
        tokio::time::timeout(Duration::from_secs(60), heard(&mut session, &words))
            .await
            .with_context(|| format!("{words:?} is not heard"))??;
        delays.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    Ok(delays)
}

async fn heard(session: &mut Session, words: &str) -> Result<()> {
    loop {
        let (event, frame) = session.next().await?;
        if event == "MESSAGE_CREATE"
            && serde_json::from_str::<Value>(frame.as_str())?["d"]["content"] == words
        {
            return Ok(());
        }
    }
}
