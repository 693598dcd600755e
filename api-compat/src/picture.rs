//! Pictures that come within JSON, as `data:image/TYPE;base64,BYTES` (RFC 2397).

use crate::error::{Answer, ApiError};
use crate::upload;
use crate::window::Window;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use nexus_crdt::body::governance::{EMOJI_BYTES_MAX, Picture, PictureFormat};

/// A picture as it came.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Given {
    format: PictureFormat,
    animated: bool,
    bytes: Vec<u8>,
}

/// Reads one. What it is, its bytes say.
pub(crate) fn read(uri: &str) -> Answer<Given> {
    let (head, text) = uri.split_once(',').ok_or_else(wrong)?;
    let named = head.strip_prefix("data:image/").and_then(|kind| kind.strip_suffix(";base64"));
    if named.is_none() {
        return Err(wrong());
    }
    // Four characters for three bytes.
    if text.len() > EMOJI_BYTES_MAX.div_ceil(3) * 4 {
        return Err(too_large());
    }
    let bytes = STANDARD.decode(text).map_err(|_| wrong())?;
    if bytes.len() > EMOJI_BYTES_MAX {
        return Err(too_large());
    }
    let (format, animated) = kind_of(&bytes).ok_or_else(wrong)?;
    Ok(Given { format, animated, bytes })
}

/// Puts one on the disk.
pub(crate) async fn keep(window: &Window, given: Given) -> Answer<Picture> {
    let Given { format, animated, bytes } = given;
    let size = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    let hash = upload::put(window, bytes.into()).await?;
    Ok(Picture { hash, size, format, animated })
}

/// By the first bytes of each format: PNG (RFC 2083), JPEG (ITU T.81), GIF (89a), WebP (RFC 9649, whose extended header says
/// whether it moves).
fn kind_of(bytes: &[u8]) -> Option<(PictureFormat, bool)> {
    const WEBP_MOVES: u8 = 1 << 1;
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Some((PictureFormat::Png, false));
    }
    if bytes.starts_with(b"\xff\xd8\xff") {
        return Some((PictureFormat::Jpeg, false));
    }
    if bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a") {
        return Some((PictureFormat::Gif, true));
    }
    if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        let extended = bytes.get(12..16) == Some(b"VP8X");
        let moves = extended && bytes.get(20).is_some_and(|flags| flags & WEBP_MOVES != 0);
        return Some((PictureFormat::Webp, moves));
    }
    None
}

fn wrong() -> ApiError {
    ApiError::invalid("image", "IMAGE_INVALID", "Unsupported image type given")
}

fn too_large() -> ApiError {
    ApiError::invalid("image", "BINARY_TYPE_MAX_SIZE", "File cannot be larger than 256.0 kb.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(bytes: &[u8]) -> String {
        format!("data:image/png;base64,{}", STANDARD.encode(bytes))
    }

    #[test]
    fn what_a_picture_is_its_bytes_say_and_not_its_sender() {
        let kind = |bytes: &[u8]| read(&uri(bytes)).map(|given| (given.format, given.animated)).ok();
        assert_eq!(kind(b"\x89PNG\r\n\x1a\n.."), Some((PictureFormat::Png, false)));
        assert_eq!(kind(b"\xff\xd8\xff\xe0"), Some((PictureFormat::Jpeg, false)));
        assert_eq!(kind(b"GIF89a.."), Some((PictureFormat::Gif, true)));
        assert_eq!(kind(b"RIFF....WEBPVP8 ........"), Some((PictureFormat::Webp, false)));
        assert_eq!(kind(b"RIFF....WEBPVP8X....\x02..."), Some((PictureFormat::Webp, true)));
        assert_eq!(kind(b"<svg onload=alert(1)>"), None);
    }

    #[test]
    fn what_is_no_picture_or_too_large_is_refused() {
        let large = [&b"GIF89a"[..], &vec![0; EMOJI_BYTES_MAX]].concat();
        for wrong in ["", "data:,x", "data:text/html;base64,AA==", "data:image/png;base64,@", &uri(&large)] {
            assert!(read(wrong).is_err(), "{wrong:.40}");
        }
        assert!(read(&uri(&large[..EMOJI_BYTES_MAX])).is_ok(), "256 KiB are not too many");
    }
}
