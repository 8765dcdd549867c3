//! A tar archive as it comes in: of each file no more than its digest is kept, and of the archive no
//! more than a block.

use sha2::{Digest as _, Sha256};
use tar::{EntryType, Header, PaxExtensions};

use crate::redact::Sensitive;
use crate::state::{Content, FileKind, MAX_BOUND_BYTES, MAX_BOUND_FILES};

/// How many bytes a long name, or what extends a header, may have.
const MAX_EXTENSION: u64 = 64 << 10;

const BLOCK: usize = 512;

/// What was read of an archive.
#[derive(Debug)]
pub(super) struct Archive {
    content: Content,
    /// What is read now.
    stage: Stage,
    /// The block, or the extension, as far as it has come.
    buffer: Vec<u8>,
    /// How many bytes of the entry are still to come.
    left: u64,
    /// How many bytes fill up the last block of the entry.
    padding: u64,
    /// What an extension said of the next entry.
    next: Extension,
    /// The name of the place itself, which the names of all entries begin with.
    root: Option<String>,
    entries: usize,
    bytes: usize,
    /// Whether there is more than what is read.
    is_cut: bool,
}

/// What is read of an archive.
#[derive(Debug)]
enum Stage {
    Header,
    /// The content of a file, by its name.
    File(String, Sha256),
    /// The content of an entry that is not a file.
    Skipped,
    /// A long name of the next entry, or several facts about it.
    Extension(EntryType),
    /// What is after the last entry.
    End,
}

/// The extended header of an entry, for what does not fit into its own.
#[derive(Debug, Default)]
struct Extension {
    name: Option<Vec<u8>>,
    size: Option<u64>,
    uid: Option<u64>,
    gid: Option<u64>,
}

impl Archive {
    pub(super) fn new() -> Self {
        Self {
            content: Content::default(),
            stage: Stage::Header,
            buffer: Vec::new(),
            left: 0,
            padding: 0,
            next: Extension::default(),
            root: None,
            entries: 0,
            bytes: 0,
            is_cut: false,
        }
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// What is not an archive, or larger than what is read of one.
    pub(super) fn push(&mut self, mut bytes: &[u8]) -> Result<(), String> {
        self.bytes = self.bytes.saturating_add(bytes.len());
        if self.bytes > MAX_BOUND_BYTES {
            self.is_cut = true;
            return Err(format!("more than {} MiB", MAX_BOUND_BYTES >> 20));
        }
        while !bytes.is_empty() {
            bytes = match self.stage {
                Stage::Header => self.header(bytes)?,
                Stage::End => return Ok(()),
                _ => self.data(bytes),
            };
        }
        Ok(())
    }

    /// What the archive says of the place.
    ///
    /// # Errors
    /// An archive that ends too early, or has no entry.
    pub(super) fn finish(mut self) -> Result<Content, String> {
        if self.is_cut {
            self.content.unread = Some(Content::beyond());
            return Ok(self.content);
        }
        let is_whole = match self.stage {
            Stage::Header => self.buffer.is_empty() && self.left == 0,
            Stage::End => true,
            _ => false,
        };
        if !is_whole || self.root.is_none() {
            return Err("its archive ends too early".into());
        }
        Ok(self.content)
    }

    /// The first bytes, up to a number of them in all; the rest.
    fn fill<'b>(&mut self, bytes: &'b [u8], upto: usize) -> &'b [u8] {
        let wanted = upto.saturating_sub(self.buffer.len());
        let (now, rest) = bytes.split_at(wanted.min(bytes.len()));
        self.buffer.extend_from_slice(now);
        rest
    }

    fn header<'b>(&mut self, bytes: &'b [u8]) -> Result<&'b [u8], String> {
        let rest = self.fill(bytes, BLOCK);
        if self.buffer.len() < BLOCK {
            return Ok(rest);
        }
        let block = std::mem::take(&mut self.buffer);
        if block.iter().all(|byte| *byte == 0) {
            self.stage = Stage::End;
            return Ok(rest);
        }
        self.entry(Header::from_byte_slice(&block))?;
        Ok(rest)
    }

    /// Begins an entry.
    fn entry(&mut self, header: &Header) -> Result<(), String> {
        let damaged = |_| "its archive is damaged".to_owned();
        // The sum is of the block with blanks instead of the sum.
        let bytes = header.as_bytes();
        let sum: u32 = bytes.iter().map(|byte| u32::from(*byte)).sum();
        let own: u32 = bytes
            .get(148..156)
            .unwrap_or_default()
            .iter()
            .map(|byte| u32::from(*byte))
            .sum();
        if header.cksum().map_err(damaged)? != sum - own + 8 * u32::from(b' ') {
            return Err("its archive is damaged".into());
        }
        let kind = header.entry_type();
        let is_extension = kind.is_gnu_longname()
            || kind.is_gnu_longlink()
            || kind.is_pax_local_extensions()
            || kind.is_pax_global_extensions();
        let mut size = header.entry_size().map_err(damaged)?;
        if is_extension {
            if size > MAX_EXTENSION {
                return Err("its archive has a header that is too long".into());
            }
            self.stage = Stage::Extension(kind);
        } else {
            let next = std::mem::take(&mut self.next);
            size = next.size.unwrap_or(size);
            self.entries += 1;
            if self.entries > MAX_BOUND_FILES {
                self.is_cut = true;
                return Err(format!("more than {MAX_BOUND_FILES} files"));
            }
            self.stage = self.begin(header, kind, next).map_err(damaged)?;
        }
        self.left = size;
        self.padding = size.wrapping_neg() % BLOCK as u64;
        self.end_if_over();
        Ok(())
    }

    fn begin(
        &mut self,
        header: &Header,
        kind: EntryType,
        next: Extension,
    ) -> std::io::Result<Stage> {
        let name = next
            .name
            .unwrap_or_else(|| header.path_bytes().into_owned());
        let name = String::from_utf8_lossy(&name).trim_matches('/').to_owned();
        let is_file = kind.is_file() || kind.is_contiguous();
        let path = match &self.root {
            None => {
                self.content.kind = match kind {
                    _ if is_file => FileKind::File,
                    EntryType::Directory => FileKind::Directory,
                    EntryType::Symlink => FileKind::Link,
                    _ => FileKind::Other,
                };
                self.content.mode = Some(header.mode()? & 0o7777);
                self.content.uid = Some(next.uid.map_or_else(|| header.uid(), Ok)?);
                self.content.gid = Some(next.gid.map_or_else(|| header.gid(), Ok)?);
                self.root = Some(name);
                String::new()
            }
            Some(root) => {
                let below = name.strip_prefix(root.as_str()).unwrap_or(&name);
                below.trim_start_matches('/').to_owned()
            }
        };
        if is_file {
            return Ok(Stage::File(path, Sha256::new()));
        }
        if let Some(target) = header.link_name_bytes().filter(|_| !path.is_empty()) {
            // What a link leads to is its content; a hard link has that of another file.
            let target = if kind.is_hard_link() {
                let root = self.root.as_deref().unwrap_or_default();
                let target = String::from_utf8_lossy(&target).into_owned();
                let below = target.strip_prefix(root).unwrap_or(&target);
                self.content
                    .files
                    .get(below.trim_start_matches('/'))
                    .cloned()
            } else {
                Some(Content::link(&target))
            };
            self.content
                .files
                .extend(target.map(|digest| (path, digest)));
        }
        Ok(Stage::Skipped)
    }

    /// Takes bytes of an entry, and of what fills up its last block.
    fn data<'b>(&mut self, bytes: &'b [u8]) -> &'b [u8] {
        let upto = |left: u64| usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
        let rest = if self.left > 0 {
            let (now, rest) = bytes.split_at(upto(self.left));
            match &mut self.stage {
                Stage::File(_, hash) => hash.update(now),
                Stage::Extension(_) => self.buffer.extend_from_slice(now),
                _ => {}
            }
            self.left -= now.len() as u64;
            rest
        } else {
            let (now, rest) = bytes.split_at(upto(self.padding));
            self.padding -= now.len() as u64;
            rest
        };
        self.end_if_over();
        rest
    }

    /// Ends the entry if all of it has come.
    fn end_if_over(&mut self) {
        if self.left > 0 || self.padding > 0 {
            return;
        }
        match std::mem::replace(&mut self.stage, Stage::Header) {
            Stage::File(path, hash) => {
                self.content.files.insert(path, Sensitive::of_hash(hash));
            }
            Stage::Extension(kind) => {
                let bytes = std::mem::take(&mut self.buffer);
                self.next.read(kind, &bytes);
            }
            _ => {}
        }
    }
}

impl Extension {
    fn read(&mut self, kind: EntryType, bytes: &[u8]) {
        if kind.is_gnu_longname() {
            let name = bytes.split(|byte| *byte == 0).next();
            self.name = name.map(<[u8]>::to_vec);
        }
        if !kind.is_pax_local_extensions() {
            return;
        }
        for extension in PaxExtensions::new(bytes).flatten() {
            let number = || extension.value().ok()?.parse().ok();
            match extension.key_bytes() {
                b"path" => self.name = Some(extension.value_bytes().to_vec()),
                b"size" => self.size = number(),
                b"uid" => self.uid = number(),
                b"gid" => self.gid = number(),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tar::{Builder, EntryType, Header};

    use super::{Archive, MAX_BOUND_BYTES, MAX_BOUND_FILES};
    use crate::redact::Sensitive;
    use crate::state::{Content, FileKind};

    fn read(bytes: &[u8], size: usize) -> Result<Content, String> {
        let mut archive = Archive::new();
        let pushed = bytes.chunks(size).try_for_each(|chunk| archive.push(chunk));
        match archive.finish() {
            Ok(content) if content.unread.is_some() => Ok(content),
            content => pushed.and(content),
        }
    }

    fn header(kind: EntryType, size: u64) -> Header {
        let mut header = Header::new_gnu();
        header.set_entry_type(kind);
        header.set_size(size);
        header.set_mode(0o640);
        header.set_uid(12);
        header.set_gid(34);
        header
    }

    /// An archive of these files.
    fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut builder = Builder::new(Vec::new());
        for (path, content) in files {
            let kind = match path.strip_suffix('/') {
                Some(_) => EntryType::Directory,
                None => EntryType::Regular,
            };
            let mut header = header(kind, content.len() as u64);
            builder.append_data(&mut header, path, *content).unwrap();
        }
        builder.into_inner().unwrap()
    }

    #[test]
    fn a_file_with_its_mode_and_owner() {
        let long = format!("{}/x", "d".repeat(150));
        for (name, content) in [
            ("app.conf", vec![7; 1025]),
            ("empty", vec![]),
            (&long, vec![1; 512]),
        ] {
            let bytes = archive(&[(name, &content)]);
            for size in [1, 7, 512, 100_000] {
                let read = read(&bytes, size).unwrap();
                assert_eq!(read.kind, FileKind::File);
                assert_eq!(
                    (read.mode, read.uid, read.gid),
                    (Some(0o640), Some(12), Some(34))
                );
                assert_eq!(read.digest(), Some(&Sensitive::digest(&content)));
            }
        }
    }

    #[test]
    fn a_directory_with_links() {
        let mut builder = Builder::new(Vec::new());
        let add = |builder: &mut Builder<Vec<u8>>, path: &str, kind, content: &[u8]| {
            let mut header = header(kind, content.len() as u64);
            builder.append_data(&mut header, path, content).unwrap();
        };
        add(&mut builder, "conf/", EntryType::Directory, b"");
        add(&mut builder, "conf/a", EntryType::Regular, b"one");
        builder
            .append_link(&mut header(EntryType::Symlink, 0), "conf/b", "a")
            .unwrap();
        builder
            .append_link(&mut header(EntryType::Link, 0), "conf/c", "conf/a")
            .unwrap();
        let read = read(&builder.into_inner().unwrap(), 100).unwrap();
        assert_eq!(read.kind, FileKind::Directory);
        let one = Sensitive::digest("one");
        let files = [("a", one.clone()), ("b", Content::link(b"a")), ("c", one)];
        assert_eq!(
            read.files,
            files.map(|(path, digest)| (path.to_owned(), digest)).into()
        );
    }

    #[test]
    fn content_beyond_the_limits_is_reported() {
        let large = archive(&[("a", &vec![0; MAX_BOUND_BYTES])]);
        let names: Vec<String> = (0..=MAX_BOUND_FILES).map(|n| format!("d/{n}")).collect();
        let many: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
        for bytes in [large, archive(&many)] {
            let read = read(&bytes, 4096).unwrap();
            assert!(
                read.unread
                    .unwrap()
                    .starts_with("only 1000 files and 16 MiB")
            );
        }
    }

    #[test]
    fn an_invalid_or_damaged_archive() {
        let bytes = archive(&[("a", b"one")]);
        let cut = bytes.get(..700).unwrap();
        let mut damaged = bytes.clone();
        damaged[3] ^= 1;
        let mut size = bytes.clone();
        size[124..136].copy_from_slice(b"zzzzzzzzzzzz");
        let text = [b'{'; 2000];
        for bytes in [&b""[..], cut, &damaged, &size, &text, &[0; 1024]] {
            assert!(read(bytes, 100).is_err());
        }
        let mut long = header(EntryType::GNULongName, 1 << 30);
        long.set_cksum();
        assert!(read(long.as_bytes(), 512).is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_and_no_cuts_of_an_archive_panic(
            mut bytes in proptest::collection::vec(any::<u8>(), 0..2048),
            at in 0usize..1536,
            size in 1usize..700,
        ) {
            let _ = read(&bytes, size);
            let mut good = archive(&[("conf/", b""), ("conf/a", b"one")]);
            if let (Some(byte), Some(to)) = (bytes.pop(), good.get_mut(at)) {
                *to = byte;
            }
            let _ = read(&good, size);
        }
    }
}
