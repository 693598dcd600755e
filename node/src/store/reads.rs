//! Every way of reading a store, for who reads as another does: each method of [`nexus_core::Store`] once.

/// Implements `Store` for a type by what stands in one of its fields; each reading is done by a function that is given it.
macro_rules! read_each {
    ($reader:ty, $store:tt, $how:path) => {
        read_each! { $reader, $store, $how;
            op(id: &OpId) -> Option<StoredOp>;
            has_op(id: &OpId) -> bool;
            stream_ops(space: &SpaceId, stream: &StreamId) -> Vec<StoredOp>;
            marks(space: &SpaceId, stream: &StreamId) -> Vec<(Spot, Mark)>;
            spaces() -> Vec<SpaceId>;
            log_head(log: &LogId) -> Option<LogEntry>;
            log_at(log: &LogId, seq: u64) -> Vec<LogEntry>;
            logs_of(space: &SpaceId, device: &DeviceKey) -> Vec<LogId>;
            log_from(log: &LogId, seq: u64, limit: usize) -> Vec<LogEntry>;
            message(stream: &StreamId, id: &OpId) -> Option<MessageRow>;
            message_by_number(stream: &StreamId, number: Snowflake) -> Option<OpId>;
            messages(stream: &StreamId, from: Snowflake, older: bool, limit: usize) -> Vec<MessageRow>;
            acts(stream: &StreamId, message: &OpId, message_hlc: Hlc) -> Vec<ActRow>;
            pinned(stream: &StreamId) -> Vec<OpId>;
            moved_into(thread: &StreamId) -> BTreeSet<(StreamId, OpId)>;
            tally(stream: &StreamId) -> Tally;
            notes(stream: &StreamId) -> Vec<(Hlc, OpId)>;
            timeline(stream: &StreamId, each: &mut dyn FnMut(TimelineEntry)) -> ();
            frontier(id: &FrontierId) -> Option<Vec<OpId>>;
            frontiers() -> Vec<Vec<OpId>>;
            forks() -> Vec<LogId>;
            snowflakes() -> Vec<(Snowflake, OpId)>;
            tokens() -> Vec<(TokenHash, UserId)>;
            secrets() -> Vec<Secret>;
            owner() -> Option<UserId>;
            epoch() -> [u8; 16];
            life_at(space: &SpaceId, at: Arrival) -> Option<(Arrival, [u8; 16])>;
            last_arrival(space: &SpaceId) -> Arrival;
            arrivals(space: &SpaceId, after: Arrival, limit: usize) -> Vec<(Arrival, OpId)>;
            outbox_from(space: &SpaceId) -> Option<Arrival>;
            cursor(peer: &PeerKey, space: &SpaceId) -> Option<Cursor>;
            stream_sums(space: &SpaceId) -> Vec<(StreamId, StreamSum)>;
            stream_page(space: &SpaceId, stream: &StreamId, after: Option<(Hlc, OpId)>, limit: usize) -> Vec<StoredOp>;
            op_headed(space: &SpaceId, stream: &StreamId, head: &Head) -> Option<OpId>;
            spots(space: &SpaceId, stream: &StreamId, range: &Range, limit: usize) -> Vec<Spot>;
            spot_before(space: &SpaceId, stream: &StreamId, spot: &Spot) -> Option<Spot>;
            range_sum(space: &SpaceId, stream: &StreamId, range: &Range) -> SetSum;
            range_sums(space: &SpaceId, stream: &StreamId, ranges: &[Range]) -> Vec<SetSum>;
            pieces(space: &SpaceId, stream: &StreamId, range: &Range, wanted: usize) -> Vec<Piece>;
            gaps() -> Vec<StreamGaps>;
            holds_viewed() -> bool;
            orphans(message: &OpId) -> Vec<OpId>;
            standing(after: Option<&Standing>, limit: usize) -> Vec<Standing>;
            stands(standing: &Standing) -> bool;
            waiting() -> Vec<StoredOp>;
            home_relays() -> Vec<String>;
            set_back() -> Vec<UserId>;
            erasures(after: Option<&Erasure>, limit: usize) -> Vec<Erasure>;
            count(space: &SpaceId) -> SpaceCount;
        }
    };
    ($reader:ty, $store:tt, $how:path; $($name:ident($($argument:ident: $type:ty),*) -> $read:ty;)*) => {
        impl Store for $reader {
            fn mark_key(&self) -> &MarkKey {
                self.$store.mark_key()
            }

            $(fn $name(&self, $($argument: $type),*) -> Result<$read, StoreFault> {
                $how(|| self.$store.$name($($argument),*))
            })*
        }
    };
}
