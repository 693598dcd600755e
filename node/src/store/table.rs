//! The tables, and the two ways of opening them.

use super::fault;
use super::intern::Shortened;
use super::pack::{HeadAt, Packing};
use super::packed::Blocks;
use super::seal::{OVERHEAD, SealError, SealingKey};
use nexus_core::{SetSum, StoreFault};
use redb::{
    Key, ReadOnlyTable, ReadTransaction, ReadableTable, ReadableTableMetadata, Table, TableDefinition,
    TableError, TableHandle, Value, WriteTransaction,
};
use std::collections::BTreeSet;
use std::marker::PhantomData;
use std::ops::Bound;

/// The number of the file format; a store of another one is refused. (Format 0 was of the first weeks and held nobody's data.)
pub const FORMAT: u32 = 2;
/// The format before: the same rows, and no blocks. A store of it gets the tables of blocks when it is opened.
pub const FORMAT_BEFORE: u32 = 1;

/// The store was written by another version of the program, one that this version cannot stand in for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the store has format {found}, this program reads {FORMAT}")]
pub struct FormatError {
    /// The number in the file.
    pub found: u32,
}

/// How a transaction hands out tables.
pub trait Access {
    /// A table of this kind of transaction.
    type Table<K: Key + 'static, V: Value + 'static>: ReadableTable<K, V>;
}

/// Tables of a read transaction.
#[derive(Debug)]
pub struct Reading;

/// Tables of a write transaction that lives for `'tx`.
#[derive(Debug)]
pub struct Writing<'tx>(PhantomData<&'tx ()>);

impl Access for Reading {
    type Table<K: Key + 'static, V: Value + 'static> = ReadOnlyTable<K, V>;
}

impl<'tx> Access for Writing<'tx> {
    type Table<K: Key + 'static, V: Value + 'static> = Table<'tx, K, V>;
}

/// What can be read at one moment.
pub type ReadTables = Tables<Reading>;
/// What a batch has written so far, on top of what is durable.
pub type WriteTables<'tx> = Tables<Writing<'tx>>;

macro_rules! tables {
    ($($(#[$doc:meta])* $field:ident: $key:ty => $value:ty;)*) => {
        /// Every table of the store, open in one transaction.
        pub struct Tables<A: Access> {
            pub(super) seal: SealingKey,
            pub(super) blocks: Blocks,
            pub(super) shortened: Shortened,
            $($(#[$doc])* pub(super) $field: A::Table<$key, $value>,)*
        }

        /// What they are called in the file.
        const NAMES: &[&str] = &[$(stringify!($field),)*];

        impl ReadTables {
            /// Opens the tables of a store that [`WriteTables::open`] has made.
            ///
            /// # Errors
            /// [`StoreFault`] where the disk fails or a table is missing.
            pub fn open(transaction: &ReadTransaction, seal: &SealingKey) -> Result<Self, StoreFault> {
                Ok(Self { seal: seal.clone(), blocks: Blocks::default(), shortened: Shortened::default(), $($field: transaction.open_table(definition(stringify!($field))).map_err(fault)?,)* })
            }
        }

        impl ReadTables {
            /// Writes every row into the tables of another store, in which nothing is yet, but those whose ops are packed; false
            /// where `go_on`, asked after each, said no. Rows that come in order fill whole pages: a tree that grew has pages half
            /// full.
            pub(super) fn copy_rows(
                &self,
                into: &mut WriteTables<'_>,
                packing: &Packing,
                go_on: &dyn Fn() -> bool,
            ) -> Result<bool, StoreFault> {
                $(
                    let place = HeadAt::of_table(stringify!($field));
                    let end = Bound::<<$key as Value>::SelfType<'_>>::Unbounded;
                    let mut at_end = into.$field.upper_bound_mut(end).map_err(fault)?;
                    for row in self.$field.iter().map_err(fault)? {
                        let (at, value) = row.map_err(fault)?;
                        let head = place.head(
                            <$key as Value>::as_bytes(&at.value()).as_ref(),
                            <$value as Value>::as_bytes(&value.value()).as_ref(),
                        );
                        if place.is_left() || head.is_some_and(|head| packing.has(&head)) {
                            continue;
                        }
                        at_end.insert_before(at.value(), value.value()).map_err(fault)?;
                        if !go_on() {
                            return Ok(false);
                        }
                    }
                    at_end.close().map_err(fault)?;
                )*
                Ok(true)
            }

            /// Bytes that the rows take, and what finds them. Reads every page.
            pub(super) fn row_bytes(&self) -> Result<u64, StoreFault> {
                let mut bytes = 0;
                $(
                    let stats = self.$field.stats().map_err(fault)?;
                    bytes += stats.stored_bytes() + stats.metadata_bytes();
                )*
                Ok(bytes)
            }
        }

        impl<'tx> WriteTables<'tx> {
            /// Opens the tables for writing and makes those that are missing.
            ///
            /// # Errors
            /// [`StoreFault`] where the disk fails.
            pub fn open(transaction: &'tx WriteTransaction, seal: &SealingKey) -> Result<Self, StoreFault> {
                Ok(Self { seal: seal.clone(), blocks: Blocks::default(), shortened: Shortened::default(), $($field: transaction.open_table(definition(stringify!($field))).map_err(fault)?,)* })
            }
        }
    };
}

pub(super) type Bytes<const N: usize> = &'static [u8; N];

tables! {
    /// `format`, `seal`, `epoch`, `owner`, `place`, `set_back`, `erased` and `rows`.
    meta: &'static str => &'static [u8];
    /// A name (of a space, stream, device, tenure, account or frontier) to the number it has in this file.
    intern: &'static [u8] => Bytes<4>;
    /// And back.
    name: Bytes<4> => &'static [u8];
    /// space, stream, hlc, id[..16] to the rest of the header.
    op: Bytes<32> => &'static [u8];
    /// The same key to salt and body, until it is destroyed.
    body: Bytes<32> => &'static [u8];
    /// id[..16] to space, stream, hlc.
    by_id: Bytes<16> => Bytes<16>;
    /// space, device, stream, tenure, seq, id[..16] to hlc. Branches of a fork stand side by side.
    log: Bytes<40> => Bytes<8>;
    /// space, device, stream, tenure of a log that forked.
    fork: Bytes<16> => ();
    /// stream, hlc, id[..16] to a message's row.
    message: Bytes<28> => Bytes<34>;
    /// stream, API number to hlc, id[..16].
    number: Bytes<12> => Bytes<24>;
    /// A message's key, hlc, id[..16] to an act on it.
    act: Bytes<52> => &'static [u8];
    /// The key of a message that has a pin act to id[16..].
    pin: Bytes<28> => Bytes<16>;
    /// A thread's stream and the key of a message that an act has shown there to id[16..].
    moved: Bytes<32> => Bytes<16>;
    /// A thread's stream to its messages that are shown, and all it had.
    tally: Bytes<4> => Bytes<16>;
    /// A stream and the name of a register in it to the hlc and id of the op that it holds.
    note: Bytes<20> => Bytes<40>;
    /// The key in `op` of an op of an account, of governance or of membership to the mark that it was checked.
    mark: Bytes<32> => Bytes<16>;
    /// A frontier's name to its heads.
    frontier: Bytes<32> => &'static [u8];
    /// A number of the program-wide scope to its op.
    snowflake: Bytes<8> => Bytes<32>;
    /// A token's hash to whom it speaks for.
    token: Bytes<32> => Bytes<32>;
    /// Kind and owner to the 32 secret bytes, sealed at this key.
    secret: Bytes<33> => Bytes<{ 32 + OVERHEAD }>;
    /// The base URL of a relay that this node's people use.
    home_relay: &'static str => ();
    /// space, arrival to the op's id. Accounts share the log of the space with no name.
    arrival: Bytes<12> => Bytes<32>;
    /// space and the first arrival that a life of the program numbered to the name of that life.
    life: Bytes<12> => Bytes<16>;
    /// A feed's space to its last arrival.
    fed: Bytes<4> => Bytes<8>;
    /// Of what was written here and handed to nobody: its feed's space and arrival to its own space.
    outbox: Bytes<12> => Bytes<4>;
    /// level, space, stream, hlc, id[..16] where a part of a stream begins, to the sum of its ops.
    part: Bytes<33> => Bytes<{ SetSum::LEN }>;
    /// A peer's key and a space to the epoch and arrival this store is at in the peer's feed.
    cursor: Bytes<36> => Bytes<24>;
    /// An op that waits, by its id, as it came from the wire.
    waiting: Bytes<32> => &'static [u8];
    /// A stream that is not held whole: space, stream to its gaps, each a beginning, 24 bytes, 1 and an end or 25 zeros.
    gap: Bytes<8> => &'static [u8];
    /// A message's id[..16] and an act's, which is here without it, to the act's id[16..].
    orphan: Bytes<32> => Bytes<16>;
    /// The key of an op that stands on a gap.
    standing: Bytes<32> => ();
    /// A space's number to its ops and its outbox.
    count: Bytes<4> => Bytes<16>;
    /// The hash of a file that destroyed bodies named, to how many since it was last looked for.
    file: Bytes<32> => Bytes<8>;
    /// The key of a message whose bodies are to be destroyed to when, and to id[16..].
    erase: Bytes<32> => Bytes<24>;
    /// A block, 0 of its index or 1 of its content, and which piece to the bytes of it.
    block: Bytes<7> => &'static [u8];
    /// The key in `op` that a block's first op would have, to the block and to hlc, id[..16] of its last.
    block_at: Bytes<32> => Bytes<28>;
    /// id[..6] of an op in a block, and the block.
    block_op: Bytes<10> => ();
    /// space, device, stream, tenure, the first seq of that log in a block, and the block, to the last seq there.
    block_log: Bytes<28> => Bytes<8>;
    /// stream and the first API number in a block to the block and the last number there.
    block_number: Bytes<12> => Bytes<12>;
    /// space and the first arrival of a list to the list: arrivals of ops in blocks.
    block_arrival: Bytes<12> => &'static [u8];
}

/// Whether a store keeps sums of parts of streams; one that an earlier version wrote keeps none.
///
/// # Errors
/// [`StoreFault`] where the disk fails.
pub fn has_parts(transaction: &ReadTransaction) -> Result<bool, StoreFault> {
    match transaction.open_table(definition::<Bytes<33>, Bytes<{ SetSum::LEN }>>("part")) {
        Err(TableError::TableDoesNotExist(_)) => Ok(false),
        part => part.map(|_| true).map_err(fault),
    }
}

/// Whether a store has every table that this version knows; one that an earlier version wrote may lack some.
///
/// # Errors
/// [`StoreFault`] where the disk fails.
pub fn has_all_tables(transaction: &ReadTransaction) -> Result<bool, StoreFault> {
    let there = transaction.list_tables().map_err(fault)?;
    let there: BTreeSet<String> = there.map(|table| table.name().to_owned()).collect();
    Ok(NAMES.iter().all(|name| there.contains(*name)))
}

/// Whether a store remembers which bodies are to go; one that an earlier version wrote does not.
///
/// # Errors
/// [`StoreFault`] where the disk fails.
pub fn has_erasures(transaction: &ReadTransaction) -> Result<bool, StoreFault> {
    match transaction.open_table(definition::<Bytes<32>, Bytes<24>>("erase")) {
        Err(TableError::TableDoesNotExist(_)) => Ok(false),
        erase => erase.map(|_| true).map_err(fault),
    }
}

/// The number of a store's format; none where the store is new.
///
/// # Errors
/// [`StoreFault`] where the disk fails or there is a store without its number.
pub fn format_of(transaction: &ReadTransaction) -> Result<Option<u32>, StoreFault> {
    let meta = match transaction.open_table(definition::<&str, &[u8]>("meta")) {
        Err(TableError::TableDoesNotExist(_)) => return Ok(None),
        meta => meta.map_err(fault)?,
    };
    let row = meta.get("format").map_err(fault)?.ok_or_else(|| fault("the store has no format number"))?;
    let bytes = row.value().try_into().map_err(fault)?;
    Ok(Some(u32::from_be_bytes(bytes)))
}

impl WriteTables<'_> {
    /// Says that a store of [`FORMAT_BEFORE`] is one of this format: its tables of blocks are there.
    ///
    /// # Errors
    /// [`StoreFault`] where the disk fails.
    pub fn stamp_brought_up(&mut self) -> Result<(), StoreFault> {
        self.meta.insert("format", FORMAT.to_be_bytes().as_slice()).map_err(fault)?;
        Ok(())
    }

    /// Writes the format's number into a new store.
    ///
    /// # Errors
    /// [`StoreFault`] where the disk fails.
    pub fn stamp_format(&mut self) -> Result<(), StoreFault> {
        self.meta.insert("format", FORMAT.to_be_bytes().as_slice()).map_err(fault)?;
        let seal = self.seal.seal(SEAL, &[]);
        self.meta.insert("seal", seal.as_slice()).map_err(fault)?;
        self.meta.insert("epoch", rand::random::<[u8; 16]>().as_slice()).map_err(fault)?;
        Ok(())
    }
}

impl<A: Access> Tables<A> {
    /// Whether the secrets here are sealed with the key that these tables were opened with.
    ///
    /// # Errors
    /// [`SealError::Wrong`] where they are not.
    pub fn check_seal(&self) -> Result<(), SealError> {
        let row = self.meta.get("seal").ok().flatten();
        row.and_then(|row| self.seal.open(SEAL, row.value())).map(drop).ok_or(SealError::Wrong)
    }
}

/// Where the empty secret is sealed by which a key is known.
const SEAL: &[u8] = b"seal";

const fn definition<K: Key, V: Value>(name: &str) -> TableDefinition<'_, K, V> {
    TableDefinition::new(name)
}
