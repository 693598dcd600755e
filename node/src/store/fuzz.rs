//! What `testnet/fuzz` calls: rows as they come from a disk. Any bytes may lie there.

use super::row::{ActValue, MessageValue, OpRow};

/// A row's value: the first byte chooses the table.
///
/// # Panics
/// Where a row that was read is not written as what reads the same again.
pub fn row(data: &[u8]) {
    let Some((which, bytes)) = data.split_first() else { return };
    match which % 3 {
        0 => {
            let Ok(row) = OpRow::unpack(bytes) else { return };
            assert!(OpRow::unpack(&row.pack()).is_ok_and(|again| again == row));
        }
        1 => {
            let Ok(row) = MessageValue::unpack(bytes) else { return };
            assert!(MessageValue::unpack(&row.pack()).is_ok_and(|again| again == row));
        }
        _ => {
            let Ok(row) = ActValue::unpack(bytes) else { return };
            assert!(ActValue::unpack(&row.pack()).is_ok_and(|again| again == row));
        }
    }
}
