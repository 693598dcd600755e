//! What `testnet/fuzz` calls: rows as they come from a disk. Any bytes may lie there.

use super::block::{Index, pack_content, unpack_arrived, unpack_content};
use super::row::{ActValue, MessageValue, OpRow};

/// A row's value: the first byte chooses the table.
///
/// # Panics
/// Where a row that was read is not written as what reads the same again.
pub fn row(data: &[u8]) {
    let Some((which, bytes)) = data.split_first() else { return };
    match which % 6 {
        0 => {
            let Ok(row) = OpRow::unpack(bytes) else { return };
            assert!(OpRow::unpack(&row.pack()).is_ok_and(|again| again == row));
        }
        1 => {
            let Ok(row) = MessageValue::unpack(bytes) else { return };
            assert!(MessageValue::unpack(&row.pack()).is_ok_and(|again| again == row));
        }
        3 => {
            let Ok(index) = Index::unpack(bytes) else { return };
            let again = index.pack().and_then(|bytes| Index::unpack(&bytes));
            assert!(again.is_ok_and(|again| again == index));
        }
        4 => {
            // The length of an index, the index, and the content that belongs to it.
            let Some((len, bytes)) = bytes.split_first_chunk() else { return };
            let parts = bytes.split_at_checked(usize::from(u16::from_be_bytes(*len)));
            let Some((Ok(index), content)) = parts.map(|(index, content)| (Index::unpack(index), content))
            else {
                return;
            };
            let Ok(kept) = unpack_content(&index, content) else { return };
            let again = pack_content(&index, &kept).and_then(|bytes| unpack_content(&index, &bytes));
            assert!(again.is_ok_and(|again| again == kept));
        }
        5 => drop(unpack_arrived(1, bytes)),
        _ => {
            let Ok(row) = ActValue::unpack(bytes) else { return };
            assert!(ActValue::unpack(&row.pack()).is_ok_and(|again| again == row));
        }
    }
}
