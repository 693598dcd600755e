//! Logs, as far as they stand in blocks.

use super::Block;
use crate::store::intern::Short;
use crate::store::key::LogKey;
use crate::store::table::{Access, Tables};
use crate::store::{fault, key};
use nexus_core::{LogEntry, StoreFault};
use nexus_crdt::id::OpId;
use redb::ReadableTable;

impl<A: Access> Tables<A> {
    /// The ops of a log that stand in blocks, from one seq up to another, ascending, at most `limit`.
    pub(in crate::store) fn packed_entries(
        &self,
        log: &LogKey,
        from: u64,
        to: u64,
        limit: usize,
    ) -> Result<Vec<LogEntry>, StoreFault> {
        let (first, last) = (key::run(log, 0, [0; 4]), key::run(log, to, [255; 4]));
        let mut around =
            self.block_log.range::<&[u8; 28]>(&first..=&key::run(log, from, [255; 4])).map_err(fault)?;
        let around = around.next_back().transpose().map_err(fault)?.map(|(run, _)| *run.value());
        let mut entries = Vec::new();
        for run in self.block_log.range::<&[u8; 28]>(&around.unwrap_or(first)..=&last).map_err(fault)? {
            if entries.len() >= limit {
                break;
            }
            let (run, upto) = run.map_err(fault)?;
            if u64::from_be_bytes(*upto.value()) < from {
                continue;
            }
            let block = self.block(key::run_block(run.value()))?;
            entries.extend(entries_in(&block, log).filter(|entry| (from..=to).contains(&entry.seq)));
        }
        entries.truncate(limit);
        Ok(entries)
    }

    /// The last of them, where it comes after a seq.
    pub(in crate::store) fn packed_head(
        &self,
        log: &LogKey,
        after: Option<u64>,
    ) -> Result<Option<LogEntry>, StoreFault> {
        let (first, last) = (key::run(log, 0, [0; 4]), key::run(log, u64::MAX, [255; 4]));
        let run = self.block_log.range::<&[u8; 28]>(&first..=&last).map_err(fault)?.next_back();
        let Some((run, upto)) = run.transpose().map_err(fault)? else { return Ok(None) };
        if after.is_some_and(|after| u64::from_be_bytes(*upto.value()) < after) {
            return Ok(None);
        }
        Ok(entries_in(&*self.block(key::run_block(run.value()))?, log).max())
    }

    /// Of a device's logs in a space those of which ops stand in blocks.
    pub(in crate::store) fn packed_logs(
        &self,
        space: Short,
        device: Short,
    ) -> Result<Vec<LogKey>, StoreFault> {
        let (mut first, last) = key::device_runs(space, device);
        let mut logs = Vec::new();
        while let Some(run) = self.block_log.range::<&[u8; 28]>(&first..=&last).map_err(fault)?.next() {
            let log = key::run_log(run.map_err(fault)?.0.value());
            first = key::run(&log, u64::MAX, [255; 4]);
            logs.push(log);
        }
        Ok(logs)
    }
}

fn entries_in<'b>(block: &'b Block, log: &LogKey) -> impl Iterator<Item = LogEntry> + use<'b> {
    let (space, device, stream, tenure) = key::log_parts(log);
    let its = block.index.ops.iter().filter(move |op| op.device == device && op.tenure == tenure);
    let its = its.filter(move |_| block.is_of(space, stream));
    its.map(|op| {
        let op_id: OpId = op.id();
        LogEntry { seq: op.seq, op: op_id, hlc: op.spot.hlc }
    })
}
