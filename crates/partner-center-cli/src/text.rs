//! Text as programs on Windows write it: with a byte order mark, or in UTF-16.

/// The text of these bytes, without a byte order mark.
///
/// # Errors
/// Why it is no text.
pub(crate) fn decode(bytes: &[u8]) -> Result<String, &'static str> {
    let utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let (pairs, rest) = bytes.as_chunks::<2>();
        let text = char::decode_utf16(pairs.iter().map(|pair| unit(*pair))).collect();
        match text {
            Ok(text) if rest.is_empty() => Ok(text),
            _ => Err("it is neither UTF-8 nor UTF-16"),
        }
    };
    match bytes {
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        // No text has a NUL; the half of a letter in UTF-16 is one.
        [first, 0, ..] if *first != 0 => utf16(bytes, u16::from_le_bytes),
        _ => {
            let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
            str::from_utf8(text).map(str::to_owned).map_err(|_| "it is neither UTF-8 nor UTF-16")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_windows_writes_is_read() {
        let wide = |text: &str, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            text.encode_utf16().flat_map(bytes).collect()
        };
        for (bytes, expected) in [
            (b"abc\r\n".to_vec(), Ok("abc\r\n")),
            (b"\xEF\xBB\xBFabc".to_vec(), Ok("abc")),
            (wide("\u{FEFF}aäb", u16::to_le_bytes), Ok("aäb")),
            (wide("\u{FEFF}aäb", u16::to_be_bytes), Ok("aäb")),
            (wide("abc\r\n", u16::to_le_bytes), Ok("abc\r\n")),
            (Vec::new(), Ok("")),
            (b"\xFF\xFEa".to_vec(), Err("it is neither UTF-8 nor UTF-16")),
            (b"\xFF\xFE\x00\xD8".to_vec(), Err("it is neither UTF-8 nor UTF-16")),
            (b"\xE4".to_vec(), Err("it is neither UTF-8 nor UTF-16")),
        ] {
            assert_eq!(decode(&bytes), expected.map(str::to_owned), "{bytes:?}");
        }
    }
}
