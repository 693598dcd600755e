//! A program that is to run opens its folder. A command may hold it for a moment, and lets it go again.

use crate::control;
use crate::settings::Settings;
use nexus_node::{Node, OpenError};
use std::time::Duration;

/// How often it is tried, and how long after each time.
const TRIES: u32 = 20;
const WAIT: Duration = Duration::from_millis(250);

/// Opens the node in the data folder, once whoever holds it for a moment has let it go.
///
/// # Errors
/// [`OpenError`]: `InUse` at once where a program runs there, and after five seconds where somebody else keeps the folder.
pub async fn open(settings: &Settings) -> Result<Node, OpenError> {
    for _ in 1..TRIES {
        match settings.open() {
            Err(OpenError::InUse) if !control::is_answered(&settings.data).await => {
                tokio::time::sleep(WAIT).await;
            }
            opened => return opened,
        }
    }
    settings.open()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{Layer, Program};

    #[tokio::test]
    async fn who_is_to_run_waits_for_a_command_that_holds_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let told = Layer { data: Some(folder.path().to_owned()), ..Layer::default() };
        let settings = told.settle(&Program::NODE).unwrap();
        let command = settings.open().unwrap();
        let opening = tokio::spawn(async move { open(&settings).await.map(|_| ()) });
        // On this one thread it has tried once when it waits.
        tokio::task::yield_now().await;
        drop(command);
        opening.await.unwrap().unwrap();
    }
}
