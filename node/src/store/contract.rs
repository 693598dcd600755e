//! The store held against the contract that the core states for every backend.

use super::seal::SealingKey;
use super::table::WriteTables;
use nexus_core::store::conformance::{CONTRACT, Writable};
use nexus_core::{Record, StoreFault};
use redb::Database;
use redb::backends::InMemoryBackend;

impl Writable for WriteTables<'_> {
    fn apply(&mut self, records: &[Record]) -> Result<(), StoreFault> {
        WriteTables::apply(self, records)
    }
}

#[test]
fn a_write_transaction_keeps_every_clause_of_the_contract() {
    for (_, clause) in CONTRACT {
        let database = Database::builder().create_with_backend(InMemoryBackend::new()).unwrap();
        let transaction = database.begin_write().unwrap();
        let mut tables = WriteTables::open(&transaction, &SealingKey::of([7; 32])).unwrap();
        tables.stamp_format().unwrap();
        clause(&mut tables);
    }
}
