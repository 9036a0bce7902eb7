//! Reads GUIDs and the base64 in which directories write their bytes.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The bytes that a base64 text stands for; white space is skipped, and what is no base64 is `None`.
pub(super) fn from_base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut held, mut bits, mut signs, mut padding) = (0_u32, 0_u32, 0_usize, 0_usize);
    for sign in text.bytes().filter(|sign| !sign.is_ascii_whitespace()) {
        signs += 1;
        if sign == b'=' {
            padding += 1;
            continue;
        }
        let value = ALPHABET.iter().position(|known| *known == sign).filter(|_| padding == 0)?;
        held = (held << 6) | u32::try_from(value).ok()?;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from((held >> bits) & 0xff).ok()?);
            held &= (1 << bits) - 1;
        }
    }
    (padding <= 2 && signs % 4 == 0).then_some(bytes)
}

/// The base64 of bytes.
pub(super) fn to_base64(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let held = chunk.iter().fold(0_u32, |held, byte| (held << 8) | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let sign = ALPHABET.get((held >> (18 - 6 * place)) as usize & 63).copied().unwrap_or(b'=');
            text.push(if place > chunk.len() { '=' } else { char::from(sign) });
        }
    }
    text
}

/// The bytes of a GUID's text, as .NET and directories order them: the first three groups little-endian.
pub(super) fn guid_bytes(text: &str) -> Option<[u8; 16]> {
    let text = text.trim().trim_start_matches('{').trim_end_matches('}');
    let groups: Vec<usize> = text.split('-').map(str::len).collect();
    if groups != [8, 4, 4, 4, 12] {
        return None;
    }
    let digits: Vec<u8> =
        text.chars().filter_map(|c| c.to_digit(16)).filter_map(|digit| u8::try_from(digit).ok()).collect();
    let mut bytes = [0; 16];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
        *byte = pair.iter().fold(0, |held, digit| (held << 4) | digit);
    }
    (digits.len() == 32).then(|| swapped(bytes))
}

/// The text of a GUID whose bytes a directory wrote.
pub(super) fn guid_text(bytes: &[u8]) -> Option<String> {
    let bytes = swapped(bytes.try_into().ok()?);
    let mut text = String::with_capacity(36);
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push_str(&format!("{byte:02x}"));
    }
    Some(text)
}

fn swapped(mut bytes: [u8; 16]) -> [u8; 16] {
    for range in [0..4, 4..6, 6..8] {
        bytes.get_mut(range).unwrap_or_default().reverse();
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_guid_on_premises_becomes_the_immutable_id_that_entra_keeps() {
        let bytes = guid_bytes("00112233-4455-6677-8899-aabbccddeeff").unwrap();
        assert_eq!(to_base64(&bytes), "MyIRAFVEd2aImaq7zN3u/w==");
        assert_eq!(
            guid_text(&from_base64("MyIRAFVEd2aImaq7zN3u/w==").unwrap()).unwrap(),
            "00112233-4455-6677-8899-aabbccddeeff"
        );
        assert_eq!(guid_bytes("not-a-guid"), None);
        assert_eq!(guid_bytes("0011223g-4455-6677-8899-aabbccddeeff"), None);
    }

    #[test]
    fn what_is_no_base64_is_not_read() {
        assert_eq!(from_base64("TWFu\n TWE="), Some(b"ManMa".to_vec()));
        assert_eq!(from_base64("TW\u{e4}n"), None);
        assert_eq!(from_base64("TWF"), None);
        assert_eq!(from_base64("T=Fu"), None);
    }

    proptest! {
        #[test]
        fn base64_comes_back(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            prop_assert_eq!(from_base64(&to_base64(&bytes)), Some(bytes));
        }
    }
}
