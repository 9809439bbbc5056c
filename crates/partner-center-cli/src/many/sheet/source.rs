//! The text of a file as a stream of UTF-8, whichever encoding it has, a bounded part of it in memory.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

/// The longest row, in bytes of UTF-8. A quote that is not closed makes a row of all that stands after it.
pub(crate) const LONGEST: usize = 1 << 20;

/// How much is decoded at once, in bytes.
const CHUNK: usize = 8 * 1024;

/// Why a file cannot be read to its end.
#[derive(Debug)]
pub(crate) enum Broken {
    /// It is neither UTF-8 nor UTF-16 on this line, counted from 1.
    Encoding(u64),
    /// A row is longer than [`LONGEST`].
    TooLong,
    Io(io::Error),
}

#[derive(Clone, Copy)]
enum Encoding {
    Utf8,
    Utf16(fn([u8; 2]) -> u16),
}

/// The text of a file, without a byte order mark.
pub(crate) struct Text {
    file: BufReader<File>,
    encoding: Encoding,
    /// Bytes of a letter whose other bytes are not read yet.
    begun: Vec<u8>,
    ready: Vec<u8>,
    at: usize,
    ended: bool,
    /// What stands after the text of the file.
    end: Vec<u8>,
    /// Lines that were decoded so far.
    lines: u64,
    /// Bytes that were handed out.
    passed: u64,
    /// Where lines end among the bytes that were handed out, from the last row on.
    line_ends: VecDeque<u64>,
    /// Line ends before those.
    lines_before: u64,
    /// What is left of the longest row.
    left: usize,
    failed: Option<Broken>,
    /// Why reading ended with an error.
    pub(crate) broken: Option<Broken>,
}

impl Text {
    /// Opens a file whose text ends with `end`.
    pub(crate) fn open(path: &Path, end: &str) -> io::Result<Self> {
        let mut file = BufReader::with_capacity(CHUNK, File::open(path)?);
        let mut first = [0; 3];
        let length = file.fill_buf()?.len().min(3);
        first[..length].copy_from_slice(&file.fill_buf()?[..length]);
        let (encoding, mark) = match first {
            [0xFF, 0xFE, _] => (Encoding::Utf16(u16::from_le_bytes), 2),
            [0xFE, 0xFF, _] => (Encoding::Utf16(u16::from_be_bytes), 2),
            // No text has a NUL; the half of a letter in UTF-16 is one.
            [letter, 0, _] if letter != 0 && length > 1 => (Encoding::Utf16(u16::from_le_bytes), 0),
            [0xEF, 0xBB, 0xBF] => (Encoding::Utf8, 3),
            _ => (Encoding::Utf8, 0),
        };
        file.consume(mark);
        Ok(Self {
            file,
            encoding,
            begun: Vec::new(),
            ready: Vec::new(),
            at: 0,
            ended: false,
            end: end.as_bytes().to_vec(),
            lines: 0,
            passed: 0,
            line_ends: VecDeque::new(),
            lines_before: 0,
            left: LONGEST,
            failed: None,
            broken: None,
        })
    }

    /// The beginning of the text, which is still to be read.
    pub(crate) fn head(&mut self) -> &[u8] {
        while self.ready.len() < CHUNK && !self.ended {
            self.refill();
        }
        &self.ready
    }

    /// Decodes the next part.
    fn refill(&mut self) {
        let before = self.ready.len();
        match self.decode() {
            Ok(()) => {}
            Err(broken) => {
                self.ended = true;
                self.failed = Some(broken);
            }
        }
        self.lines += line_ends(&self.ready[before..]).count() as u64;
        if let Some(Broken::Encoding(line)) = &mut self.failed {
            *line = self.lines + 1;
        }
    }

    fn decode(&mut self) -> Result<(), Broken> {
        let read = self.file.fill_buf().map_err(Broken::Io)?;
        let length = read.len();
        self.begun.extend_from_slice(read);
        self.file.consume(length);
        if length == 0 {
            self.ended = true;
            self.ready.extend_from_slice(&self.end);
            return if self.begun.is_empty() { Ok(()) } else { Err(Broken::Encoding(0)) };
        }
        let Encoding::Utf16(unit) = self.encoding else {
            let valid = match str::from_utf8(&self.begun) {
                Ok(_) => self.begun.len(),
                Err(error) if error.error_len().is_none() => error.valid_up_to(),
                Err(error) => {
                    self.ready.extend_from_slice(&self.begun[..error.valid_up_to()]);
                    return Err(Broken::Encoding(0));
                }
            };
            self.ready.extend(self.begun.drain(..valid));
            return Ok(());
        };
        let (pairs, _) = self.begun.as_chunks::<2>();
        let mut units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
        // The first half of a letter waits for the other.
        units.pop_if(|unit| matches!(unit, 0xD800..=0xDBFF));
        self.begun.drain(..units.len() * 2);
        for letter in char::decode_utf16(units) {
            let letter = letter.map_err(|_| Broken::Encoding(0))?;
            self.ready.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
        }
        Ok(())
    }

    /// Begins a new row, and says on which line the last one ended, counted from 1.
    ///
    /// `end` is where it ended, in bytes of the text.
    pub(crate) fn next_row(&mut self, end: u64) -> u64 {
        self.left = LONGEST;
        let mut ends_with_line = false;
        while let Some(at) = self.line_ends.front().copied().filter(|at| *at < end) {
            self.line_ends.pop_front();
            ends_with_line = at + 1 == end;
            self.lines_before += 1;
        }
        self.lines_before + u64::from(!ends_with_line)
    }
}

fn line_ends(bytes: &[u8]) -> impl Iterator<Item = usize> {
    bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at)
}

impl Read for Text {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.ready.len() {
            self.ready.clear();
            self.at = 0;
            while self.ready.is_empty() && !self.ended {
                self.refill();
            }
        }
        let ready = &self.ready[self.at..];
        if ready.is_empty() {
            return match self.failed.take() {
                Some(broken) => {
                    self.broken = Some(broken);
                    Err(io::ErrorKind::InvalidData.into())
                }
                None => Ok(0),
            };
        }
        let length = ready.len().min(buffer.len()).min(self.left);
        if length == 0 && !buffer.is_empty() {
            self.broken = Some(Broken::TooLong);
            return Err(io::ErrorKind::InvalidData.into());
        }
        buffer[..length].copy_from_slice(&ready[..length]);
        let passed = self.passed;
        self.line_ends.extend(line_ends(&ready[..length]).map(|at| passed + at as u64));
        self.at += length;
        self.passed += length as u64;
        self.left -= length;
        Ok(length)
    }
}
