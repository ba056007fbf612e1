//! Frames as decoders read them from files: Ogg for Opus, IVF for video; others as they are.
use str0m::format::Codec;
use str0m::media::{Frequency, MediaTime};

#[derive(Default)]
pub struct FrameFile {
    ogg: Ogg,
    ivf: Option<u64>,
}

impl FrameFile {
    /// What this frame adds to the file.
    pub fn add(&mut self, codec: Codec, data: &[u8], time: MediaTime) -> Vec<u8> {
        match codec {
            Codec::Opus => self.ogg.page(data, time.rebase(Frequency::FORTY_EIGHT_KHZ).numer()),
            Codec::Vp8 | Codec::Vp9 | Codec::Av1 => self.ivf(codec, data, time.rebase(Frequency::NINETY_KHZ).numer()),
            _ => data.to_vec(),
        }
    }

    fn ivf(&mut self, codec: Codec, data: &[u8], ticks: u64) -> Vec<u8> {
        let mut out = vec![];
        let begin = *self.ivf.get_or_insert_with(|| {
            let name = match codec {
                Codec::Vp8 => b"VP80",
                Codec::Vp9 => b"VP90",
                _ => b"AV01",
            };
            out.extend_from_slice(b"DKIF\0\0\x20\0");
            out.extend_from_slice(name);
            out.extend_from_slice(&[64, 1, 240, 0]); // 320 x 240; decoders go by the frames
            out.extend_from_slice(&90_000u32.to_le_bytes());
            out.extend_from_slice(&1u32.to_le_bytes());
            out.extend_from_slice(&[0; 8]);
            ticks
        });
        // Temporal units begin with a delimiter, which RTP leaves out.
        let delimiter: &[u8] = if codec == Codec::Av1 { &[0x12, 0] } else { &[] };
        out.extend_from_slice(&((data.len() + delimiter.len()) as u32).to_le_bytes());
        out.extend_from_slice(&ticks.saturating_sub(begin).to_le_bytes());
        out.extend_from_slice(delimiter);
        out.extend_from_slice(data);
        out
    }
}

/// Pages of one packet of Opus each (RFC 3533, RFC 7845).
#[derive(Default)]
struct Ogg {
    pages: u32,
    begin: u64,
}

fn checksum(page: &[u8]) -> u32 {
    page.iter().fold(0, |sum, octet| {
        (0..8).fold(
            sum ^ (u32::from(*octet) << 24),
            |one, _| if one >> 31 == 1 { (one << 1) ^ 0x04c1_1db7 } else { one << 1 },
        )
    })
}

impl Ogg {
    fn raw(&mut self, packet: &[u8], position: u64) -> Vec<u8> {
        let mut page = b"OggS\0".to_vec();
        page.push(if self.pages == 0 { 2 } else { 0 });
        page.extend_from_slice(&position.to_le_bytes());
        page.extend_from_slice(&1u32.to_le_bytes());
        page.extend_from_slice(&self.pages.to_le_bytes());
        page.extend_from_slice(&[0; 4]);
        let segments = packet.len() / 255 + 1;
        page.push(segments as u8);
        page.extend(std::iter::repeat_n(255, segments - 1));
        page.push((packet.len() % 255) as u8);
        page.extend_from_slice(packet);
        let sum = checksum(&page);
        page[22..26].copy_from_slice(&sum.to_le_bytes());
        self.pages += 1;
        page
    }

    /// A packet at this many samples; before the first one, what describes the stream.
    fn page(&mut self, packet: &[u8], ticks: u64) -> Vec<u8> {
        let mut out = vec![];
        if self.pages == 0 {
            self.begin = ticks;
            out.extend(self.raw(b"OpusHead\x01\x02\0\0\x80\xbb\0\0\0\0\0", 0));
            out.extend(self.raw(b"OpusTags\x05\0\0\0str0m\0\0\0\0", 0));
        }
        let position = ticks.saturating_sub(self.begin) + 960;
        out.extend(self.raw(packet, position));
        out
    }
}
