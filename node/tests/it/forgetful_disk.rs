//! A disk that keeps a journal of what was asked of it, and shows what a power cut at any moment leaves.
//!
//! Whatever came before the last completed sync is on the platter. Of what came after it, any part may be: whole writes
//! in any order, single sectors of a write, a new length without the bytes or the bytes without the new length.

use nexus_node::store::{Beside, Medium, SealError, SealingKey};
use redb::{Database, DatabaseError, StorageBackend};
use std::io;
use std::sync::{Arc, Mutex};

/// What a disk writes in one piece.
const SECTOR: usize = 512;

/// One medium, opened as often as one likes.
#[derive(Clone, Debug, Default)]
pub(crate) struct ForgetfulDisk {
    state: Arc<Mutex<State>>,
    /// Which file of it this one reads and writes.
    file: usize,
}

#[derive(Debug)]
struct State {
    files: Vec<Vec<u8>>,
    /// The one that bears the store's name.
    current: usize,
    journal: Vec<(usize, Step)>,
    trouble: Option<Trouble>,
}

impl Default for State {
    fn default() -> Self {
        Self { files: vec![Vec::new()], current: 0, journal: Vec::new(), trouble: None }
    }
}

/// A disk that says no.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trouble {
    /// When so much has been asked of it.
    pub(crate) at: usize,
    /// What it says.
    pub(crate) error: io::ErrorKind,
    /// To one step alone; else until [`ForgetfulDisk::relieve`].
    pub(crate) once: bool,
}

#[derive(Clone, Debug)]
enum Step {
    Write {
        at: usize,
        bytes: Vec<u8>,
    },
    Length(usize),
    Sync,
    /// The file bears the store's name from now on, whatever happens.
    Renamed,
}

impl ForgetfulDisk {
    /// How much has been asked of it so far.
    pub(crate) fn steps(&self) -> usize {
        self.state.lock().unwrap().journal.len()
    }

    /// What is on it, on another one that has been asked nothing yet.
    pub(crate) fn copy(&self) -> Self {
        Self::holding(self.bytes())
    }

    /// What stands in the store's file.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let state = self.state.lock().unwrap();
        state.files[state.current].clone()
    }

    fn holding(bytes: Vec<u8>) -> Self {
        Self { state: Arc::new(Mutex::new(State { files: vec![bytes], ..State::default() })), file: 0 }
    }

    /// It will say no.
    pub(crate) fn make_trouble(&self, trouble: Trouble) {
        self.state.lock().unwrap().trouble = Some(trouble);
    }

    /// It says yes again; whether it had said no.
    pub(crate) fn relieve(&self) -> bool {
        let mut state = self.state.lock().unwrap();
        let steps = state.journal.len();
        state.trouble.take().is_none_or(|trouble| steps >= trouble.at)
    }

    /// How many syncs it has completed.
    pub(crate) fn syncs(&self) -> usize {
        self.state.lock().unwrap().journal.iter().filter(|(_, step)| matches!(step, Step::Sync)).count()
    }

    /// What power cuts after so many steps leave, for ascending `cuts`; `dice` says what of the unsynced survives.
    pub(crate) fn after_cuts(
        &self,
        cuts: impl IntoIterator<Item = usize>,
        dice: impl FnMut(u32) -> u32,
        each: impl FnMut(usize, Self),
    ) {
        self.after_cuts_of(Self::default(), cuts, dice, each);
    }

    /// .. of a disk on which there was something before the first step.
    pub(crate) fn after_cuts_of(
        &self,
        before: Self,
        cuts: impl IntoIterator<Item = usize>,
        mut dice: impl FnMut(u32) -> u32,
        mut each: impl FnMut(usize, Self),
    ) {
        let journal = self.state.lock().unwrap().journal.clone();
        let mut platters = vec![(before.bytes(), 0); self.state.lock().unwrap().files.len()];
        for file in &mut platters[1..] {
            file.0.clear();
        }
        for cut in cuts {
            let renamed = |(_, step): &&(usize, Step)| matches!(step, Step::Renamed);
            let current = journal[..cut].iter().rfind(renamed).map_or(0, |(file, _)| *file);
            let (platter, synced) = &mut platters[current];
            let is_sync = |(file, step): &(usize, Step)| *file == current && matches!(step, Step::Sync);
            let until = journal[..cut].iter().rposition(is_sync).map_or(0, |at| at + 1);
            let of_it = |from: usize, upto: usize| {
                let steps = journal.get(from..upto).unwrap_or_default().iter();
                steps.filter(move |(file, _)| *file == current).map(|(_, step)| step)
            };
            of_it(*synced, until).for_each(|step| step.reach(platter));
            *synced = until;
            let mut left = platter.clone();
            let fate = dice(4);
            for step in of_it(until, cut) {
                match fate {
                    0 => {}
                    1 => step.reach(&mut left),
                    _ => step.reach_in_part(&mut left, &mut dice),
                }
            }
            each(cut, Self::holding(left));
        }
    }
}

impl Step {
    fn reach(&self, platter: &mut Vec<u8>) {
        match self {
            Self::Write { at, bytes } => put(platter, *at, bytes),
            Self::Length(length) => platter.resize(*length, 0),
            Self::Sync | Self::Renamed => {}
        }
    }

    fn reach_in_part(&self, platter: &mut Vec<u8>, dice: &mut impl FnMut(u32) -> u32) {
        match (self, dice(3)) {
            (_, 0) => {}
            (Self::Write { at, bytes }, 1) => {
                for (number, sector) in bytes.chunks(SECTOR).enumerate().filter(|_| dice(2) == 0) {
                    put(platter, at + number * SECTOR, sector);
                }
            }
            _ => self.reach(platter),
        }
    }
}

fn put(platter: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    let end = at + bytes.len();
    if platter.len() < end {
        platter.resize(end, 0);
    }
    platter[at..end].copy_from_slice(bytes);
}

impl Medium for ForgetfulDisk {
    fn open(&self) -> Result<Database, DatabaseError> {
        let file = self.state.lock().unwrap().current;
        Database::builder().create_with_backend(Self { state: self.state.clone(), file })
    }

    fn beside(&self) -> Result<Option<Beside>, DatabaseError> {
        let mut state = self.state.lock().unwrap();
        state.files.push(Vec::new());
        let file = state.files.len() - 1;
        drop(state);
        let database = Database::builder().create_with_backend(Self { state: self.state.clone(), file })?;
        Ok(Some(Beside { database, place: None }))
    }

    fn take_place(&self) -> io::Result<()> {
        let file = self.state.lock().unwrap().files.len() - 1;
        let beside = Self { state: self.state.clone(), file };
        beside.take(Step::Renamed)?;
        self.state.lock().unwrap().current = file;
        Ok(())
    }

    fn sealing_key(&self, _: bool) -> Result<SealingKey, SealError> {
        Ok(SealingKey::of([7; 32]))
    }

    fn free_bytes(&self) -> io::Result<u64> {
        Ok(u64::MAX)
    }
}

impl StorageBackend for ForgetfulDisk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.state.lock().unwrap().files[self.file].len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let state = self.state.lock().unwrap();
        let at = usize::try_from(offset).unwrap();
        let from = state.files[self.file].get(at..at + out.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
        out.copy_from_slice(from);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.take(Step::Length(usize::try_from(len).unwrap()))
    }

    fn sync_data(&self) -> io::Result<()> {
        self.take(Step::Sync)
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.take(Step::Write { at: usize::try_from(offset).unwrap(), bytes: data.to_vec() })
    }
}

impl ForgetfulDisk {
    fn take(&self, step: Step) -> io::Result<()> {
        let mut state = self.state.lock().unwrap();
        if let Some(trouble) = state.trouble.filter(|trouble| state.journal.len() >= trouble.at) {
            if trouble.once {
                state.trouble = None;
            }
            return Err(trouble.error.into());
        }
        step.reach(&mut state.files[self.file]);
        state.journal.push((self.file, step));
        Ok(())
    }
}
